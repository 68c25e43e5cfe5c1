import { setTimeout as wait } from 'node:timers/promises';
import type { RunnableConfig } from '@langchain/core/runnables';
import {
  Annotation,
  Command,
  END,
  interrupt,
  MemorySaver,
  MessagesAnnotation,
  START,
  StateGraph,
} from '@langchain/langgraph';
import { createAgent } from 'langchain';
import { z } from 'zod';
import type { LangChainCopy } from '../../../integrations/langchain-setup.ts';
import { createListener, createModel, type LangChainCase } from './library.ts';

const State = Annotation.Root({ count: Annotation<number>, log: Annotation<string[]> });

function createCounter(configs: unknown[] = []) {
  return new StateGraph(State)
    .addNode('double', ({ count }, config) => {
      const { callbacks, runName, tags } = config as RunnableConfig;
      configs.push(callbacks, Object.keys(config).sort(), runName, tags);
      return { count: count * 2 };
    })
    .addNode('note', ({ count }) => ({ log: [`now ${count}`] }))
    .addEdge(START, 'double')
    .addEdge('double', 'note')
    .addConditionalEdges('note', ({ count }) => (count < 5 ? 'double' : END));
}

const COUNTER = ['LangGraph CHAIN', ...Array(3).fill(['  double CHAIN', '  note CHAIN']).flat()];

function createTalk(copy: LangChainCopy) {
  const model = new (createModel(copy))({});
  return new StateGraph(MessagesAnnotation)
    .addNode('talk', async ({ messages }) => ({ messages: [await model.invoke(messages)] }))
    .addEdge(START, 'talk')
    .addEdge('talk', END);
}

const TALK = ['LangGraph CHAIN', '  talk CHAIN', '    Parrot CHAT_MODEL'];
const QUESTION = { messages: [{ role: 'user', content: 'hello', id: 'question' }] };

async function all(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

/** Graphs of langgraph, which stands on the newest core that is imported. */
export const graphCases: readonly LangChainCase[] = [
  {
    title: 'a graph runs its nodes',
    spans: COUNTER,
    async run() {
      const configs: unknown[] = [];
      return [await createCounter(configs).compile().invoke({ count: 1 }), configs];
    },
  },
  {
    title: 'a graph runs its nodes with a callback of the program',
    spans: COUNTER,
    async run() {
      const { handler, events } = createListener({ awaitHandlers: true });
      const result = await createCounter()
        .compile()
        .invoke({ count: 1 }, { callbacks: [handler], tags: ['a'] });
      return [result, events];
    },
  },
  {
    title: 'a graph keeps the messages of its model as they are',
    spans: TALK,
    async run(copy) {
      const { messages } = await createTalk(copy).compile().invoke(QUESTION);
      return messages.map(({ id, content }) => [typeof id, content]);
    },
  },
  ...(['values', 'updates', 'debug', 'custom', 'tasks', 'checkpoints'] as const).map((streamMode) => ({
    title: `a graph streams ${streamMode}`,
    spans: COUNTER,
    async run() {
      const items = await all(await createCounter().compile().stream({ count: 1 }, { streamMode }));
      return JSON.parse(JSON.stringify(items).replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'now')) as unknown;
    },
  })),
  {
    title: 'a graph streams messages',
    spans: TALK,
    async run(copy) {
      const items = await all(await createTalk(copy).compile().stream(QUESTION, { streamMode: 'messages' }));
      return (items as [{ content: string; id?: string }, object][]).map(([message, metadata]) => [
        message.content,
        message.id,
        Object.keys(metadata).sort(),
      ]);
    },
  },
  {
    title: 'a graph streams in two ways at once',
    spans: TALK,
    async run(copy) {
      const streamMode = ['messages', 'updates'] as const;
      const items = await all(
        await createTalk(copy)
          .compile()
          .stream(QUESTION, { streamMode: [...streamMode] }),
      );
      return (items as [string, unknown][]).map(([mode]) => mode);
    },
  },
  {
    title: 'a stream of a graph is left early',
    spans: COUNTER,
    async run() {
      const graph = createCounter().compile();
      const items: unknown[] = [];
      for await (const item of await graph.stream({ count: 1 }, { streamMode: 'updates' })) {
        items.push(item);
        break;
      }
      // The graph goes on for a while in the background.
      await wait(60);
      return items;
    },
  },
  {
    title: 'a graph fails in a node',
    spans: ['LangGraph CHAIN ERROR', '  bad CHAIN ERROR'],
    async run() {
      const failure = new TypeError('bad node');
      const graph = new StateGraph(State)
        .addNode('bad', () => {
          throw failure;
        })
        .addEdge(START, 'bad')
        .compile();
      return (await graph.invoke({ count: 1 }).catch((error: unknown) => error)) === failure;
    },
  },
  {
    title: 'a graph runs out of steps',
    spans: ['LangGraph CHAIN ERROR', '  double CHAIN', '  note CHAIN'],
    run: () =>
      createCounter()
        .compile()
        .invoke({ count: 1 }, { recursionLimit: 2 })
        .catch((error: Error) => [error.name, error.message.split('\n')[0]]),
  },
  {
    title: 'a graph is interrupted, keeps its state and goes on',
    spans: ['LangGraph CHAIN', '  ask CHAIN UNSET', 'LangGraph CHAIN', '  ask CHAIN'],
    async run() {
      const graph = new StateGraph(State)
        .addNode('ask', () => ({ log: [String(interrupt('may I?'))] }))
        .addEdge(START, 'ask')
        .compile({ checkpointer: new MemorySaver() });
      const config = { configurable: { thread_id: 'one' } };
      const first = (await graph.invoke({ count: 1 }, config)) as Record<string, unknown>;
      const { next, tasks } = await graph.getState(config);
      const second = await graph.invoke(new Command({ resume: 'yes' }), config);
      const history = await all(graph.getStateHistory(config));
      return [Object.keys(first), next, tasks.length, second, history.length];
    },
  },
  {
    title: 'a graph runs in a graph',
    spans: [
      'LangGraph CHAIN',
      '  inner CHAIN',
      '    LangGraph CHAIN',
      '      talk CHAIN',
      '        Parrot CHAT_MODEL',
    ],
    async run(copy) {
      const graph = new StateGraph(MessagesAnnotation)
        .addNode('inner', createTalk(copy).compile())
        .addEdge(START, 'inner')
        .compile();
      const items = await all(await graph.stream(QUESTION, { streamMode: 'updates', subgraphs: true }));
      return (items as [string[], object][]).map(([path, update]) => [path.length, Object.keys(update)]);
    },
  },
  {
    title: 'a node calls another graph by itself',
    spans: [
      'LangGraph CHAIN',
      '  outer CHAIN',
      '    LangGraph CHAIN',
      '      talk CHAIN',
      '        Parrot CHAT_MODEL',
    ],
    async run(copy) {
      const inner = createTalk(copy).compile();
      const graph = new StateGraph(MessagesAnnotation)
        .addNode('outer', async (state) => {
          const { messages } = await inner.invoke(state);
          return { messages: messages.slice(-1) };
        })
        .addEdge(START, 'outer')
        .compile();
      const { messages } = await graph.invoke(QUESTION);
      return messages.map(({ content }) => content);
    },
  },
  {
    title: 'events of a graph are streamed',
    spans: TALK,
    async run(copy) {
      const events: unknown[] = [];
      for await (const { event, name, tags } of createTalk(copy)
        .compile()
        .streamEvents(QUESTION, { version: 'v2' })) {
        events.push([event, name, tags]);
      }
      return events;
    },
  },
  {
    title: 'two graphs run at once',
    spans: [...TALK, ...TALK],
    async run(copy) {
      const graph = createTalk(copy).compile();
      const results = await Promise.all([graph.invoke(QUESTION), graph.invoke(QUESTION)]);
      return results.map(({ messages }) => messages.map(({ content }) => content));
    },
  },
  {
    title: 'an agent uses a tool',
    spans: [
      'LangGraph AGENT',
      '  model_request CHAIN',
      '    Parrot CHAT_MODEL',
      '  tools CHAIN',
      '    add TOOL',
      '  model_request CHAIN',
      '    Parrot CHAT_MODEL',
    ],
    async run(copy) {
      const schema = z.object({ a: z.number() });
      const configs: unknown[] = [];
      const add = copy.tool(
        ({ a }: z.infer<typeof schema>, config) => configs.push(typeof config.callbacks) && a + 1,
        {
          name: 'add',
          description: 'adds',
          schema,
        },
      );
      const model = new (createModel(copy))({});
      model.toolCall = { id: 'call-1', name: 'add', args: { a: 1 } };
      const generate = model._generate.bind(model);
      model._generate = async (messages, ...rest) => {
        if (messages.at(-1)?._getType() === 'tool') model.toolCall = undefined;
        return generate(messages, ...rest);
      };
      const { messages } = await createAgent({ model, tools: [add] }).invoke(QUESTION);
      return [messages.map(({ content, type }) => [type, content]), configs, model.seen];
    },
  },
];
