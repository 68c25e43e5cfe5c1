import { setTimeout as wait } from 'node:timers/promises';
import { bareSpan, chat, collect, failedSpan, type OpenAiCase, streamed, streamSpan } from './context.ts';

const slow = { ...streamed, model: 'slow' };
const weather = {
  type: 'function' as const,
  function: { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
};

/** Streams of chat completions, and what can be done with them. */
export const streams: Readonly<Record<string, OpenAiCase>> = {
  'a stream read to its end': {
    run: async ({ client }) => collect(await client.chat.completions.create(streamed)),
    spans: [streamSpan],
  },
  'class, keys and methods of a stream': {
    async run({ client }) {
      const stream = await client.chat.completions.create(streamed);
      const methods = ['tee', 'toReadableStream'].map((name) => typeof Reflect.get(stream, name));
      const seen = [
        stream.constructor.name,
        Object.keys(stream).sort(),
        methods,
        stream.controller.signal.aborted,
      ];
      await collect(stream);
      return seen;
    },
    spans: [streamSpan],
  },
  'a stream of several choices with its usage': {
    async run({ client }) {
      const chunks = await collect(
        await client.chat.completions.create({
          model: 'gpt-4.1',
          n: 2,
          stream: true,
          stream_options: { include_usage: true },
          messages: [{ role: 'user', content: 'Name a flower' }],
        }),
      );
      return [chunks.length, chunks.at(-1)];
    },
    spans: [{ ...bareSpan, text: 'A wild tulip.', tokens: [11, 12] }],
  },
  'no chunk is added to a stream that asks for no usage': {
    async run({ client, sent }) {
      const chunks = await collect(await client.chat.completions.create(streamed));
      return [chunks.every(({ choices }) => choices.length === 1), sent[0]?.body];
    },
    spans: [streamSpan],
  },
  'parallel tool calls in a stream': {
    async run({ client }) {
      const stream = await client.chat.completions.create({
        ...streamed,
        messages: [{ role: 'user', content: 'Is it raining?' }],
        tools: [weather],
      });
      return (await collect(stream)).flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? []);
    },
    spans: [{ ...bareSpan, text: '{"city": "Tokyo"}' }],
  },
  'a break ends the request': {
    async run({ client, received }) {
      const stream = await client.chat.completions.create(slow);
      let count = 0;
      for await (const _ of stream) if (++count === 2) break;
      await wait(120);
      const [request] = await received();
      return [count, stream.controller.signal.aborted, request?.closedEarly];
    },
    spans: [bareSpan],
  },
  'an error thrown in the loop': {
    async run({ client, received }) {
      const stream = await client.chat.completions.create(slow);
      const error = new Error('enough');
      const caught = await (async () => {
        for await (const _ of stream) throw error;
      })().catch((reason: unknown) => reason);
      await wait(120);
      return [caught === error, stream.controller.signal.aborted, (await received())[0]?.closedEarly];
    },
    spans: [bareSpan],
  },
  'abort() of the controller in the loop': {
    async run({ client }) {
      const stream = await client.chat.completions.create(slow);
      let count = 0;
      for await (const _ of stream) if (++count === 2) stream.controller.abort();
      return count;
    },
    spans: [bareSpan],
  },
  'a signal aborted in the loop': {
    async run({ client, received }) {
      const abort = new AbortController();
      const stream = await client.chat.completions.create(slow, { signal: abort.signal });
      let count = 0;
      for await (const _ of stream) if (++count === 2) abort.abort();
      await wait(100);
      return [count, (await received())[0]?.closedEarly];
    },
    spans: [bareSpan],
  },
  'both sides of tee()': {
    async run({ client }) {
      const [left, right] = (await client.chat.completions.create(streamed)).tee();
      return [await collect(left), await collect(right)];
    },
    spans: [streamSpan],
  },
  'toReadableStream()': {
    async run({ client }) {
      const stream = (await client.chat.completions.create(streamed)).toReadableStream();
      return new Response(stream).text();
    },
    spans: [streamSpan],
  },
  'a second iteration': {
    async run({ client }) {
      const stream = await client.chat.completions.create(streamed);
      await collect(stream);
      return collect(stream);
    },
    spans: [streamSpan],
  },
  'a stream read by hand': {
    async run({ client }) {
      const iterator = (await client.chat.completions.create(streamed))[Symbol.asyncIterator]();
      return [await iterator.next(), await iterator.return?.(), await iterator.next()];
    },
    spans: [bareSpan],
  },
  'the methods of a stream’s iterator': {
    async run({ client }) {
      const iterator = (await client.chat.completions.create(streamed))[Symbol.asyncIterator]();
      const methods = ['next', 'return', 'throw'].map((name) => typeof Reflect.get(iterator, name));
      const tag = Object.prototype.toString.call(iterator);
      const pending = iterator.next();
      const isPromise = pending instanceof Promise;
      await pending;
      await iterator.return?.();
      return [methods, tag, isPromise];
    },
    spans: [bareSpan],
  },
  'throw() into a stream’s iterator': {
    async run({ client }) {
      const iterator = (await client.chat.completions.create(streamed))[Symbol.asyncIterator]();
      await iterator.next();
      const error = new Error('thrown in');
      const caught = await iterator.throw?.(error).catch((reason: unknown) => reason);
      return [caught === error, await iterator.next()];
    },
    spans: [failedSpan],
  },
  'a stream with withResponse()': {
    async run({ client }) {
      const { data, response } = await client.chat.completions.create(streamed).withResponse();
      return [await collect(data), response.status];
    },
    spans: [streamSpan],
  },
  'the text of a stream by asResponse()': {
    run: async ({ client }) => (await client.chat.completions.create(streamed).asResponse()).text(),
    spans: [bareSpan],
  },
  'a stream that fails in the middle, caught': {
    run: async ({ client }) =>
      collect(await client.chat.completions.create({ ...streamed, model: 'breaks-midway' })),
    spans: [failedSpan],
  },
  'a connection that breaks in the middle of a stream': {
    async run({ client }) {
      const stream = await client.chat.completions.create({ ...streamed, model: 'hangs-up-midway' });
      return collect(stream).catch((error: Error) => [error.constructor.name, error.message]);
    },
    spans: [failedSpan],
  },
  'a rate limit before a stream': {
    run: ({ client }) => client.chat.completions.create({ ...streamed, model: 'fails-429' }),
    spans: [failedSpan],
  },
  'one side of tee() of a failing stream': {
    async run({ client }) {
      const [left] = (await client.chat.completions.create({ ...streamed, model: 'breaks-midway' })).tee();
      return collect(left);
    },
    spans: [failedSpan],
  },
  'the chunks are the program’s own': {
    async run({ client }) {
      const chunks: unknown[] = [];
      for await (const chunk of await client.chat.completions.create(streamed)) {
        for (const choice of chunk.choices) choice.delta = { content: 'changed' };
        chunks.push(chunk);
      }
      return chunks;
    },
    spans: [bareSpan],
  },
  'legacy completions in a stream': {
    run: async ({ client }) =>
      collect(await client.completions.create({ model: 'gpt-3.5-turbo-instruct', prompt: 'x', stream: true })),
    spans: [{ name: 'Completions', type: 'LLM', text: 'The iris is a flower of spring.' }],
  },
  'streams side by side': {
    async run({ client }) {
      const all = await Promise.all(
        Array.from({ length: 4 }, async () =>
          collect(await client.chat.completions.create({ ...chat, stream: true })),
        ),
      );
      return all.map(({ length }) => length);
    },
    spans: Array.from({ length: 4 }, () => streamSpan),
  },
};
