import { getEventListeners } from 'node:events';
import { bareSpan, chat, chatSpan, failedSpan, type OpenAiCase, streamed, streamSpan } from './context.ts';

/** What is sent, and the arguments that it is made of. */
export const requests: Readonly<Record<string, OpenAiCase>> = {
  'the headers of a request': {
    async run({ client, sent, received }) {
      await client.chat.completions.create(chat);
      const [arrived] = await received();
      return [sent[0]?.headers, Object.keys(arrived?.headers ?? {}).sort()];
    },
    spans: [chatSpan],
  },
  'the headers of a stream’s request': {
    async run({ client, sent, received }) {
      for await (const _ of await client.chat.completions.create(streamed));
      const [arrived] = await received();
      return [sent[0]?.headers, Object.keys(arrived?.headers ?? {}).sort(), sent[0]?.body];
    },
    spans: [streamSpan],
  },
  'headers and query of a call': {
    async run({ client, sent }) {
      await client.chat.completions.create(chat, { headers: { 'x-mine': 'yes' }, query: { trial: '1' } });
      return [sent[0]?.url, sent[0]?.headers['x-mine']];
    },
    spans: [chatSpan],
  },
  'options of a stream’s call': {
    async run({ client, sent }) {
      const options = { headers: { 'x-mine': 'yes' }, idempotencyKey: 'mine' };
      for await (const _ of await client.chat.completions.create(streamed, options));
      return sent[0]?.headers['x-mine'];
    },
    spans: [streamSpan],
  },
  'frozen arguments': {
    run({ client }) {
      const messages = Object.freeze(chat.messages.map((message) => Object.freeze({ ...message })));
      return client.chat.completions.create(
        Object.freeze({ ...chat, messages: messages as typeof chat.messages }),
        Object.freeze({}),
      );
    },
    spans: [chatSpan],
  },
  'arguments stay as they were': {
    async run({ client }) {
      const request = { ...streamed, messages: chat.messages.map((message) => ({ ...message })) };
      const options = { headers: { a: 'b' } };
      for await (const _ of await client.chat.completions.create(request, options));
      return [request, Reflect.ownKeys(request), options, Reflect.ownKeys(options)];
    },
    spans: [streamSpan],
  },
  'a request with a getter is read as often': {
    async run({ client }) {
      let readCount = 0;
      const request = {
        ...chat,
        get temperature() {
          readCount += 1;
          return 0.5;
        },
      };
      await client.chat.completions.create(request);
      return readCount;
    },
    spans: [chatSpan],
  },
  'a request with a toJSON of its own': {
    async run({ client, sent }) {
      const request = {
        ...chat,
        metadata: { toJSON: () => ({ at: 'send' }) } as unknown as Record<string, string>,
      };
      await client.chat.completions.create(request);
      return sent[0]?.body;
    },
    spans: [chatSpan],
  },
  'arguments changed after the call': {
    async run({ client, sent }) {
      const request = { ...chat, messages: chat.messages.map((message) => ({ ...message })) };
      const promise = client.chat.completions.create(request);
      for (const message of request.messages) message.content = 'changed';
      const { choices } = await promise;
      return [choices[0]?.message.content, sent[0]?.body];
    },
    spans: [bareSpan],
  },
  'a call without arguments': {
    run: ({ client }) => Reflect.apply(client.chat.completions.create, client.chat.completions, []),
    spans: [failedSpan],
  },
  'more arguments than there are parameters': {
    run: ({ client }) =>
      Reflect.apply(client.chat.completions.create, client.chat.completions, [chat, {}, 'more']),
    spans: [chatSpan],
  },
  'one retry after a rate limit': {
    async run({ client, sent }) {
      const error = await client.chat.completions
        .create({ ...chat, model: 'fails-429' }, { maxRetries: 1 })
        .catch((reason: Error) => reason.constructor.name);
      return [error, sent.map(({ headers }) => headers['x-stainless-retry-count'])];
    },
    spans: [failedSpan],
  },
  'a timeout': {
    run: ({ client }) => client.chat.completions.create({ ...chat, model: 'slow' }, { timeout: 20 }),
    spans: [failedSpan],
  },
  'a signal that is aborted already': {
    run: ({ client }) => client.chat.completions.create(chat, { signal: AbortSignal.abort() }),
    spans: [failedSpan],
  },
  'a signal aborted under way': {
    async run({ client, received }) {
      const abort = new AbortController();
      const { promise, resolve } = Promise.withResolvers<void>();
      setTimeout(() => {
        abort.abort();
        resolve();
      }, 40);
      const error = await client.chat.completions
        .create({ ...chat, model: 'slow' }, { signal: abort.signal })
        .catch((reason: Error) => [reason.constructor.name, reason.message]);
      await promise;
      await new Promise((done) => setTimeout(done, 30));
      return [error, (await received())[0]?.closedEarly];
    },
    spans: [failedSpan],
  },
  'listeners of a signal are taken away': {
    async run({ client }) {
      const { signal } = new AbortController();
      for (let at = 0; at < 3; at++) await client.chat.completions.create(chat, { signal });
      return getEventListeners(signal, 'abort').length;
    },
    spans: [chatSpan, chatSpan, chatSpan],
  },
};
