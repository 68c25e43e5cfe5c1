import { chat, chatSpan, type OpenAiCase, type OpenAiContext, streamed, streamSpan } from './context.ts';

function subclass({ exports, url, sent, wrap }: OpenAiContext) {
  class MyOpenAI extends exports.OpenAI {
    #calls = 0;
    get calls() {
      return this.#calls;
    }
    protected override async prepareRequest() {
      this.#calls += 1;
    }
  }
  const record = sent as unknown[];
  const client = new MyOpenAI({
    apiKey: 'key',
    baseURL: url,
    fetch: (target, init) => {
      record.push(target);
      return fetch(target as string, init as RequestInit);
    },
  });
  return { MyOpenAI, client: wrap(client) };
}

/** Clients: their classes, copies and settings. */
export const clients: Readonly<Record<string, OpenAiCase>> = {
  'a client is an instance of its class': {
    run: ({ client, exports }) => [
      client instanceof exports.OpenAI,
      client.constructor === exports.OpenAI,
      client.constructor.name,
      client.chat.completions instanceof exports.OpenAI.Chat.Completions,
    ],
    spans: [],
  },
  'the keys of a client': {
    run: ({ client }) => [
      Object.keys(client).filter((key) => !key.startsWith('_')),
      Object.keys(client.chat.completions),
      Object.prototype.toString.call(client),
    ],
    spans: [],
  },
  'a method of a resource is one function': {
    run({ client, createClient }) {
      const { create } = client.chat.completions;
      const again = client.chat.completions;
      const other = createClient().chat.completions;
      return [create === again.create, create === other.create, Object.hasOwn(again, 'create')];
    },
    spans: [],
  },
  'name, length and keys of a method': {
    run: ({ client }) => {
      const { create } = client.chat.completions;
      return [create.name, create.length, Object.keys(create), Object.hasOwn(create, 'prototype')];
    },
    spans: [],
  },
  'the source text of a method': {
    run: ({ client }) => String(client.chat.completions.create),
    spans: [],
  },
  'the descriptor of a method': {
    run({ exports }) {
      const owner = exports.OpenAI.Chat.Completions.prototype;
      const { value, ...rest } = Object.getOwnPropertyDescriptor(owner, 'create') ?? {};
      return [rest, typeof value, Object.getOwnPropertyNames(owner)];
    },
    spans: [],
  },
  'the names that the module exports': {
    run: ({ exports }) => [Object.keys(exports).sort(), exports.OpenAI.name, exports.OpenAI.length],
    spans: [],
  },
  'a method taken off its resource': {
    async run({ client }) {
      const { create } = client.chat.completions;
      const reply = await create.call(client.chat.completions, chat);
      return reply;
    },
    spans: [chatSpan],
  },
  'a method without its resource': {
    run: ({ exports }) => Reflect.apply(exports.OpenAI.Chat.Completions.prototype.create, undefined, [chat]),
    spans: [{ name: 'Completions', isError: true }],
  },
  'withOptions()': {
    async run({ client, exports }) {
      const other = client.withOptions({ timeout: 5_000 });
      const reply = await other.chat.completions.create(chat);
      return [other instanceof exports.OpenAI, other.timeout, other === client, reply.object];
    },
    spans: [chatSpan],
  },
  'buildURL() and other methods of the client': {
    run: ({ client }) => [
      client.buildURL('/chat', { a: 'b' }),
      client.baseURL.startsWith('http'),
      client.maxRetries,
    ],
    spans: [],
  },
  'post() by hand': {
    run: ({ client }) => client.post('/chat/completions', { body: chat }),
    spans: [],
  },
  'a subclass with private fields': {
    async run(context) {
      const { MyOpenAI, client } = subclass(context);
      const { object } = await client.chat.completions.create(chat);
      return [client instanceof MyOpenAI, client.constructor.name, client.calls, object];
    },
    spans: [chatSpan],
  },
  'a class that extends a resource': {
    async run({ client, exports }) {
      class MyCompletions extends exports.OpenAI.Chat.Completions {
        ask() {
          return this.create(chat);
        }
      }
      const completions = new MyCompletions(client);
      return (await completions.ask()).object;
    },
    spans: [chatSpan],
  },
  AzureOpenAI: {
    async run({ exports, url, sent, wrap }) {
      const record = sent as unknown[];
      const client = wrap(
        new exports.AzureOpenAI({
          apiKey: 'key',
          endpoint: url.replace('/v1', ''),
          apiVersion: '2024-10-21',
          deployment: 'gpt-4.1-mini',
          fetch: (target, init) => {
            record.push(String(target));
            return fetch(target as string, init as RequestInit);
          },
        }),
      );
      const reply = await client.chat.completions.create(chat);
      return [client instanceof exports.AzureOpenAI, reply.choices[0]?.message.content, String(sent[0])];
    },
    spans: [chatSpan],
  },
  'a fetch of one’s own': {
    async run({ createClient }) {
      const calls: string[] = [];
      const client = createClient({
        fetch: async (target, init) => {
          calls.push(`${init?.method} ${new URL(String(target)).pathname}`);
          return Response.json({ object: 'chat.completion', choices: [{ message: { content: 'from a stub' } }] });
        },
      });
      return [await client.chat.completions.create(chat), calls];
    },
    spans: [{ name: 'Completions', text: 'from a stub' }],
  },
  'a key that is a function': {
    async run({ createClient }) {
      let asked = 0;
      const client = createClient({ apiKey: (async () => `key-${++asked}`) as unknown as string });
      await client.chat.completions.create(chat).catch(() => undefined);
      return asked;
    },
    spans: [{ name: 'Completions' }],
  },
  'logs of the client': {
    async run({ createClient }) {
      const lines: unknown[] = [];
      const logger = Object.fromEntries(
        ['error', 'warn', 'info', 'debug'].map((level) => [
          level,
          (text: string) => lines.push([level, text.replaceAll(/log_\w+|\d+ms/g, '*')]),
        ]),
      ) as unknown as Console;
      const client = createClient({ logLevel: 'debug', logger });
      await client.chat.completions.create(chat);
      return lines.map((line) =>
        JSON.stringify(line)
          .replaceAll(/req_\w+/g, '#')
          .replaceAll(/[\d.]+/g, '#'),
      );
    },
    spans: [chatSpan],
  },
  'AsyncLocalStorage of the program': {
    async run({ client }) {
      const { AsyncLocalStorage } = await import('node:async_hooks');
      const storage = new AsyncLocalStorage<string>();
      return storage.run('mine', async () => {
        const seen = [storage.getStore()];
        await client.chat.completions.create(chat).then(() => seen.push(storage.getStore()));
        for await (const _ of await client.chat.completions.create(streamed)) seen.push(storage.getStore());
        return [...new Set(seen)];
      });
    },
    spans: [chatSpan, streamSpan],
  },
};
