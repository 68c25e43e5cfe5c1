import { createServer } from 'node:http';
import { createModel, type LangChainCase } from './library.ts';

const MODEL = ['Parrot CHAT_MODEL'];

/** How programs end, and what they leave. */
export const endingCases: readonly LangChainCase[] = [
  {
    title: 'nobody waits for a call, and the program ends',
    spans: MODEL,
    isAlone: true,
    run(copy) {
      void new (createModel(copy))({}).invoke('hello');
    },
  },
  {
    title: 'nobody waits for a chain, and the program ends',
    spans: ['RunnableSequence CHAIN', '  RunnableLambda CHAIN', '  RunnableLambda CHAIN'],
    isAlone: true,
    run(copy) {
      const step = (value: number) => value + 1;
      void copy.RunnableLambda.from(step).pipe(step).invoke(1);
    },
  },
  {
    title: 'nobody waits for a call that fails, which ends the program',
    spans: ['Parrot CHAT_MODEL ERROR'],
    isAlone: true,
    run(copy) {
      const model = new (createModel(copy))({ maxRetries: 0 });
      model.failures = 1;
      void model.invoke('hello');
    },
  },
  {
    title: 'nobody reads a stream, and the program ends',
    spans: ['Parrot CHAT_MODEL UNSET'],
    isAlone: true,
    async run(copy) {
      await new (createModel(copy))({}).stream('hello');
    },
  },
  {
    title: 'a program ends itself in a call',
    spans: ['Parrot CHAT_MODEL UNSET'],
    isAlone: true,
    run(copy) {
      const model = new (createModel(copy))({});
      model._generate = async () => process.exit(3);
      void model.invoke('hello');
    },
  },
  {
    title: 'LangSmith traces at the same time',
    spans: ['RunnableSequence CHAIN', '  ChatPromptTemplate CHAIN', '  Parrot CHAT_MODEL'],
    isAlone: true,
    async run(copy) {
      const sent: unknown[] = [];
      const server = createServer((request, response) => {
        sent.push(request.method);
        request.resume().on('end', () => response.end('{}'));
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as { port: number };
      Object.assign(process.env, {
        LANGSMITH_TRACING: 'true',
        LANGSMITH_ENDPOINT: `http://127.0.0.1:${port}`,
        LANGSMITH_API_KEY: 'key',
        LANGCHAIN_CALLBACKS_BACKGROUND: 'false',
      });
      const chain = copy.ChatPromptTemplate.fromTemplate('{q}').pipe(new (createModel(copy))({}));
      const { id, content } = await chain.invoke({ q: 'why' });
      await new Promise((resolve) => setTimeout(resolve, 500));
      server.closeAllConnections();
      server.close();
      console.log(typeof id, content, sent.length > 0);
    },
  },
];
