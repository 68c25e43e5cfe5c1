import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { inspect } from 'node:util';
import { InMemoryCache } from '@langchain/core/caches';
import { BaseCallbackHandler } from '@langchain/core/callbacks/base';
import { dispatchCustomEvent } from '@langchain/core/callbacks/dispatch';
import { CallbackManager } from '@langchain/core/callbacks/manager';
import { InMemoryChatMessageHistory } from '@langchain/core/chat_history';
import { Document } from '@langchain/core/documents';
import { AIMessage, AIMessageChunk, HumanMessage } from '@langchain/core/messages';
import { JsonOutputParser, StringOutputParser } from '@langchain/core/output_parsers';
import { ChatPromptTemplate, PromptTemplate } from '@langchain/core/prompts';
import {
  RunnableBranch,
  RunnableLambda,
  RunnableMap,
  RunnablePassthrough,
  RunnablePick,
  RunnableSequence,
  RunnableWithMessageHistory,
} from '@langchain/core/runnables';
import { DynamicStructuredTool, tool } from '@langchain/core/tools';
import {
  FakeListChatModel,
  FakeLLM,
  FakeRetriever,
  FakeStreamingLLM,
  FakeTracer,
} from '@langchain/core/utils/testing';
import { END, MemorySaver, MessagesAnnotation, START, StateGraph } from '@langchain/langgraph';
import { z } from 'zod';
import { runCases } from './run-cases.mjs';

// What LangChain documents and its authors test: handlers and their counts, run ids, events, streams, batches, retries,
// tools, history, and what functions are given.

const chatModel = (...responses) => new FakeListChatModel({ responses });
const addOne = () => RunnableLambda.from((x) => x + 1);
const double = () => RunnableLambda.from((x) => x * 2);
const addAndDouble = () => RunnableSequence.from([addOne(), double()]);

/** A handler that notes the names of what it is told. */
function noting(names = ['Chain', 'ChatModel', 'LLM', 'Tool', 'Retriever']) {
  const seen = [];
  const handler = { name: 'noting', awaitHandlers: true, seen };
  for (const name of names) {
    for (const end of ['Start', 'End', 'Error'])
      handler[`handle${name}${end}`] = () => void seen.push(`${name}${end}`);
  }
  handler.handleLLMNewToken = (token) => void seen.push(`token ${token}`);
  return handler;
}

async function rejection(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('It did not fail');
}

async function all(iterable) {
  const items = [];
  for await (const item of await iterable) items.push(item);
  return items;
}

const reverse = RunnableLambda.from((text) => text.split('').reverse().join('')).withConfig({
  runName: 'reverse',
});
const shout = tool(({ text }) => text.toUpperCase(), {
  name: 'shout',
  description: 'louder',
  schema: z.object({ text: z.string() }),
});

/** Chains whose events are compared one by one, with all that is in them. */
const CHAINS = {
  'a function': [reverse, 'abc'],
  'three functions': [reverse.pipe(reverse).pipe(reverse), 'abc'],
  'a map': [
    RunnableMap.from({ reversed: reverse, same: new RunnablePassthrough() }).pipe(new RunnablePick('reversed')),
    'abc',
  ],
  'an assignment': [RunnablePassthrough.assign({ b: ({ a }) => a + 1 }), { a: 1 }],
  'a text model': [
    new FakeStreamingLLM({ responses: ['hey!'] }).withConfig({ tags: ['t'], metadata: { a: 'b' } }),
    'x',
  ],
  'a chat model': [chatModel('hey you'), 'x'],
  'a chat model in a chain': [
    ChatPromptTemplate.fromMessages([['human', '{what}']])
      .pipe(chatModel('hey'))
      .pipe(new StringOutputParser()),
    { what: 'hi' },
  ],
  'a branch': [RunnableBranch.from([[(x) => x.length > 2, reverse], (x) => x]), 'abc'],
  'a retriever': [new FakeRetriever({ output: [new Document({ pageContent: 'a' })] }), 'q'],
  'a tool': [shout, { text: 'hi' }],
  'a function that calls a model': [RunnableLambda.from((x, config) => chatModel('hey').invoke(x, config)), 'x'],
  'a function that calls a model by itself': [RunnableLambda.from((x) => chatModel('hey').invoke(x)), 'x'],
  'a function that yields': [
    RunnableLambda.from(async function* count() {
      yield 1;
      yield 2;
    }),
    'x',
  ],
  'a function that dispatches an event': [
    RunnableLambda.from(async (x, config) => {
      await dispatchCustomEvent('mine', { x }, config);
      return x;
    }),
    'x',
  ],
  'an agent of a graph': [graph(), { messages: [new HumanMessage('hi')] }],
  'a fallback': [
    new FakeLLM({ thrownErrorString: 'boom' }).withFallbacks({ fallbacks: [new FakeLLM({ response: 'ok' })] }),
    'x',
  ],
};

function graph() {
  return new StateGraph(MessagesAnnotation)
    .addNode('model', async ({ messages }) => ({ messages: [await chatModel('hey').invoke(messages)] }))
    .addNode('last', () => ({ messages: [] }))
    .addEdge(START, 'model')
    .addEdge('model', 'last')
    .addEdge('last', END)
    .compile({ checkpointer: new MemorySaver() });
}

const config = () => ({ configurable: { thread_id: crypto.randomUUID() } });

const eventCases = Object.entries(CHAINS).flatMap(([name, [chain, input]]) => [
  [`${name} is invoked`, () => chain.invoke(input, config())],
  [`${name} streams`, () => all(chain.stream(input, config()))],
  [`${name} in a batch`, () => chain.batch([input, input], config())],
  ...['v1', 'v2'].map((version) => [
    `${name} has its events, ${version}`,
    () => all(chain.streamEvents(input, { version, ...config() })),
  ]),
  [`${name} has its log`, () => all(chain.streamLog(input, config())).then(withoutTimes)],
  [
    `${name} tells a handler`,
    async () => {
      const handler = noting();
      await chain.invoke(input, { callbacks: [handler], ...config() });
      return handler.seen;
    },
  ],
]);

function withoutTimes(patches) {
  return JSON.stringify(patches).replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)/g, 'time');
}

await runCases({
  ...Object.fromEntries(eventCases),
  'a sequence hands values on': async () => {
    assert.equal(await addAndDouble().invoke(3), 8);
    assert.equal(await addOne().pipe(double()).pipe(String).invoke(3), '8');
  },
  'a prompt, a model and a parser make a chain': async () => {
    const chain = ChatPromptTemplate.fromTemplate('say {what}')
      .pipe(chatModel('hi'))
      .pipe(new StringOutputParser());
    assert.equal(await chain.invoke({ what: 'hi' }), 'hi');
    assert.deepEqual(await all(chain.stream({ what: 'hi' })), ['h', 'i']);
  },
  'a handler is told of every run once': async () => {
    const handler = noting();
    const chain = PromptTemplate.fromTemplate('{x}').pipe(chatModel('hi')).pipe(new StringOutputParser());
    await chain.invoke({ x: 1 }, { callbacks: [handler] });
    assert.deepEqual(handler.seen, [
      ...[
        'ChainStart',
        'ChainStart',
        'ChainEnd',
        'ChatModelStart',
        'LLMEnd',
        'ChainStart',
        'ChainEnd',
        'ChainEnd',
      ],
    ]);
  },
  'the callbacks of the caller stay as they are': async () => {
    const callbacks = [noting()];
    const manager = new CallbackManager();
    manager.addHandler(noting(), true);
    await addAndDouble().invoke(1, { callbacks });
    await addAndDouble().invoke(1, { callbacks: manager });
    const counts = [callbacks.length, manager.handlers.length, manager.inheritableHandlers.length];
    assert.deepEqual(counts, [1, 1, 1]);
  },
  'without callbacks there is no manager': () => {
    assert.equal(CallbackManager.configure(), undefined);
    assert.equal(CallbackManager.configure(undefined, undefined, ['tag']), undefined);
  },
  'a configured manager has the handlers that it was given': () => {
    const inherited = BaseCallbackHandler.fromMethods({});
    const local = BaseCallbackHandler.fromMethods({});
    const manager = CallbackManager.configure([inherited], [local]);
    assert.deepEqual([manager.handlers.length, manager.inheritableHandlers.length], [2, 1]);
  },
  'a run has the id, name, tags and metadata of its configuration': async () => {
    const tracer = new FakeTracer();
    const runId = '00000000-0000-4000-8000-000000000001';
    const config = { callbacks: [tracer], runId, runName: 'mine', tags: ['t'], metadata: { m: 1 } };
    await addAndDouble().invoke(1, config);
    const [{ id, name, tags, extra, child_runs }] = tracer.runs;
    assert.deepEqual([id, name, tags, extra.metadata.m], [runId, 'mine', ['t'], 1]);
    assert.deepEqual(
      child_runs.map(({ parent_run_id, tags: own }) => [parent_run_id, own]),
      [
        [runId, ['seq:step:1', 't']],
        [runId, ['seq:step:2', 't']],
      ],
    );
  },
  'a function is given the configuration of its caller': async () => {
    let given;
    const chain = RunnableLambda.from((_, config) => {
      given = config;
    });
    await chain.invoke(1, { configurable: { a: 1 }, tags: ['t'], metadata: { m: 1 } });
    assert.deepEqual([given.configurable.a, given.tags, given.metadata.m], [1, ['t'], 1]);
  },
  'a function without callbacks is given none': async () => {
    let given;
    await RunnableLambda.from((_, config) => {
      given = config.callbacks;
    }).invoke(1);
    assert.equal(given, undefined);
  },
  'a message has no id that nobody gave it': async () => {
    const message = await chatModel('hi').invoke('say hi');
    assert.deepEqual([message.content, message.id], ['hi', undefined]);
    assert.ok(message instanceof AIMessage);
  },
  'a stream of a model is chunks that add up': async () => {
    const chunks = await all(chatModel('hi you').stream('say hi'));
    assert.ok(chunks.every((chunk) => chunk instanceof AIMessageChunk));
    assert.equal(chunks.reduce((sum, chunk) => sum.concat(chunk)).content, 'hi you');
  },
  'a text model streams and tells its tokens': async () => {
    const handler = noting();
    const model = new FakeStreamingLLM({});
    assert.deepEqual(await all(model.stream('abc', { callbacks: [handler] })), ['a', 'b', 'c']);
    assert.deepEqual(handler.seen, ['LLMStart', 'token a', 'token b', 'token c', 'LLMEnd']);
  },
  'a text model that fails throws its own error': async () => {
    const error = await rejection(new FakeLLM({ thrownErrorString: 'boom' }).invoke('x'));
    assert.equal(error.message, 'boom');
  },
  'an error of a function is the same object outside': async () => {
    const thrown = new RangeError('mine');
    const handler = noting();
    const chain = addOne().pipe(
      RunnableLambda.from(() => {
        throw thrown;
      }),
    );
    assert.equal(await rejection(chain.invoke(1, { callbacks: [handler] })), thrown);
    assert.deepEqual(
      handler.seen.filter((each) => each.endsWith('Error')),
      ['ChainError', 'ChainError'],
    );
  },
  'a handler that may raise ends the run': async () => {
    const handler = {
      name: 'strict',
      raiseError: true,
      awaitHandlers: true,
      handleChainStart() {
        throw new Error('not here');
      },
    };
    assert.equal((await rejection(addOne().invoke(1, { callbacks: [handler] }))).message, 'not here');
  },
  'a batch keeps its order and returns its errors': async () => {
    const odd = RunnableLambda.from(async (x) => {
      await new Promise((resolve) => setTimeout(resolve, 5 - x));
      if (x % 2 === 1) throw new Error(`odd ${x}`);
      return x;
    });
    const results = await odd.batch([0, 1, 2, 3], { maxConcurrency: 2 }, { returnExceptions: true });
    assert.deepEqual(
      results.map((each) => each.message ?? each),
      [0, 'odd 1', 2, 'odd 3'],
    );
  },
  'a batch of models makes each call once': async () => {
    const replies = await chatModel('a', 'b', 'c').batch(['1', '2', '3'], { maxConcurrency: 1 });
    assert.deepEqual(
      replies.map(({ content }) => content),
      ['a', 'b', 'c'],
    );
  },
  'a retry calls again, a fallback calls the other': async () => {
    let calls = 0;
    const unsteady = RunnableLambda.from(() => {
      calls += 1;
      if (calls < 2) throw new Error('again');
      return calls;
    });
    assert.equal(await unsteady.withRetry({ stopAfterAttempt: 3, onFailedAttempt: () => undefined }).invoke(1), 2);
    const failing = new FakeLLM({ thrownErrorString: 'boom' });
    const chain = failing.withFallbacks({ fallbacks: [new FakeLLM({ response: 'other' })] });
    assert.equal(await chain.invoke('x'), 'other');
  },
  'maps, branches and assignments': async () => {
    assert.deepEqual(await RunnableMap.from({ a: addOne(), b: double() }).invoke(3), { a: 4, b: 6 });
    const branch = RunnableBranch.from([[(x) => x > 0, addOne()], double()]);
    assert.deepEqual([await branch.invoke(1), await branch.invoke(-1)], [2, -2]);
    assert.deepEqual(await RunnablePassthrough.assign({ sum: ({ x }) => x + 1 }).invoke({ x: 1 }), {
      x: 1,
      sum: 2,
    });
  },
  'events name every run in order': async () => {
    const events = await all(addAndDouble().streamEvents(1, { version: 'v2' }));
    const names = events.map(({ event, name }) => `${event} ${name}`);
    assert.deepEqual(names, [
      'on_chain_start RunnableSequence',
      'on_chain_start RunnableLambda',
      'on_chain_stream RunnableLambda',
      'on_chain_start RunnableLambda',
      'on_chain_end RunnableLambda',
      'on_chain_stream RunnableLambda',
      'on_chain_stream RunnableSequence',
      'on_chain_end RunnableLambda',
      'on_chain_end RunnableSequence',
    ]);
    assert.deepEqual([events.length, events.at(-1).data.output], [9, 4]);
    assert.ok(events.every(({ tags, metadata }) => Array.isArray(tags) && Object.keys(metadata).length === 0));
  },
  'the log of a stream ends with its output': async () => {
    let log;
    for await (const patch of addAndDouble().streamLog(1)) log = log === undefined ? patch : log.concat(patch);
    assert.equal(JSON.stringify(log.ops).includes('"final_output"'), true);
  },
  'a signal ends a run': async () => {
    const endless = RunnableLambda.from(() => new Promise(() => undefined));
    const error = await rejection(endless.invoke(1, { signal: AbortSignal.timeout(5) }));
    assert.match(String(error), /abort|timeout/i);
  },
  'a tool returns its value, or a message for a call': async () => {
    const weather = tool(({ city }) => `sunny in ${city}`, {
      name: 'weather',
      description: 'of a city',
      schema: z.object({ city: z.string() }),
    });
    assert.equal(await weather.invoke({ city: 'Rome' }), 'sunny in Rome');
    const message = await weather.invoke({
      type: 'tool_call',
      id: 'call-1',
      name: 'weather',
      args: { city: 'Rome' },
    });
    assert.deepEqual(
      [message.tool_call_id, message.content, message.name],
      ['call-1', 'sunny in Rome', 'weather'],
    );
    assert.match((await rejection(weather.invoke({ city: 1 }))).message, /did not match expected schema/);
  },
  'a structured tool tells its handlers': async () => {
    const handler = noting();
    const schema = z.object({ x: z.number() });
    const made = new DynamicStructuredTool({
      name: 'n',
      description: 'd',
      schema,
      func: async ({ x }) => String(x),
    });
    assert.equal(await made.invoke({ x: 1 }, { callbacks: [handler] }), '1');
    assert.deepEqual(handler.seen, ['ToolStart', 'ToolEnd']);
  },
  'a retriever returns its documents': async () => {
    const handler = noting();
    const documents = [new Document({ pageContent: 'a' })];
    const found = await new FakeRetriever({ output: documents }).invoke('q', { callbacks: [handler] });
    assert.equal(found, documents);
    assert.deepEqual(handler.seen, ['RetrieverStart', 'RetrieverEnd']);
  },
  'a chain remembers its history': async () => {
    const history = new InMemoryChatMessageHistory();
    const chain = new RunnableWithMessageHistory({
      runnable: chatModel('one', 'two'),
      getMessageHistory: () => history,
    });
    const config = { configurable: { sessionId: '1' } };
    await chain.invoke([new HumanMessage('first')], config);
    await chain.invoke([new HumanMessage('second')], config);
    const contents = (await history.getMessages()).map(({ content }) => content);
    assert.deepEqual(contents, ['first', 'one', 'second', 'two']);
  },
  'a cache answers the second call': async () => {
    const model = new FakeListChatModel({ responses: ['one', 'two'], cache: new InMemoryCache() });
    const handler = noting();
    const replies = [await model.invoke('q'), await model.invoke('q', { callbacks: [handler] })];
    assert.deepEqual(
      replies.map(({ content }) => content),
      ['one', 'one'],
    );
  },
  'a parser reads what is streamed': async () => {
    const chain = chatModel('{"a":1}').pipe(new JsonOutputParser());
    assert.deepEqual((await all(chain.stream('x'))).at(-1), { a: 1 });
  },
  'what is serialized holds no stranger': async () => {
    const model = chatModel('hi');
    const before = [JSON.stringify(model), inspect(model), Object.keys(model)];
    await model.invoke('x');
    const after = [JSON.stringify(model), inspect(model), Object.keys(model)];
    assert.deepEqual(after[0], before[0]);
    assert.deepEqual(after[2], before[2]);
    assert.doesNotMatch(after[1], /autolog/);
  },
  'bound arguments and listeners reach the run': async () => {
    const seen = [];
    const chain = addOne().withListeners({
      onStart: (run) => seen.push(run.name),
      onEnd: (run) => seen.push(run.outputs),
    });
    await chain.invoke(1);
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepEqual(seen, ['RunnableLambda', { output: 2 }]);
  },
  "the program's own context goes through": async () => {
    const storage = new AsyncLocalStorage();
    const seen = [];
    const chain = addOne().pipe(RunnableLambda.from(() => seen.push(storage.getStore())));
    await storage.run('mine', () => chain.invoke(1));
    assert.deepEqual(seen, ['mine']);
  },
  'methods look like methods': () => {
    const { value, ...flags } = Object.getOwnPropertyDescriptor(CallbackManager, '_configureSync');
    assert.deepEqual(flags, { writable: true, enumerable: false, configurable: true });
    assert.deepEqual([value.name, typeof value], ['_configureSync', 'function']);
  },
  'a run adds no listener to the process': async () => {
    const count = () => process.eventNames().map((name) => [name, process.listenerCount(name)]);
    await addAndDouble().invoke(1);
    const before = count();
    for (let turn = 0; turn < 20; turn++) await addAndDouble().invoke(1);
    assert.deepEqual(count(), before);
  },
});
