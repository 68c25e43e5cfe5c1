import { createRequire } from 'node:module';
import { ChatOpenAI } from '@langchain/openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type OpenAiServer, startOpenAiServer } from '../../examples/endpoint/server.mjs';
import { openRunCount } from '../../integrations/langchain/open-runs.ts';
import { type LangChainCopy, loadCopy, recordSpans } from './langchain-setup.ts';
import { patch as patchOpenAi } from './openai-setup.ts';

const recorded = recordSpans();

describe('ChatOpenAI with the openai package logged too', () => {
  let copy: LangChainCopy;
  let server: OpenAiServer;
  let undo: (() => void)[];

  beforeAll(async () => {
    server = await startOpenAiServer();
    copy = await loadCopy('core 1.x imported');
    undo = [copy.patch(), patchOpenAi(await import(ownOpenAi()))];
  });

  beforeEach(() => recorded.clear());

  afterAll(async () => {
    for (const each of undo) each();
    await server.close();
  });

  function createModel(fields: object = {}) {
    const configuration = { baseURL: server.url };
    return new ChatOpenAI({ model: 'gpt-4.1-mini', apiKey: 'any', maxRetries: 0, configuration, ...fields });
  }

  /** Tokens of the only trace and of its spans, by name. */
  function tokens(): Record<string, unknown> {
    const ofTrace = JSON.parse(recorded.traces[0]?.metadata['mlflow.trace.tokenUsage'] ?? '{}') as unknown;
    const ofSpans = recorded.spans.map(({ name, attributes }) => [name, attributes['mlflow.chat.tokenUsage']]);
    return { trace: ofTrace, ...Object.fromEntries(ofSpans) };
  }

  it.each([
    ['Completions', {}],
    ['Responses', { useResponsesApi: true }],
  ])('makes the %s span a child of the chat model and counts tokens once', async (resource, fields) => {
    const chain = copy.ChatPromptTemplate.fromTemplate('Hello {name}').pipe(createModel(fields));
    const { content } = await chain.invoke({ name: 'you' });
    expect(recorded.tree()).toEqual([
      'RunnableSequence CHAIN',
      '  ChatPromptTemplate CHAIN',
      '  ChatOpenAI CHAT_MODEL',
      `    ${resource} CHAT_MODEL`,
    ]);
    expect(recorded.span('ChatOpenAI').attributes).toMatchObject({
      'mlflow.llm.model': 'gpt-4.1-mini',
      'mlflow.llm.provider': 'openai',
      'mlflow.spanInputs': { messages: [{ role: 'user', content: 'Hello you' }] },
      'mlflow.spanOutputs': { choices: [{ message: { role: 'assistant', content: expect.anything() } }] },
    });
    expect(String(content)).not.toBe('');
    const { trace, ChatOpenAI: ofModel, [resource]: ofCall } = tokens();
    expect(trace).toEqual(ofModel);
    expect(ofCall).toMatchObject(trace as object);
  });

  it('does so for a stream, whose provider span is read in its own context', async () => {
    await Promise.all(
      ['a', 'b'].map(async (name) => {
        for await (const _piece of await createModel().stream(name, { runName: name }));
      }),
    );
    expect(recorded.traces).toHaveLength(2);
    const calls = recorded.spans.filter(({ name }) => name === 'Completions');
    const above = calls.map(
      ({ parentSpanId }) => recorded.spans.find(({ spanId }) => spanId === parentSpanId)?.name,
    );
    expect(above.sort()).toEqual(['a', 'b']);
  });

  it('records a tool call and its answer', async () => {
    const schema = z.object({ city: z.string() });
    const weather = copy.tool(() => 'sunny', { name: 'get_weather', description: 'weather of a city', schema });
    await createModel().bindTools([weather]).invoke('What is the weather in Paris?');
    expect(recorded.span('ChatOpenAI').attributes['mlflow.chat.tools']).toMatchObject([
      { type: 'function', function: { name: 'get_weather', description: 'weather of a city' } },
    ]);
  });

  it('records a refused key on every level and passes the error on', async () => {
    const restore = server.reply('chat.completions', () => ({
      status: 401,
      body: { error: { message: 'bad key' } },
    }));
    await expect(createModel().invoke('hello')).rejects.toMatchObject({ status: 401 });
    restore();
    expect(recorded.tree()).toEqual(['ChatOpenAI CHAT_MODEL ERROR', '  Completions CHAT_MODEL ERROR']);
  });

  it('ends both spans when a stream is left early, and the request ends too', async () => {
    for await (const _piece of await createModel().stream('hello')) break;
    expect(recorded.tree()).toEqual(['ChatOpenAI CHAT_MODEL', '  Completions CHAT_MODEL']);
    expect(recorded.spans.map(({ attributes }) => attributes['autolog.cancelled'])).toEqual([true, true]);
  });

  it('keeps calls apart that wait in the queue of one model', async () => {
    const model = createModel({ maxConcurrency: 1 });
    const names = ['a', 'b', 'c'];
    await Promise.all(names.map((name) => model.invoke(name, { runName: name })));
    expect(recorded.tree().sort()).toEqual([
      ...Array(3).fill('  Completions CHAT_MODEL'),
      ...names.map((name) => `${name} CHAT_MODEL`),
    ]);
    expect(recorded.traces).toHaveLength(3);
    await model.invoke('last');
    expect(openRunCount()).toBe(0);
  });
});

/** The ES module that @langchain/openai imports, which has a version of the package of its own. */
function ownOpenAi(): string {
  const require = createRequire(import.meta.url);
  return createRequire(require.resolve('@langchain/openai'))
    .resolve('openai')
    .replace(/index\.js$/, 'index.mjs');
}
