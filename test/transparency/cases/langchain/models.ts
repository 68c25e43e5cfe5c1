import { setTimeout as wait } from 'node:timers/promises';
import type { LangChainCopy } from '../../../integrations/langchain-setup.ts';
import { createListener, createModel, createTextModel, type LangChainCase } from './library.ts';

const MODEL = ['Parrot CHAT_MODEL'];
const FAILED = ['Parrot CHAT_MODEL ERROR'];
const TEXT = ['Echo LLM'];

function parrot(copy: LangChainCopy, fields: object = {}) {
  return new (createModel(copy))(fields);
}

/** Langchain hides the ids of runs in a key that is not listed. */
async function withRunIds(result: Promise<object>): Promise<unknown[]> {
  return [await result, Reflect.get(await result, '__run')];
}

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

/** Chat models and text models by themselves. */
export const modelCases: readonly LangChainCase[] = [
  {
    title: 'a chat model answers',
    spans: MODEL,
    async run(copy) {
      const model = parrot(copy);
      return [await model.invoke('hello'), model.seen];
    },
  },
  {
    title: 'a chat model answers with a callback of the program',
    spans: MODEL,
    async run(copy) {
      const model = parrot(copy);
      const { handler, events } = createListener({ awaitHandlers: true });
      return [await model.invoke('hello', { callbacks: [handler] }), model.seen, events];
    },
  },
  {
    title: 'a chat model answers with an empty list of callbacks',
    spans: MODEL,
    async run(copy) {
      const model = parrot(copy);
      return [await model.invoke('hello', { callbacks: [] }), model.seen];
    },
  },
  {
    title: 'a chat model has callbacks of its own',
    spans: MODEL,
    async run(copy) {
      const { handler, events } = createListener({ awaitHandlers: true });
      const callbacks = [handler];
      const model = parrot(copy, { callbacks });
      return [await model.invoke('hello'), model.seen, events, callbacks.length, model.callbacks === callbacks];
    },
  },
  {
    title: 'a chat model fails',
    spans: FAILED,
    async run(copy) {
      const model = parrot(copy, { maxRetries: 0 });
      model.failures = 1;
      const error = await model.invoke('hello').catch((each: unknown) => each);
      return [error, model.seen];
    },
  },
  {
    title: 'a chat model gets a whole batch',
    spans: [...MODEL, ...MODEL, ...MODEL],
    async run(copy) {
      const model = parrot(copy);
      return [await model.batch(['a', 'b', 'c']), model.seen];
    },
  },
  {
    title: 'a batch hands back what failed',
    spans: [...FAILED, ...MODEL],
    async run(copy) {
      const model = parrot(copy, { maxRetries: 0 });
      model.failures = 1;
      return [await model.batch(['a', 'b'], {}, { returnExceptions: true }), model.seen];
    },
  },
  {
    title: 'generate tells no run ids where there are no callbacks',
    spans: MODEL,
    run: (copy) => withRunIds(parrot(copy).generate([[new copy.HumanMessage('hello')]])),
  },
  {
    title: 'generate tells its run ids where there are callbacks',
    spans: MODEL,
    run: (copy) => withRunIds(parrot(copy).generate([[new copy.HumanMessage('hello')]], {}, [])),
  },
  {
    title: 'generate takes several conversations',
    spans: [...MODEL, ...MODEL],
    run: (copy) => parrot(copy).generate([[new copy.HumanMessage('a')], [new copy.HumanMessage('b')]]),
  },
  {
    title: 'a chat model streams',
    spans: MODEL,
    async run(copy) {
      const model = parrot(copy);
      const chunks = await all(await model.stream('hello'));
      return [chunks, chunks.reduce((whole, chunk) => whole.concat(chunk)), model.seen];
    },
  },
  {
    title: 'a chat model streams with a callback of the program',
    spans: MODEL,
    async run(copy) {
      const model = parrot(copy);
      const { handler, events } = createListener({ awaitHandlers: true });
      const chunks = await all(await model.stream('hello', { callbacks: [handler] }));
      return [chunks, model.seen, events];
    },
  },
  {
    title: 'a stream of a chat model is left early',
    spans: MODEL,
    async run(copy) {
      const model = parrot(copy);
      for await (const chunk of await model.stream('hello')) {
        return [chunk, model.seen];
      }
      return undefined;
    },
  },
  {
    title: 'a stream of a chat model breaks off',
    spans: FAILED,
    async run(copy) {
      const model = parrot(copy, { maxRetries: 0 });
      model.failsAfter = 2;
      const items: unknown[] = [];
      try {
        for await (const chunk of await model.stream('hello')) items.push(chunk);
      } catch (error) {
        items.push(error);
      }
      return [items, model.seen];
    },
  },
  {
    title: 'a stream of a chat model is aborted',
    spans: FAILED,
    isDropped: true,
    async run(copy) {
      const model = parrot(copy);
      // The next chunk is under way when the program has enough.
      model.delayMs = 10;
      const controller = new AbortController();
      const items: unknown[] = [];
      try {
        for await (const chunk of await model.stream('hello', { signal: controller.signal })) {
          items.push(chunk.content);
          if (items.length === 2) controller.abort(new Error('enough'));
        }
      } catch (error) {
        items.push((error as Error).message);
      }
      await wait(30);
      return items;
    },
  },
  {
    title: 'a chat model finds its answer in its cache',
    spans: [...MODEL, ...MODEL],
    async run(copy) {
      const model = parrot(copy, { cache: new copy.InMemoryCache() });
      return [await model.invoke('hello'), await model.invoke('hello'), model.seen];
    },
  },
  {
    title: 'a chat model finds one of two answers in its cache',
    spans: [...MODEL, ...MODEL, ...MODEL],
    async run(copy) {
      const model = parrot(copy, { cache: new copy.InMemoryCache() });
      await model.invoke('a');
      const both = await model.generate([[new copy.HumanMessage('a')], [new copy.HumanMessage('b')]]);
      return [both, model.seen];
    },
  },
  {
    title: 'a text model answers',
    spans: TEXT,
    async run(copy) {
      const model = new (createTextModel(copy))({});
      return [await model.invoke('once'), model.seen];
    },
  },
  {
    title: 'a text model gets several prompts',
    spans: [...TEXT, ...TEXT],
    async run(copy) {
      const model = new (createTextModel(copy))({});
      return [await model.generate(['once', 'twice']), model.seen];
    },
  },
  {
    title: 'a text model streams',
    spans: TEXT,
    async run(copy) {
      const model = new (createTextModel(copy))({});
      return [await all(await model.stream('once upon a time')), model.seen];
    },
  },
  {
    title: 'a chat model gives structured output',
    spans: ['StructuredOutput CHAIN', '  Parrot CHAT_MODEL', '  RunnableLambda CHAIN'],
    async run(copy) {
      const model = parrot(copy);
      model.toolCall = { id: 'call-1', name: 'extract', args: { bird: 'parrot' } };
      const schema = { type: 'object', properties: { bird: { type: 'string' } } };
      return model.withStructuredOutput?.(schema).invoke('which?');
    },
  },
  {
    title: 'a chat model gives structured output beside the raw answer',
    spans: [
      'StructuredOutputRunnable CHAIN',
      '  RunnableMap CHAIN',
      '    Parrot CHAT_MODEL',
      '  RunnableWithFallbacks CHAIN',
      '    RunnableMap CHAIN',
      '      RunnableLambda CHAIN',
      '        RunnableLambda CHAIN',
    ],
    async run(copy) {
      const model = parrot(copy);
      model.toolCall = { id: 'call-1', name: 'extract', args: { bird: 'parrot' } };
      const schema = { type: 'object', properties: { bird: { type: 'string' } } };
      return model.withStructuredOutput?.(schema, { includeRaw: true }).invoke('which?');
    },
  },
  {
    title: 'a message and a model are serialized',
    spans: MODEL,
    async run(copy) {
      const model = parrot(copy);
      const message = await model.invoke('hello');
      return [JSON.stringify(message), JSON.stringify(model), message.toDict()];
    },
  },
  {
    title: 'fifty calls run at once',
    spans: Array(50).fill('Parrot CHAT_MODEL'),
    async run(copy) {
      const model = parrot(copy);
      const answers = await Promise.all(Array.from({ length: 50 }, (_, index) => model.invoke(String(index))));
      return answers.map(({ content, id }) => [content, id]);
    },
  },
  {
    title: 'a queue lets one call through at a time',
    spans: [...MODEL, ...MODEL, ...MODEL],
    async run(copy) {
      const model = parrot(copy, { maxConcurrency: 1 });
      const queued = (text: string) => model.caller.call(async () => (await model.invoke(text)).content);
      return Promise.all(['a', 'b', 'c'].map(queued));
    },
  },
];
