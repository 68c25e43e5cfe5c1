import type { LangChainCopy } from '../../../integrations/langchain-setup.ts';
import { createListener, createModel, type LangChainCase } from './library.ts';

const SEQUENCE = [
  'RunnableSequence CHAIN',
  '  ChatPromptTemplate CHAIN',
  '  Parrot CHAT_MODEL',
  '  StrOutputParser CHAIN',
];

function createChain(copy: LangChainCopy, model = new (createModel(copy))({})) {
  return copy.ChatPromptTemplate.fromTemplate('{question}').pipe(model).pipe(new copy.StringOutputParser());
}

/** Chains of all kinds. */
export const runnableCases: readonly LangChainCase[] = [
  {
    title: 'a sequence answers',
    spans: SEQUENCE,
    run: (copy) => createChain(copy).invoke({ question: 'why' }),
  },
  {
    title: 'a sequence streams',
    spans: SEQUENCE,
    async run(copy) {
      const pieces: string[] = [];
      for await (const piece of await createChain(copy).stream({ question: 'why' })) pieces.push(piece);
      return pieces;
    },
  },
  {
    title: 'a stream of a sequence is left early',
    spans: SEQUENCE,
    async run(copy) {
      const model = new (createModel(copy))({});
      for await (const piece of await createChain(copy, model).stream({ question: 'why' }))
        return [piece, model.seen];
      return undefined;
    },
  },
  {
    title: 'a stream of a sequence is never read',
    spans: SEQUENCE,
    async run(copy) {
      const model = new (createModel(copy))({});
      const stream = await createChain(copy, model).stream({ question: 'why' });
      const seen = [...model.seen];
      await stream.cancel();
      return [stream.locked, seen, model.seen];
    },
  },
  {
    title: 'a sequence fails in its middle',
    spans: ['RunnableSequence CHAIN ERROR', '  ChatPromptTemplate CHAIN', '  Parrot CHAT_MODEL ERROR'],
    async run(copy) {
      const model = new (createModel(copy))({ maxRetries: 0 });
      model.failures = 1;
      return createChain(copy, model)
        .invoke({ question: 'why' })
        .catch((error: unknown) => error);
    },
  },
  {
    title: 'a sequence gets a batch',
    spans: [...SEQUENCE, ...SEQUENCE],
    async run(copy) {
      const model = new (createModel(copy))({});
      const answers = await createChain(copy, model).batch([{ question: 'a' }, { question: 'b' }], {
        maxConcurrency: 1,
      });
      return [answers, model.seen];
    },
  },
  {
    title: 'a function sees its configuration',
    spans: ['RunnableLambda CHAIN'],
    async run(copy) {
      const configs: unknown[] = [];
      await copy.RunnableLambda.from((_: string, config) => configs.push(config)).invoke('go');
      return configs;
    },
  },
  {
    title: 'a function sees the configuration that its caller gave',
    spans: ['mine CHAIN'],
    async run(copy) {
      const configs: unknown[] = [];
      const options = {
        runName: 'mine',
        runId: '11111111-1111-4111-8111-111111111111',
        tags: ['a'],
        metadata: { b: 1 },
        configurable: { thread_id: 'c' },
        recursionLimit: 7,
      };
      await copy.RunnableLambda.from((_: string, config) => configs.push(config)).invoke('go', options);
      return [configs, options];
    },
  },
  {
    title: 'functions in a sequence see their configuration',
    spans: ['both CHAIN', '  RunnableLambda CHAIN', '  RunnableLambda CHAIN'],
    async run(copy) {
      const configs: unknown[] = [];
      const step = (value: number, config: unknown) => {
        configs.push(config);
        return value + 1;
      };
      const chain = copy.RunnableLambda.from(step)
        .pipe(step)
        .withConfig({ runName: 'both', tags: ['a'] });
      return [await chain.invoke(1), configs];
    },
  },
  {
    title: 'functions in a streamed sequence see their configuration',
    spans: ['RunnableSequence CHAIN', '  RunnableLambda CHAIN', '  RunnableLambda CHAIN'],
    async run(copy) {
      const configs: unknown[] = [];
      const step = (value: number, config: unknown) => {
        configs.push(config);
        return value + 1;
      };
      const chain = copy.RunnableLambda.from(step).pipe(step);
      const items: unknown[] = [];
      for await (const item of await chain.stream(1)) items.push(item);
      return [items, configs];
    },
  },
  {
    title: 'functions in a batch see their configuration',
    spans: Array(2).fill(['RunnableSequence CHAIN', '  RunnableLambda CHAIN', '  RunnableLambda CHAIN']).flat(),
    async run(copy) {
      const configs: unknown[] = [];
      const step = (value: number, config: unknown) => {
        configs.push(config);
        return value + 1;
      };
      return [await copy.RunnableLambda.from(step).pipe(step).batch([1, 2]), configs];
    },
  },
  {
    title: 'a function sees the callbacks that its caller gave',
    spans: ['RunnableLambda CHAIN'],
    async run(copy) {
      const seen: unknown[] = [];
      const { handler } = createListener({ awaitHandlers: true });
      const fn = copy.RunnableLambda.from((_: string, config) => {
        const manager = config.callbacks as InstanceType<typeof copy.CallbackManager>;
        seen.push(manager.constructor.name, manager.handlers, manager.inheritableHandlers, manager.tags);
      });
      await fn.invoke('go', { callbacks: [handler], tags: ['a'] });
      return seen;
    },
  },
  {
    title: 'a function calls a model with and without its configuration',
    spans: ['RunnableLambda CHAIN', '  Parrot CHAT_MODEL', '  Parrot CHAT_MODEL'],
    async run(copy) {
      const model = new (createModel(copy))({});
      const fn = copy.RunnableLambda.from(async (text: string, config) => [
        await model.invoke(text),
        await model.invoke(text, config),
      ]);
      return fn.invoke('go');
    },
  },
  {
    title: 'a function gives a runnable, which runs in its place',
    spans: ['RunnableLambda CHAIN', '  RunnableLambda CHAIN'],
    run: (copy) => copy.RunnableLambda.from(() => copy.RunnableLambda.from((x: number) => x + 1)).invoke(1),
  },
  {
    title: 'a function gives a generator',
    spans: ['RunnableLambda CHAIN'],
    async run(copy) {
      const fn = copy.RunnableLambda.from(async function* (text: string) {
        yield `${text} 1`;
        yield `${text} 2`;
      });
      const items: unknown[] = [];
      for await (const item of await fn.stream('go')) items.push(item);
      return items;
    },
  },
  {
    title: 'branches run in parallel',
    spans: ['RunnableMap CHAIN', '  RunnableLambda CHAIN', '  RunnableLambda CHAIN'],
    async run(copy) {
      const configs: unknown[] = [];
      const map = copy.RunnableMap.from({
        left: (x: unknown, config: unknown) => configs.push(config) && Number(x) + 1,
        right: (x: unknown, config: unknown) => configs.push(config) && Number(x) + 2,
      });
      return [await map.invoke(1), configs];
    },
  },
  {
    title: 'parallel branches stream',
    spans: ['RunnableMap CHAIN', '  RunnableLambda CHAIN', '  RunnableLambda CHAIN'],
    async run(copy) {
      const map = copy.RunnableMap.from({ left: (x: number) => x + 1, right: (x: number) => x + 2 });
      const items: unknown[] = [];
      for await (const item of await map.stream(1)) items.push(item);
      return items;
    },
  },
  {
    title: 'a condition chooses a branch',
    spans: ['RunnableBranch CHAIN', '  RunnableLambda CHAIN', '  RunnableLambda CHAIN'],
    run: (copy) =>
      copy.RunnableBranch.from([[(x: number) => x > 3, (x: number) => x * 2], (x: number) => x * 3]).invoke(5),
  },
  {
    title: 'a condition chooses a branch that streams',
    spans: ['RunnableBranch CHAIN', '  RunnableLambda CHAIN', '  RunnableLambda CHAIN'],
    async run(copy) {
      const branch = copy.RunnableBranch.from([
        [(x: number) => x > 3, (x: number) => x * 2],
        (x: number) => x * 3,
      ]);
      const items: unknown[] = [];
      for await (const item of await branch.stream(5)) items.push(item);
      return items;
    },
  },
  {
    title: 'values pass through and get more keys',
    spans: ['RunnableSequence CHAIN', '  RunnableMap CHAIN', '    RunnableLambda CHAIN', '  RunnablePick CHAIN'],
    run: (copy) =>
      copy.RunnablePassthrough.assign({ twice: ({ x }: { x: number }) => x * 2 })
        .pick(['twice'])
        .invoke({ x: 2 }),
  },
  {
    title: 'a list is mapped',
    spans: ['RunnableEach CHAIN', ...Array(3).fill('  RunnableLambda CHAIN')],
    run: (copy) =>
      new copy.RunnableEach({ bound: copy.RunnableLambda.from((x: number) => x + 1) }).invoke([1, 2, 3]),
  },
  {
    title: 'a failed call is tried again',
    spans: ['Parrot CHAIN', '  Parrot CHAT_MODEL ERROR', '  Parrot CHAT_MODEL'],
    async run(copy) {
      const model = new (createModel(copy))({ maxRetries: 0 });
      model.failures = 1;
      const failed: unknown[] = [];
      const patient = model.withRetry({
        stopAfterAttempt: 2,
        onFailedAttempt: (error) => failed.push(String(error)),
      });
      return [await patient.invoke('hello'), failed, model.seen];
    },
  },
  {
    title: 'another model takes over',
    spans: ['RunnableWithFallbacks CHAIN', '  Parrot CHAT_MODEL ERROR', '  Parrot CHAT_MODEL'],
    async run(copy) {
      const model = new (createModel(copy))({ maxRetries: 0 });
      model.failures = 1;
      const other = new (createModel(copy))({});
      return [await model.withFallbacks([other]).invoke('hello'), model.seen, other.seen];
    },
  },
  {
    title: 'another model takes over a stream',
    spans: ['RunnableWithFallbacks CHAIN', '  Parrot CHAT_MODEL ERROR', '  Parrot CHAT_MODEL'],
    async run(copy) {
      const model = new (createModel(copy))({ maxRetries: 0 });
      model.failures = 1;
      const other = new (createModel(copy))({});
      const items: unknown[] = [];
      for await (const item of await model.withFallbacks([other]).stream('hello')) items.push(item);
      return [items, model.seen, other.seen];
    },
  },
  {
    title: 'all models fail',
    spans: ['RunnableWithFallbacks CHAIN ERROR', '  Parrot CHAT_MODEL ERROR', '  Parrot CHAT_MODEL ERROR'],
    async run(copy) {
      const models = [1, 2].map(() => new (createModel(copy))({ maxRetries: 0 }));
      for (const model of models) model.failures = 1;
      const [first, second] = models;
      return first
        ?.withFallbacks([second as never])
        .invoke('hello')
        .catch((error: unknown) => error);
    },
  },
  {
    title: 'events are streamed, version 2',
    spans: SEQUENCE,
    async run(copy) {
      const events: unknown[] = [];
      for await (const event of createChain(copy).streamEvents({ question: 'why' }, { version: 'v2' }))
        events.push(event);
      return events;
    },
  },
  {
    title: 'events are streamed, version 1',
    spans: SEQUENCE,
    async run(copy) {
      const events: unknown[] = [];
      for await (const event of createChain(copy).streamEvents({ question: 'why' }, { version: 'v1' }))
        events.push(event);
      return events;
    },
  },
  {
    title: 'the log is streamed',
    spans: SEQUENCE,
    async run(copy) {
      const ops: unknown[] = [];
      for await (const patch of createChain(copy).streamLog({ question: 'why' })) {
        ops.push(...patch.ops.map((op) => [op.op, op.path.replace(/\/logs\/[^/]+/, '/logs/x')]));
      }
      return ops;
    },
  },
  {
    title: 'a chain is serialized and drawn',
    spans: [],
    run: (copy) => [JSON.stringify(createChain(copy)), createChain(copy).getGraph().drawMermaid()],
  },
  {
    title: 'a configuration is frozen',
    spans: SEQUENCE,
    run: (copy) =>
      createChain(copy).invoke(
        { question: 'why' },
        Object.freeze({ tags: Object.freeze(['a']) as string[], metadata: Object.freeze({ b: 1 }) }),
      ),
  },
  {
    title: 'an input is frozen and given on as it is',
    spans: ['RunnableSequence CHAIN', '  RunnablePassthrough CHAIN', '  RunnableLambda CHAIN'],
    async run(copy) {
      const input = Object.freeze({ deep: Object.freeze({ a: 1 }) });
      const chain = new copy.RunnablePassthrough<typeof input>().pipe(
        (each) => each === input && each.deep === input.deep,
      );
      return chain.invoke(input);
    },
  },
  {
    title: 'a signal aborts a chain',
    spans: ['RunnableLambda CHAIN ERROR'],
    async run(copy) {
      const controller = new AbortController();
      const slow = copy.RunnableLambda.from(() => new Promise(() => controller.abort(new Error('enough'))));
      return slow.invoke('go', { signal: controller.signal }).catch((error: Error) => [error.name, error.message]);
    },
  },
  {
    title: 'a result is the very object that the function gave',
    spans: ['RunnableLambda CHAIN'],
    async run(copy) {
      const result = { when: new Date(0), map: new Map([[1, 2]]) };
      return (await copy.RunnableLambda.from(() => result).invoke('go')) === result;
    },
  },
  {
    title: 'a result is a stream of the program, which stays as it is',
    spans: ['plain CHAIN'],
    async run(copy) {
      const stream = new ReadableStream();
      const parser = new (class extends copy.Runnable<string, ReadableStream> {
        lc_namespace = ['test'];
        override name = 'plain';
        invoke(input: string) {
          return this._callWithConfig(async () => stream, input);
        }
      })();
      return [Reflect.ownKeys(await parser.invoke('go')), stream.locked];
    },
  },
];
