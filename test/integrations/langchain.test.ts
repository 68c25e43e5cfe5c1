import { getEventListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openRunCount } from '../../integrations/langchain/open-runs.ts';
import { autolog } from '../../integrations/langchain.ts';
import type { IntegrationDefinition } from '../../src/autologging/definition.ts';
import { installPatches } from '../../src/autologging/install-patches.ts';
import { DEFAULT_CONFIG } from '../../src/autologging/options.ts';
import { withoutAutolog } from '../../src/autologging/session.ts';
import { startSpan, withActiveSpan, withSpan } from '../../src/tracing/tracer.ts';
import { createChatModel, createRetriever, createTextModel } from './langchain-models.ts';
import { copyNames, type LangChainCopy, loadCopy, recordSpans } from './langchain-setup.ts';

const recorded = recordSpans();

describe.each(copyNames)('%s', (name) => {
  let copy: LangChainCopy;
  let originals: unknown[];
  let unpatch: () => void;

  beforeAll(async () => {
    copy = await loadCopy(name);
    originals = functionsOf(copy);
  });

  beforeEach(() => {
    recorded.clear();
    unpatch = copy.patch();
  });

  afterEach(() => {
    unpatch();
    expect(openRunCount()).toBe(0);
  });

  function createModel() {
    return new (createChatModel(copy))({});
  }

  function createChain() {
    const prompt = copy.ChatPromptTemplate.fromMessages([
      ['system', 'Be brief.'],
      ['human', '{question}'],
    ]);
    return prompt.pipe(createModel()).pipe(new copy.StringOutputParser());
  }

  const CHAIN = [
    'RunnableSequence CHAIN',
    '  ChatPromptTemplate CHAIN',
    '  EchoModel CHAT_MODEL',
    '  StrOutputParser CHAIN',
  ];

  it('records a chain as one trace with its parts', async () => {
    expect(await createChain().invoke({ question: 'why' })).toBe('echo of why');
    expect(recorded.tree()).toEqual(CHAIN);
    expect(recorded.traces).toHaveLength(1);
    const { attributes } = recorded.span('RunnableSequence');
    expect(attributes['mlflow.spanInputs']).toEqual({ question: 'why' });
    expect(attributes['mlflow.spanOutputs']).toEqual({ output: 'echo of why' });
    expect(recorded.span('ChatPromptTemplate').attributes['mlflow.spanOutputs']).toEqual({
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'why' },
      ],
    });
  });

  it('records messages, choices and tokens of a chat model', async () => {
    await createChain().invoke({ question: 'why' }, { metadata: { thread_id: 'thread-1' }, tags: ['mine'] });
    const { attributes } = recorded.span('EchoModel');
    expect(attributes).toMatchObject({
      'mlflow.spanInputs': {
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'why' },
        ],
      },
      'mlflow.spanOutputs': {
        choices: [{ index: 0, message: { role: 'assistant', content: 'echo of why' }, finish_reason: null }],
      },
      'mlflow.message.format': 'langchain',
      'mlflow.chat.tokenUsage': {
        input_tokens: 20,
        output_tokens: 5,
        total_tokens: 25,
        cache_read_input_tokens: 12,
        reasoning_output_tokens: 2,
      },
      'session.id': 'thread-1',
      tags: expect.arrayContaining(['mine']),
    });
    expect(JSON.parse(recorded.traces[0]?.metadata['mlflow.trace.tokenUsage'] ?? '')).toMatchObject({
      total_tokens: 25,
    });
  });

  it('records a streamed chain with what it amounts to', async () => {
    const pieces: string[] = [];
    for await (const piece of await createChain().stream({ question: 'why' })) pieces.push(piece);
    expect(pieces.join('')).toBe('one two three');
    expect(recorded.tree()).toEqual(CHAIN);
    const { attributes, events } = recorded.span('EchoModel');
    expect(attributes).toMatchObject({
      'mlflow.spanOutputs': { choices: [{ message: { content: 'one two three' } }] },
      'mlflow.chat.tokenUsage': { total_tokens: 25 },
      'langchain.chunk_count': 3,
    });
    expect(events.map((event) => event.name)).toEqual(['first_chunk']);
    expect(recorded.span('StrOutputParser').attributes['mlflow.spanOutputs']).toEqual('one two three');
    expect(JSON.stringify(recorded.span('StrOutputParser').attributes['mlflow.spanInputs'])).toContain('three');
  });

  it('ends every span of a chain whose stream is left early', async () => {
    for await (const _piece of await createChain().stream({ question: 'why' })) break;
    expect(recorded.tree()).toEqual(CHAIN);
    expect(recorded.span('EchoModel').attributes['autolog.cancelled']).toBe(true);
    expect(recorded.traces).toHaveLength(1);
    // The runs themselves are dropped when the next one starts.
    await createChain().invoke({ question: 'why' });
  });

  it('ends the span of a stream that is aborted while its next piece is under way', async () => {
    const model = createModel();
    const { _streamResponseChunks: stream } = model;
    Object.assign(model, {
      async *_streamResponseChunks(...args: Parameters<typeof stream>) {
        for await (const piece of Reflect.apply(stream, model, args)) {
          await sleep(10);
          yield piece;
        }
      },
    });
    const controller = new AbortController();
    const read = async (): Promise<void> => {
      for await (const _piece of await model.stream('why', { signal: controller.signal })) controller.abort();
    };
    await expect(read()).rejects.toThrow();
    await sleep(50);
    expect(recorded.tree()).toEqual(['EchoModel CHAT_MODEL ERROR']);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  it('records nothing else for streamEvents', async () => {
    const events: string[] = [];
    for await (const { event } of createChain().streamEvents({ question: 'why' }, { version: 'v2' })) {
      events.push(event);
    }
    expect(events).toContain('on_chat_model_stream');
    expect(recorded.tree()).toEqual(CHAIN);
  });

  it('keeps the runs of a batch apart', async () => {
    const slow = copy.RunnableLambda.from(async ({ wait }: { wait: number }) => {
      await new Promise((resolve) => setTimeout(resolve, wait));
      return { question: String(wait) };
    });
    const inputs = [{ wait: 9 }, { wait: 1 }, { wait: 5 }];
    expect(await slow.pipe(createChain()).batch(inputs)).toEqual(['echo of 9', 'echo of 1', 'echo of 5']);
    expect(recorded.traces).toHaveLength(3);
    for (const { traceId } of recorded.traces) {
      const own = recorded.spans.filter((span) => span.traceId === traceId);
      expect(own.map((span) => span.name).sort()).toEqual([
        'ChatPromptTemplate',
        'EchoModel',
        'RunnableLambda',
        'RunnableSequence',
        'RunnableSequence',
        'StrOutputParser',
      ]);
      const root = own.find((span) => span.parentSpanId === null)?.attributes['mlflow.spanInputs'];
      const asked = own.find((span) => span.name === 'EchoModel')?.attributes['mlflow.spanInputs'];
      expect(asked).toMatchObject({ messages: [{}, { content: String((root as { wait: number }).wait) }] });
    }
  });

  it('nests parallel branches under their own parent', async () => {
    const branches = copy.RunnableMap.from({ left: createChain(), right: createChain() });
    await branches.withConfig({ runName: 'both' }).invoke({ question: 'why' });
    expect(recorded.tree().filter((line) => !line.startsWith('    '))).toEqual([
      'both CHAIN',
      '  RunnableSequence CHAIN',
      '  RunnableSequence CHAIN',
    ]);
    expect(recorded.tree().filter((line) => line === '    EchoModel CHAT_MODEL')).toHaveLength(2);
  });

  it('records tools, retrievers and text models', async () => {
    const schema = z.object({ a: z.number(), b: z.number() });
    const add = copy.tool(({ a, b }: z.infer<typeof schema>) => a + b, { name: 'add', description: '', schema });
    await add.invoke({ id: 'call-1', name: 'add', args: { a: 1, b: 2 }, type: 'tool_call' });
    await new (createRetriever(copy))().invoke('birds');
    await new (createTextModel(copy))({}).invoke('start');
    expect(recorded.tree().sort()).toEqual(['NotesRetriever RETRIEVER', 'TextModel LLM', 'add TOOL']);
    expect(recorded.span('add').attributes).toMatchObject({
      'mlflow.spanInputs': { a: 1, b: 2 },
      'mlflow.spanOutputs': { role: 'tool', content: '3', tool_call_id: 'call-1' },
    });
    expect(recorded.span('NotesRetriever').attributes).toMatchObject({
      'mlflow.spanInputs': 'birds',
      'mlflow.spanOutputs': [{ page_content: 'note on birds', metadata: { page: 7 }, id: 'note-7' }],
    });
    expect(recorded.span('TextModel').attributes).toMatchObject({
      'mlflow.spanInputs': ['start'],
      'mlflow.spanOutputs': { choices: [{ message: { role: 'assistant', content: 'text after start' } }] },
    });
  });

  it('passes on an error and records it where it was thrown and above', async () => {
    const failure = new TypeError('no such bird');
    const model = createModel();
    model.onCall = () => {
      throw failure;
    };
    const chain = copy.ChatPromptTemplate.fromTemplate('{question}').pipe(model);
    await expect(chain.invoke({ question: 'why' })).rejects.toBe(failure);
    expect(recorded.tree()).toEqual([
      'RunnableSequence CHAIN ERROR',
      '  ChatPromptTemplate CHAIN',
      '  EchoModel CHAT_MODEL ERROR',
    ]);
    const [event] = recorded.span('EchoModel').events;
    expect(event).toMatchObject({
      name: 'exception',
      attributes: { 'exception.type': 'TypeError', 'exception.message': 'no such bird' },
    });
    expect(recorded.traces[0]?.state).toBe('ERROR');
  });

  it('makes what a model, tool or function calls a child of its span', async () => {
    const provider = () => withSpan({ name: 'provider' }, () => undefined);
    const model = createModel();
    model.onCall = provider;
    const add = copy.tool(provider, { name: 'add', description: '', schema: z.object({}) });
    const lambda = copy.RunnableLambda.from(async () => {
      await model.invoke('why');
      for await (const _piece of await model.stream('why')) provider();
      await add.invoke({});
      provider();
    });
    await lambda.invoke('go');
    expect(recorded.tree()).toEqual([
      'RunnableLambda CHAIN',
      '  EchoModel CHAT_MODEL',
      '    provider UNKNOWN',
      '  EchoModel CHAT_MODEL',
      '    provider UNKNOWN',
      ...Array(4).fill('  provider UNKNOWN'),
      '  add TOOL',
      '    provider UNKNOWN',
      '  provider UNKNOWN',
    ]);
  });

  it('keeps provider spans apart when a model queues its calls', async () => {
    const model = new (createChatModel(copy))({ maxConcurrency: 1 });
    model.onCall = ([message]) =>
      model.caller.call(async () => withSpan({ name: `of ${message?.content}` }, () => 0));
    await Promise.all(['a', 'b', 'c'].map((text) => model.invoke(text, { runName: text })));
    expect(recorded.tree().sort()).toEqual([
      '  of a UNKNOWN',
      '  of b UNKNOWN',
      '  of c UNKNOWN',
      'a CHAT_MODEL',
      'b CHAT_MODEL',
      'c CHAT_MODEL',
    ]);
    for (const text of ['a', 'b', 'c']) {
      expect(recorded.span(`of ${text}`).parentSpanId).toBe(recorded.span(text).spanId);
    }
  });

  it("nests under the program's own span and leaves that active", async () => {
    await withSpan({ name: 'mine' }, async () => {
      const running = createChain().invoke({ question: 'why' });
      withSpan({ name: 'beside' }, () => 0);
      await running;
    });
    const { spanId } = recorded.span('mine');
    expect(recorded.span('RunnableSequence').parentSpanId).toBe(spanId);
    expect(recorded.span('beside').parentSpanId).toBe(spanId);
  });

  it('takes the deeper of the run above and the active span', async () => {
    const model = createModel();
    const chain = copy.RunnableLambda.from(async (text: string, config) => {
      await withSpan({ name: 'inner' }, () => model.invoke(text, config));
      const foreign = startSpan({ name: 'foreign' }, null);
      await withActiveSpan(foreign, () => model.invoke(text, { ...config, runName: 'second' }));
      foreign.end();
    });
    await chain.invoke('why', { callbacks: [] });
    expect(recorded.tree().filter((line) => line !== 'foreign UNKNOWN')).toEqual([
      'RunnableLambda CHAIN',
      '  inner UNKNOWN',
      '    EchoModel CHAT_MODEL',
      '  second CHAT_MODEL',
    ]);
  });

  it("keeps the program's callbacks, in whatever form, and does not change them", async () => {
    const seen: string[] = [];
    const handler = { handleChainStart: () => void seen.push('start'), handleLLMEnd: () => void seen.push('llm') };
    const callbacks = [handler];
    await createChain().invoke({ question: 'why' }, { callbacks });
    expect(callbacks).toEqual([handler]);
    const manager = copy.CallbackManager.fromHandlers(handler);
    await createChain().invoke({ question: 'why' }, { callbacks: manager });
    expect(manager.handlers).toHaveLength(1);
    await createChain().invoke({ question: 'why' }, { callbacks: [] });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(seen.sort()).toEqual([...Array(2).fill('llm'), ...Array(6).fill('start')]);
    expect(recorded.tree()).toEqual([...CHAIN, ...CHAIN, ...CHAIN]);
  });

  it('tells each event once when a manager with its handler is given as local callbacks too', async () => {
    const chain = copy.RunnableLambda.from(async (text: string, config) => {
      const model = new (createChatModel(copy))({ callbacks: config.callbacks });
      for await (const _piece of await model.stream(text, config));
    });
    await chain.invoke('why');
    expect(recorded.tree()).toEqual(['RunnableLambda CHAIN', '  EchoModel CHAT_MODEL']);
    expect(recorded.span('EchoModel').attributes['langchain.chunk_count']).toBe(3);
  });

  it('leaves out hidden chains and hangs the models that they call where they would hang', async () => {
    const model = createModel();
    const hidden = copy.RunnableLambda.from((text: string, config) => model.invoke(text, config));
    const outer = copy.RunnableLambda.from((text: string, config) =>
      hidden.invoke(text, { ...config, tags: ['langsmith:hidden'] }),
    );
    await outer.invoke('why');
    expect(recorded.tree()).toEqual(['RunnableLambda CHAIN', '  EchoModel CHAT_MODEL']);
  });

  it('marks the chain of an agent that acts and records what it does', async () => {
    const agent = copy.RunnableLambda.from(async (_text: string, config) => {
      const manager = config.callbacks as InstanceType<typeof copy.CallbackManager>;
      const run = new copy.CallbackManagerForChainRun(
        String(manager.getParentRunId()),
        manager.handlers,
        manager.inheritableHandlers,
        [],
        [],
        {},
        {},
      );
      await run.handleText('thinking');
      await run.handleAgentAction({ tool: 'add', toolInput: { a: 1 }, log: 'adding' });
      await run.handleAgentEnd({ returnValues: { output: 3 }, log: 'done' });
      return 3;
    });
    await agent.invoke('why', { callbacks: [] });
    expect(recorded.tree()).toEqual(['RunnableLambda AGENT']);
    expect(
      recorded.span('RunnableLambda').events.map(({ name: event, attributes }) => [event, attributes]),
    ).toEqual([
      ['text', { text: 'thinking' }],
      ['agent_action', { tool: 'add', tool_input: '{"a":1}', log: 'adding' }],
      ['agent_finish', { return_values: '{"output":3}', log: 'done' }],
    ]);
  });

  it('records nothing where it is suppressed, without traces, or once taken back', async () => {
    await withoutAutolog(() => createChain().invoke({ question: 'why' }));
    unpatch();
    await createChain().invoke({ question: 'why' });
    unpatch = copy.patch({ logTraces: false });
    await createChain().invoke({ question: 'why' });
    expect(recorded.spans).toEqual([]);
  });

  it('leaves a call alone whose data cannot be read', async () => {
    const secret = {
      get value(): never {
        throw new Error('not yours');
      },
    };
    process.env.AUTOLOG_TESTING = '';
    try {
      expect(await copy.RunnableLambda.from(() => secret).invoke({ question: 'why' })).toBe(secret);
    } finally {
      process.env.AUTOLOG_TESTING = '1';
    }
    expect(recorded.tree()).toEqual(['RunnableLambda CHAIN']);
  });

  it('gives the same results, and restores every function when taken back', async () => {
    const run = async () => {
      const pieces: string[] = [];
      for await (const piece of await createChain().stream({ question: 'why' })) pieces.push(piece);
      return JSON.stringify([
        await createChain().invoke({ question: 'why' }),
        await createModel().invoke('why'),
        pieces,
      ]);
    };
    const patched = await run();
    expect(functionsOf(copy)).not.toEqual(originals);
    unpatch();
    expect(functionsOf(copy)).toEqual(originals);
    expect(await run()).toBe(patched);
  });
});

function functionsOf(copy: LangChainCopy): unknown[] {
  return [
    copy.CallbackManager._configureSync,
    copy.BaseChatModel.prototype.generate,
    copy.StructuredTool.prototype.call,
    copy.RunnableSequence.prototype._streamIterator,
  ];
}

describe('what is handed over', () => {
  it.each(['the class', 'the namespace'])('is taken as %s', async (form) => {
    const { CallbackManager } = await loadCopy('core 1.x required');
    const given = autolog.definition.given?.(form === 'the class' ? CallbackManager : { CallbackManager });
    expect(given?.CallbackManager).toBe(CallbackManager);
  });

  it('is enough as the class alone to record every run', async () => {
    const copy = await loadCopy('core 0.3 required');
    const given = autolog.definition.given?.(copy.CallbackManager) ?? {};
    const module = { specifier: '@langchain/core/callbacks/manager', exports: given, how: 'given' } as const;
    const definition = autolog.definition as unknown as IntegrationDefinition;
    const { undo } = installPatches(
      'langchain',
      definition,
      { ...module, packageRoot: null, version: null },
      () => ({
        ...DEFAULT_CONFIG,
      }),
    );
    recorded.clear();
    const chain = copy.RunnableLambda.from((text: string) => text).pipe(new (createChatModel(copy))({}));
    await chain.invoke('why');
    undo();
    expect(recorded.tree()).toEqual([
      'RunnableSequence CHAIN',
      '  RunnableLambda CHAIN',
      '  EchoModel CHAT_MODEL',
    ]);
  });

  it('is refused when it is something else', () => {
    expect(autolog.definition.given?.(class {})).toBeUndefined();
    expect(autolog.definition.given?.('langchain')).toBeUndefined();
    expect(autolog.definition.given?.({ handlers: [] })).toBeUndefined();
  });
});
