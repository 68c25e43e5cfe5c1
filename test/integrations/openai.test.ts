import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type OpenAiServer, startOpenAiServer } from '../../examples/endpoint/server.mjs';
import { autolog } from '../../integrations/openai.ts';
import type { SpanRecord } from '../../src/store/log-record.ts';
import { activeSpan, endOpenTraces, withSpan } from '../../src/tracing/tracer.ts';
import { copyNames, loadCopy, patch, recordSpans } from './openai-setup.ts';

const recorded = recordSpans();
const newest = await loadCopy('openai 7 imported');
let server: OpenAiServer;
let unpatch: (() => void) | undefined;

beforeAll(async () => {
  server = await startOpenAiServer();
});
afterAll(() => server.close());
beforeEach(() => recorded.clear());
afterEach(() => {
  unpatch?.();
  unpatch = undefined;
  endOpenTraces();
});

const messages = [{ role: 'user' as const, content: 'Write a limerick' }];
const chat = { model: 'gpt-4.1-mini', messages };

function clientOf(copy = newest, baseURL = server.url) {
  return new copy.module.OpenAI({ apiKey: 'sk-secret', baseURL, maxRetries: 0 });
}

/** The one span that was recorded. */
function onlySpan(): SpanRecord {
  expect(recorded.spans).toHaveLength(1);
  return recorded.spans[0] as SpanRecord;
}

function inputsOf(span: SpanRecord): unknown {
  return span.attributes['mlflow.spanInputs'];
}

// biome-ignore lint/suspicious/noExplicitAny: the outputs are whatever the API answers.
function outputsOf(span: SpanRecord): any {
  return span.attributes['mlflow.spanOutputs'];
}

describe.each(await Promise.all(copyNames.map(loadCopy)))('$name', (copy) => {
  beforeEach(() => {
    unpatch = patch(copy.module);
  });

  it('records a chat completion', async () => {
    const completion = await clientOf(copy).chat.completions.create({ ...chat, temperature: 0.5 });
    const span = onlySpan();
    expect(span).toMatchObject({ name: 'Completions', parentSpanId: null, status: { code: 'OK' } });
    expect(inputsOf(span)).toEqual({ ...chat, temperature: 0.5 });
    expect(outputsOf(span)).toEqual(JSON.parse(JSON.stringify(completion)));
    expect(span.attributes).toMatchObject({
      'mlflow.spanType': 'CHAT_MODEL',
      'mlflow.message.format': 'openai',
      'mlflow.llm.model': completion.model,
      'mlflow.llm.provider': '127.0.0.1',
      'mlflow.chat.tokenUsage': {
        input_tokens: completion.usage?.prompt_tokens,
        output_tokens: completion.usage?.completion_tokens,
        total_tokens: completion.usage?.total_tokens,
      },
      temperature: 0.5,
    });
    expect(JSON.stringify(recorded.spans)).not.toContain('sk-secret');
  });

  it('records what a stream amounts to', async () => {
    const stream = await clientOf(copy).chat.completions.create({ ...chat, n: 2, stream: true });
    const texts = ['', ''];
    for await (const { choices } of stream)
      for (const { index, delta } of choices) texts[index] += delta.content ?? '';
    const { choices } = outputsOf(onlySpan());
    expect(choices.map(({ message }: { message: { content: string } }) => message.content)).toEqual(texts);
    expect(onlySpan().events).toMatchObject([{ name: 'first_chunk' }]);
    expect(onlySpan().attributes).not.toHaveProperty('mlflow.chat.tokenUsage');
  });

  it('records parallel tool calls and usage of a stream', async () => {
    const tools = [{ type: 'function' as const, function: { name: 'get_weather', parameters: {} } }];
    const request = { ...chat, tools, stream: true as const, stream_options: { include_usage: true } };
    for await (const _ of await clientOf(copy).chat.completions.create(request));
    const span = onlySpan();
    const calls = outputsOf(span).choices[0].message.tool_calls;
    expect(calls.map((call: { function: { arguments: string } }) => JSON.parse(call.function.arguments))).toEqual([
      { city: 'Paris' },
      { city: 'Tokyo' },
    ]);
    expect(span.attributes['mlflow.chat.tools']).toEqual(tools);
    expect(span.attributes['mlflow.chat.tokenUsage']).toMatchObject({ input_tokens: 71, output_tokens: 46 });
  });

  it('records one span for parse()', async () => {
    const format = copy.zodResponseFormat(z.object({ species: z.string() }), 'flower');
    await clientOf(copy).chat.completions.parse({ ...chat, response_format: format });
    expect(JSON.parse(outputsOf(onlySpan()).choices[0].message.content)).toHaveProperty('species');
  });

  it('records one span for stream()', async () => {
    const completion = await clientOf(copy).chat.completions.stream(chat).finalChatCompletion();
    expect(outputsOf(onlySpan()).choices[0].message.content).toBe(completion.choices[0]?.message.content);
  });

  it('records the calls of runTools under an agent', async () => {
    const seen: unknown[] = [];
    const weather = {
      name: 'get_weather',
      description: '',
      parameters: {},
      function: () => {
        seen.push(activeSpan()?.name);
        return 'rain';
      },
    };
    const tools = [{ type: 'function' as const, function: weather }];
    const answer = await clientOf(copy)
      .chat.completions.runTools({ ...chat, tools })
      .finalContent();
    await new Promise((resolve) => setImmediate(resolve));
    const agent = recorded.spans.at(-1) as SpanRecord;
    const below = recorded.spans.slice(0, -1);
    expect(below.map(({ name }) => name)).toEqual(['Completions', 'get_weather', 'get_weather', 'Completions']);
    expect(below.map(({ parentSpanId }) => parentSpanId)).toEqual(below.map(() => agent.spanId));
    expect(below[1]?.attributes).toMatchObject({
      'mlflow.spanType': 'TOOL',
      'mlflow.spanInputs': '{"city": "Paris"}',
      'mlflow.spanOutputs': 'rain',
    });
    expect(agent.attributes['mlflow.spanType']).toBe('AGENT');
    expect(outputsOf(agent).messages.at(-1).content).toBe(answer);
    expect(seen).toEqual(['runTools', 'runTools']);
    expect(recorded.traces).toHaveLength(1);
    expect(JSON.parse(recorded.traces[0]?.metadata['mlflow.trace.tokenUsage'] ?? '')).toMatchObject({
      total_tokens: 117 + 184,
    });
  });

  it.each([true, false])('records a response (stream: %s)', async (stream) => {
    const reply = await clientOf(copy).responses.create({ model: 'gpt-4.1-mini', input: 'think', stream });
    if (Symbol.asyncIterator in reply) for await (const _ of reply);
    const span = onlySpan();
    expect(span).toMatchObject({ name: 'Responses', attributes: { 'mlflow.spanType': 'CHAT_MODEL' } });
    expect(outputsOf(span)).toMatchObject({ object: 'response', status: 'completed' });
    expect(outputsOf(span).output_text).not.toBe('');
    expect(span.attributes['mlflow.chat.tokenUsage']).toMatchObject({
      reasoning_output_tokens: outputsOf(span).usage.output_tokens_details.reasoning_tokens,
    });
  });

  it('records one span for the helpers of responses', async () => {
    await clientOf(copy).responses.parse({ model: 'gpt-4.1-mini', input: 'x' });
    await clientOf(copy).responses.stream({ model: 'gpt-4.1-mini', input: 'x' }).finalResponse();
    expect(recorded.spans.map(({ name }) => name)).toEqual(['Responses', 'Responses']);
  });

  it.each([undefined, 'float', 'base64'] as const)(
    'records the size of embeddings, not all values (%s)',
    async (format) => {
      const input = ['red petals', 'blue'];
      const request = { model: 'text-embedding-3-small', input, ...(format && { encoding_format: format }) };
      const { data } = await clientOf(copy).embeddings.create(request);
      const span = onlySpan();
      expect(span).toMatchObject({ name: 'Embeddings', attributes: { 'mlflow.spanType': 'EMBEDDING' } });
      expect(outputsOf(span)).toMatchObject({ count: 2, dimensions: 1536 });
      expect(outputsOf(span).data[1].first_values).toHaveLength(8);
      if (format !== 'base64')
        expect(outputsOf(span).data[0].first_values).toEqual(data[0]?.embedding.slice(0, 8));
      expect(span.attributes['mlflow.chat.tokenUsage']).toEqual({
        input_tokens: 3,
        output_tokens: 0,
        total_tokens: 3,
      });
    },
  );

  it.each([true, false])('records a legacy completion (stream: %s)', async (stream) => {
    const reply = await clientOf(copy).completions.create({
      model: 'gpt-3.5-turbo-instruct',
      prompt: 'x',
      stream,
    });
    if (Symbol.asyncIterator in reply) for await (const _ of reply);
    const span = onlySpan();
    expect(span).toMatchObject({ name: 'Completions', attributes: { 'mlflow.spanType': 'LLM' } });
    expect(outputsOf(span).choices[0].text).not.toBe('');
  });

  it.each(['fails-401', 'fails-429', 'fails-500'])('records an error reply: %s', async (model) => {
    const error = await clientOf(copy)
      .chat.completions.create({ ...chat, model })
      .catch((reason: Error) => reason);
    expect(error).toBeInstanceOf(copy.module.APIError);
    expect(onlySpan().status).toEqual({ code: 'ERROR', message: (error as Error).message });
    expect(onlySpan().events).toMatchObject([
      { name: 'exception', attributes: { 'exception.message': (error as Error).message } },
    ]);
    expect(recorded.traces).toMatchObject([{ state: 'ERROR' }]);
  });

  it('records what came before the error of a stream', async () => {
    const stream = await clientOf(copy).chat.completions.create({ ...chat, model: 'breaks-midway', stream: true });
    const read = async (): Promise<void> => {
      for await (const _ of stream);
    };
    await expect(read()).rejects.toThrow('had an error');
    expect(onlySpan().status.code).toBe('ERROR');
    expect(outputsOf(onlySpan()).choices[0].message.content).toBe('A modeller');
  });

  it('marks a stream that is left early', async () => {
    for await (const _ of await clientOf(copy).chat.completions.create({ ...chat, stream: true })) break;
    expect(onlySpan()).toMatchObject({ status: { code: 'OK' }, attributes: { 'autolog.cancelled': true } });
    expect(outputsOf(onlySpan()).choices[0].message).toMatchObject({ role: 'assistant', content: '' });
  });

  it('marks a stream that is aborted', async () => {
    const stream = await clientOf(copy).chat.completions.create({ ...chat, model: 'slow', stream: true });
    for await (const _ of stream) stream.controller.abort();
    expect(onlySpan()).toMatchObject({ status: { code: 'OK' }, attributes: { 'autolog.cancelled': true } });
  });

  it('keeps the span of an unread stream open', async () => {
    await clientOf(copy).chat.completions.create({ ...chat, stream: true });
    expect(recorded.spans).toEqual([]);
    endOpenTraces();
    expect(onlySpan().status).toEqual({ code: 'UNSET', message: expect.stringContaining('did not end') });
  });

  it('records the status of a raw response, and the data when it is asked for next', async () => {
    const { completions } = clientOf(copy).chat;
    await completions.create(chat).asResponse();
    await new Promise((resolve) => setImmediate(resolve));
    expect(outputsOf(onlySpan())).toEqual({ status: 200, request_id: expect.stringMatching(/^req_/) });
    recorded.clear();
    const promise = completions.create(chat);
    await promise.asResponse();
    const { id } = await promise;
    await new Promise((resolve) => setImmediate(resolve));
    expect(outputsOf(onlySpan()).id).toBe(id);
  });

  it('records Azure as the provider', async () => {
    const azure = new copy.module.AzureOpenAI({ apiKey: 'k', endpoint: server.origin, apiVersion: '2024-10-21' });
    for await (const _ of await azure.chat.completions.create({ ...chat, stream: true }));
    expect(onlySpan().attributes).toMatchObject({
      'mlflow.llm.provider': 'azure',
      'mlflow.llm.model': expect.stringMatching(/./),
    });
    expect(outputsOf(onlySpan()).id).toMatch(/^chatcmpl-/);
  });
});

describe('the openai integration', () => {
  it.each([
    ['https://api.openai.com/v1', 'openai'],
    ['https://eu.api.openai.com/v1', 'openai'],
    ['https://mine.openai.azure.com/openai/v1', 'azure'],
    ['https://api.groq.com/openai/v1', 'api.groq.com'],
  ])('takes the provider from %s', async (baseURL, provider) => {
    unpatch = patch(newest.module);
    await clientOf(newest, baseURL)
      .chat.completions.create(chat, { signal: AbortSignal.abort() })
      .catch(() => undefined);
    expect(onlySpan().attributes['mlflow.llm.provider']).toBe(provider);
  });

  it('nests a call under the active span, and what follows beside it', async () => {
    unpatch = patch(newest.module);
    await withSpan({ name: 'answer' }, async () => {
      await clientOf().chat.completions.create(chat);
      await clientOf().chat.completions.create(chat);
    });
    const [first, second, root] = recorded.spans;
    expect([first?.parentSpanId, second?.parentSpanId]).toEqual([root?.spanId, root?.spanId]);
  });

  it('leaves out the keys that tools carry', async () => {
    unpatch = patch(newest.module);
    const mcp = {
      type: 'mcp' as const,
      server_label: 'm',
      server_url: 'https://m.example',
      authorization: 'tok-1',
    };
    await clientOf().responses.create({
      model: 'gpt-4.1-mini',
      input: 'x',
      tools: [{ ...mcp, headers: { key: 'tok-2' } }],
    });
    expect(inputsOf(onlySpan())).toMatchObject({
      tools: [{ server_label: 'm', authorization: '[not recorded]' }],
    });
    expect(JSON.stringify(recorded.spans)).not.toMatch(/tok-[12]/);
    expect(server.requests.at(-1)?.body).toMatchObject({
      tools: [{ authorization: 'tok-1', headers: { key: 'tok-2' } }],
    });
  });

  it('records a response that failed without an error of the call', async () => {
    unpatch = patch(newest.module);
    const error = { code: 'server_error', message: 'The model is gone.' };
    const undo = server.reply('responses', () => ({
      body: { object: 'response', status: 'failed', error, output: [] },
    }));
    await clientOf().responses.create({ model: 'gpt-4.1-mini', input: 'x' }).finally(undo);
    expect(onlySpan()).toMatchObject({ status: { code: 'ERROR', message: 'The model is gone.' } });
    expect(onlySpan().events).toMatchObject([{ attributes: { 'exception.type': 'server_error' } }]);
  });

  it.each([{ logTraces: false }, { disable: true }])('records nothing with %o', async (config) => {
    unpatch = patch(newest.module, { logTraces: false, ...config });
    await clientOf().chat.completions.create(chat);
    expect(recorded.spans).toEqual([]);
  });

  it.each([
    ['the namespace', () => newest.module],
    ['the class', () => newest.module.OpenAI],
    ['the default export', () => ({ default: newest.module.OpenAI })],
    ['a client', () => clientOf()],
    ['the class of Azure', () => newest.module.AzureOpenAI],
  ])('takes %s by hand', async (_, handle) => {
    unpatch = patch(autolog.definition.given?.(handle()), {}, 'given');
    await clientOf().chat.completions.create(chat);
    await clientOf().embeddings.create({ model: 'text-embedding-3-small', input: 'x' });
    expect(recorded.spans.map(({ name }) => name)).toEqual(['Completions', 'Embeddings']);
  });

  it.each([null, 'openai', 7, {}, []])('takes nothing that is no openai by hand: %o', (handle) => {
    expect(autolog.definition.given?.(handle)).toBeUndefined();
  });

  it('patches a class once when it is seen twice', async () => {
    const first = patch(newest.module);
    const second = patch(newest.module.OpenAI, {}, 'given');
    unpatch = () => {
      second();
      first();
    };
    await clientOf().chat.completions.create(chat);
    expect(recorded.spans).toHaveLength(1);
  });
});
