import { AsyncLocalStorage } from 'node:async_hooks';
import { z } from 'zod';
import type { LangChainCopy } from '../../../integrations/langchain-setup.ts';
import { createListener, createModel, createRetriever, type LangChainCase } from './library.ts';

function createTool(copy: LangChainCopy, fn: (input: { a: number; b: number }, config: unknown) => unknown) {
  const schema = z.object({ a: z.number(), b: z.number() });
  return copy.tool(fn, { name: 'add', description: 'adds', schema });
}

const call = { id: 'call-1', name: 'add', args: { a: 1, b: 2 }, type: 'tool_call' as const };

/** Lines that are written to the console meanwhile. */
async function written<T>(fn: () => T): Promise<[Awaited<T>, unknown[]]> {
  const lines: unknown[] = [];
  const { warn, error, log } = console;
  const keep = (...args: unknown[]) => void lines.push(args.map(String).join(' '));
  Object.assign(console, { warn: keep, error: keep, log: keep });
  try {
    return [await fn(), lines];
  } finally {
    Object.assign(console, { warn, error, log });
  }
}

/** Turns of the queue of microtasks until a promise is settled. */
async function turnsUntil(promise: Promise<unknown>): Promise<number> {
  let isSettled = false;
  const settle = () => {
    isSettled = true;
  };
  promise.then(settle, settle);
  let turns = 0;
  for (; !isSettled && turns < 10_000; turns++) await undefined;
  return turns;
}

/** Tools, retrievers, and what a program hears and keeps. */
export const callbackCases: readonly LangChainCase[] = [
  {
    title: 'a tool answers',
    spans: ['add TOOL'],
    async run(copy) {
      const configs: unknown[] = [];
      const add = createTool(copy, ({ a, b }, config) => configs.push(config) && a + b);
      return [await add.invoke({ a: 1, b: 2 }), await written(() => configs)];
    },
  },
  {
    title: 'a tool answers a call of a model',
    spans: ['add TOOL'],
    run: (copy) => createTool(copy, ({ a, b }) => a + b).invoke(call),
  },
  {
    title: 'a tool fails',
    spans: ['add TOOL ERROR'],
    async run(copy) {
      const failure = new TypeError('cannot add');
      const add = createTool(copy, () => {
        throw failure;
      });
      return (await add.invoke(call).catch((error: unknown) => error)) === failure;
    },
  },
  {
    title: 'a tool gets what it does not take',
    spans: [],
    run: (copy) =>
      createTool(copy, () => 0)
        .invoke({ a: 'x' } as never)
        .catch((error: Error) => [error.name, error.message]),
  },
  {
    title: 'a tool made of an object sees no manager',
    spans: ['plain TOOL'],
    async run(copy) {
      const seen: unknown[] = [];
      const plain = new copy.DynamicStructuredTool({
        name: 'plain',
        description: '',
        schema: z.object({}),
        func: async (_input, manager, config) => void seen.push(manager, config),
      });
      await plain.invoke({});
      return seen;
    },
  },
  {
    title: 'a tool in a chain tells a callback of the program',
    spans: ['RunnableLambda CHAIN', '  add TOOL'],
    async run(copy) {
      const { handler, events } = createListener({ awaitHandlers: true });
      const add = createTool(copy, ({ a, b }) => a + b);
      const chain = copy.RunnableLambda.from((input: typeof call, config) => add.invoke(input, config));
      return [await chain.invoke(call, { callbacks: [handler] }), events];
    },
  },
  {
    title: 'a retriever answers',
    spans: ['Shelf RETRIEVER'],
    async run(copy) {
      const shelf = new (createRetriever(copy))();
      return [await shelf.invoke('birds'), shelf.seen];
    },
  },
  {
    title: 'a retriever fails',
    spans: ['Shelf RETRIEVER ERROR'],
    run: (copy) => new (createRetriever(copy))().invoke('').catch((error: unknown) => error),
  },
  {
    title: 'a retriever stands in a chain with a callback of the program',
    spans: ['RunnableSequence CHAIN', '  Shelf RETRIEVER', '  RunnableLambda CHAIN'],
    async run(copy) {
      const { handler, events } = createListener({ awaitHandlers: true });
      const chain = new (createRetriever(copy))().pipe((documents) => documents.length);
      return [await chain.invoke('birds', { callbacks: [handler] }), events];
    },
  },
  {
    title: 'callbacks of the program are told in order, and not changed',
    spans: ['RunnableSequence CHAIN', '  ChatPromptTemplate CHAIN', '  Parrot CHAT_MODEL'],
    async run(copy) {
      const { handler, events } = createListener({ awaitHandlers: true });
      const callbacks = Object.freeze([Object.freeze(handler)]) as (typeof handler)[];
      const chain = copy.ChatPromptTemplate.fromTemplate('{q}').pipe(new (createModel(copy))({}));
      for await (const _ of await chain.stream({ q: 'why' }, { callbacks, tags: ['t'], metadata: { m: 1 } }));
      return [events, callbacks];
    },
  },
  {
    title: 'a manager of the program is not changed',
    spans: ['RunnableSequence CHAIN', '  ChatPromptTemplate CHAIN', '  Parrot CHAT_MODEL'],
    async run(copy) {
      const { handler, events } = createListener({ awaitHandlers: true });
      const manager = new copy.CallbackManager();
      manager.addHandler(handler as never);
      const chain = copy.ChatPromptTemplate.fromTemplate('{q}').pipe(new (createModel(copy))({}));
      await chain.invoke({ q: 'why' }, { callbacks: manager });
      return [manager, events];
    },
  },
  {
    title: 'callbacks that nobody waits for come later',
    spans: ['Parrot CHAT_MODEL'],
    async run(copy) {
      const order: string[] = [];
      const late = {
        name: 'late',
        handleChatModelStart: async () => {
          await new Promise((resolve) => setTimeout(resolve, 5));
          order.push('start');
        },
        handleLLMEnd: async () => void order.push('end'),
      };
      await new (createModel(copy))({}).invoke('hello', { callbacks: [late] });
      order.push('answer');
      await new Promise((resolve) => setTimeout(resolve, 30));
      return order;
    },
  },
  {
    title: 'a callback that fails is only told of',
    spans: ['Parrot CHAT_MODEL'],
    run: (copy) =>
      written(async () => {
        const bad = {
          name: 'bad',
          awaitHandlers: true,
          handleLLMEnd() {
            throw new Error('bad callback');
          },
        };
        return (await new (createModel(copy))({}).invoke('hello', { callbacks: [bad] })).content;
      }),
  },
  {
    title: 'a callback that fails and insists is the end of the call',
    spans: [],
    run: (copy) =>
      written(async () => {
        const bad = {
          name: 'bad',
          awaitHandlers: true,
          raiseError: true,
          handleChatModelStart() {
            throw new Error('bad callback');
          },
        };
        return new (createModel(copy))({}).invoke('hello', { callbacks: [bad] }).catch((error: unknown) => error);
      }),
  },
  {
    title: 'a verbose model talks as much as ever',
    spans: ['Parrot CHAT_MODEL'],
    async run(copy) {
      const [message, lines] = await written(() => new (createModel(copy))({ verbose: true }).invoke('hello'));
      return [message, lines.map((line) => String(line).replaceAll(/\d+m?s/g, 'ms'))];
    },
  },
  {
    title: 'an event of the program reaches its callback',
    spans: ['RunnableLambda CHAIN'],
    async run(copy) {
      const { handler, events } = createListener({ awaitHandlers: true });
      const fn = copy.RunnableLambda.from(async (_: string, config) =>
        copy.dispatchCustomEvent('seen', { bird: 1 }, config),
      );
      await fn.invoke('go', { callbacks: [handler] });
      return events;
    },
  },
  {
    title: 'an event of the program without a callback is lost',
    spans: ['RunnableLambda CHAIN'],
    run: (copy) =>
      copy.RunnableLambda.from(async (_: string, config) => copy.dispatchCustomEvent('seen', {}, config)).invoke(
        'go',
      ),
  },
  {
    title: 'managers are made as they would be, where there are callbacks',
    spans: [],
    run(copy) {
      const { handler } = createListener();
      const made = [
        copy.CallbackManager._configureSync([handler as never]),
        copy.CallbackManager._configureSync(undefined, [handler as never]),
      ];
      return made.map((manager) => [manager?.handlers.length, manager?.inheritableHandlers.length]);
    },
  },
  {
    title: "the program's own context goes through all calls",
    spans: [
      'RunnableLambda CHAIN',
      '  add TOOL',
      '  Parrot CHAT_MODEL',
      '  Parrot CHAT_MODEL',
      'RunnableLambda CHAIN',
      '  add TOOL',
      '  Parrot CHAT_MODEL',
      '  Parrot CHAT_MODEL',
    ],
    async run(copy) {
      const storage = new AsyncLocalStorage<string>();
      const seen: unknown[] = [];
      const model = new (createModel(copy))({});
      const add = createTool(copy, ({ a, b }) => seen.push(storage.getStore()) && a + b);
      const fn = copy.RunnableLambda.from(async (text: string) => {
        seen.push(storage.getStore());
        await add.invoke({ a: 1, b: 2 });
        for await (const _ of await model.stream(text)) seen.push(storage.getStore());
        return (await model.invoke(text)).content;
      });
      const answers = await Promise.all(['a', 'b'].map((text) => storage.run(text, () => fn.invoke(text))));
      return [answers, seen.map(String).sort(), storage.getStore()];
    },
  },
  {
    title: 'calls take as many turns of the microtask queue',
    spans: [
      'Parrot CHAT_MODEL',
      'RunnableLambda CHAIN',
      'add TOOL',
      'Shelf RETRIEVER',
      'ChatPromptTemplate CHAIN',
    ],
    async run(copy) {
      const model = new (createModel(copy))({});
      const shelf = new (createRetriever(copy))();
      const turns: number[] = [];
      const fns = [
        () => model.invoke('hello'),
        () => copy.RunnableLambda.from(() => 1).invoke('go'),
        () => createTool(copy, ({ a, b }) => a + b).invoke(call),
        () => shelf.invoke('birds'),
        () => copy.ChatPromptTemplate.fromTemplate('{q}').invoke({ q: 1 }),
      ];
      for (const fn of fns) turns.push(await turnsUntil(fn()));
      return turns;
    },
  },
  {
    title: 'nothing is left that keeps the process alive',
    spans: ['Parrot CHAT_MODEL'],
    async run(copy) {
      const before = process.getActiveResourcesInfo().length;
      for await (const _ of await new (createModel(copy))({}).stream('hello'));
      return process.getActiveResourcesInfo().length - before;
    },
  },
  {
    title: 'a history of messages is kept',
    spans: [
      'RunnableWithMessageHistory CHAIN',
      '  RunnableLambda CHAIN',
      '  RunnableWithMessageHistory CHAT_MODEL',
      'RunnableWithMessageHistory CHAIN',
      '  RunnableLambda CHAIN',
      '  RunnableWithMessageHistory CHAT_MODEL',
    ],
    async run(copy) {
      const history = new copy.InMemoryChatMessageHistory();
      const chain = new copy.RunnableWithMessageHistory({
        runnable: new (createModel(copy))({}),
        getMessageHistory: () => history,
      });
      const config = { configurable: { sessionId: 's' } };
      await chain.invoke([new copy.HumanMessage('a')], config);
      await chain.invoke([new copy.HumanMessage('b')], config);
      await new Promise((resolve) => setTimeout(resolve, 20));
      return history.getMessages();
    },
  },
];
