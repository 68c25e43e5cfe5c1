import { setTimeout as wait } from 'node:timers/promises';
import { bareSpan, chat, chatSpan, failedSpan, type OpenAiCase } from './context.ts';

/** A plain call, and what can be done with its promise. */
export const promises: Readonly<Record<string, OpenAiCase>> = {
  'an awaited call': {
    run: ({ client }) => client.chat.completions.create(chat),
    spans: [chatSpan],
  },
  'a promise awaited twice': {
    async run({ client }) {
      const promise = client.chat.completions.create(chat);
      const first = await promise;
      return [first === (await promise), Object.keys(first)];
    },
    spans: [chatSpan],
  },
  'class and keys of the promise': {
    async run({ client, exports }) {
      const promise = client.chat.completions.create(chat);
      const seen = [
        promise instanceof Promise,
        promise instanceof exports.APIPromise,
        promise.constructor.name,
        Object.keys(promise),
        Object.prototype.toString.call(promise),
      ];
      await promise;
      return seen;
    },
    spans: [chatSpan],
  },
  'the methods of the promise are its class’s': {
    async run({ client, exports }) {
      const promise = client.chat.completions.create(chat);
      const { prototype } = exports.APIPromise;
      const names = ['then', 'catch', 'finally', 'withResponse', 'asResponse', '_thenUnwrap'] as const;
      const same = names.map((name) => Reflect.get(promise, name) === Reflect.get(prototype, name));
      await promise;
      return same;
    },
    spans: [chatSpan],
  },
  'withResponse()': {
    async run({ client }) {
      const { data, response, request_id } = await client.chat.completions.create(chat).withResponse();
      return [data, response.status, response.bodyUsed, typeof request_id];
    },
    spans: [chatSpan],
  },
  'asResponse() and its text': {
    async run({ client }) {
      const response = await client.chat.completions.create(chat).asResponse();
      return [response.status, response.bodyUsed, await response.text()];
    },
    spans: [bareSpan],
  },
  'asResponse() and its json': {
    async run({ client }) {
      const response = await client.chat.completions.create(chat).asResponse();
      return [response.constructor.name, await response.json()];
    },
    spans: [bareSpan],
  },
  'asResponse() whose body is left': {
    async run({ client }) {
      const response = await client.chat.completions.create(chat).asResponse();
      await wait(20);
      return [response.status, response.bodyUsed];
    },
    spans: [bareSpan],
  },
  'asResponse() and then the data': {
    async run({ client }) {
      const promise = client.chat.completions.create(chat);
      const { status } = await promise.asResponse();
      return [status, await promise];
    },
    spans: [bareSpan],
  },
  'the data and then asResponse()': {
    async run({ client }) {
      const promise = client.chat.completions.create(chat);
      const data = await promise;
      return [data, (await promise.asResponse()).bodyUsed];
    },
    spans: [chatSpan],
  },
  'then, catch and finally in a chain': {
    run: ({ client }) =>
      client.chat.completions
        .create(chat)
        .then((completion) => completion.choices.length)
        .catch(() => 'caught')
        .finally(() => 'ignored'),
    spans: [chatSpan],
  },
  'the class of what then() returns': {
    async run({ client }) {
      const derived = client.chat.completions.create(chat).then(({ object }) => object);
      return [derived.constructor.name, await derived];
    },
    spans: [chatSpan],
  },
  'the request is sent before anything is awaited': {
    async run({ client, sent }) {
      const promise = client.chat.completions.create(chat);
      await wait(40);
      const count = sent.length;
      await promise;
      return count;
    },
    spans: [chatSpan],
  },
  'a call that nobody awaits': {
    alone: true,
    async run({ client, sent }) {
      void client.chat.completions.create(chat);
      await wait(80);
      return sent.length;
    },
    spans: [bareSpan],
  },
  'calls side by side': {
    async run({ client }) {
      const calls = Array.from({ length: 8 }, (_, at) => client.chat.completions.create({ ...chat, seed: at }));
      return (await Promise.all(calls)).map(({ choices }) => choices[0]?.message.content);
    },
    spans: Array.from({ length: 8 }, () => chatSpan),
  },
  'Promise.race and Promise.allSettled': {
    async run({ client }) {
      const first = await Promise.race([
        client.chat.completions.create(chat),
        wait(3_000, 'late', { ref: false }),
      ]);
      const all = await Promise.allSettled([
        client.chat.completions.create(chat),
        client.chat.completions.create({ ...chat, model: 'fails-404' }),
      ]);
      return [typeof first, all.map(({ status }) => status)];
    },
    spans: [chatSpan, chatSpan, failedSpan],
  },
  'several choices': {
    run: ({ client }) =>
      client.chat.completions.create({
        model: 'gpt-4.1',
        n: 2,
        messages: [{ role: 'user', content: 'Name a flower' }],
      }),
    spans: [{ ...bareSpan, text: 'A wild tulip.', tokens: [11, 12] }],
  },
  'embeddings, whose base64 the client turns into numbers': {
    async run({ client }) {
      const { data, usage } = await client.embeddings.create({
        model: 'text-embedding-3-small',
        input: ['a b', 'c'],
      });
      return [data.map(({ embedding }) => [Array.isArray(embedding), embedding.length, embedding[0]]), usage];
    },
    spans: [{ name: 'Embeddings', type: 'EMBEDDING' }],
  },
  'embeddings that are asked for in base64': {
    async run({ client }) {
      const { data } = await client.embeddings.create({
        model: 'text-embedding-3-small',
        input: 'a b',
        encoding_format: 'base64',
      });
      return data.map(({ embedding }) => typeof embedding);
    },
    spans: [{ name: 'Embeddings', type: 'EMBEDDING' }],
  },
  'legacy completions': {
    run: ({ client }) => client.completions.create({ model: 'gpt-3.5-turbo-instruct', prompt: 'x' }),
    spans: [{ name: 'Completions', type: 'LLM', text: 'The iris is a flower of spring.', tokens: [5, 9] }],
  },
};
