import { setTimeout as wait } from 'node:timers/promises';
import { bareSpan, chat, chatSpan, failedSpan, type OpenAiCase, streamed, streamSpan } from './context.ts';

/** What a process does at its end; each has one of its own. */
export const endings: Readonly<Record<string, OpenAiCase>> = {
  'a process that ends by itself': {
    alone: true,
    run: ({ client }) => client.chat.completions.create(chat).then(({ object }) => object),
    spans: [chatSpan],
  },
  'a process after a whole stream': {
    alone: true,
    async run({ client }) {
      for await (const _ of await client.chat.completions.create(streamed));
      console.log('read');
    },
    spans: [streamSpan],
  },
  'a process that exits within a stream': {
    alone: true,
    async run({ client }) {
      for await (const _ of await client.chat.completions.create({ ...streamed, model: 'slow' })) process.exit(3);
    },
    spans: [bareSpan],
  },
  'a process with a stream that nobody reads': {
    alone: true,
    async run({ client }) {
      const stream = await client.chat.completions.create(streamed);
      console.log(typeof stream.tee);
    },
    spans: [bareSpan],
  },
  'a process with a failed call that nobody handles': {
    alone: true,
    async run({ client }) {
      void client.chat.completions.create({ ...chat, model: 'fails-404' });
      await wait(300);
      console.log('alive');
    },
    spans: [failedSpan],
  },
  'a process with a failing stream, handled': {
    alone: true,
    async run({ client }) {
      try {
        for await (const _ of await client.chat.completions.create({ ...streamed, model: 'breaks-midway' }));
      } catch {
        console.log('handled');
      }
      await wait(50);
      console.log('alive');
    },
    spans: [failedSpan],
  },
  'a process that throws while a call is under way': {
    alone: true,
    async run({ client }) {
      void client.chat.completions.create({ ...chat, model: 'slow' });
      await wait(20);
      setTimeout(() => {
        throw new Error('a bug of the program');
      });
      await wait(1_000);
    },
    spans: [bareSpan],
  },
  'memory after 200 calls': {
    alone: { nodeArgs: ['--expose-gc'] },
    async run({ createClient }) {
      const reply = {
        id: 'x',
        object: 'chat.completion',
        choices: [{ index: 0, message: { content: 'x'.repeat(9_000) } }],
      };
      const client = createClient({ fetch: async () => Response.json(reply) });
      const kept: WeakRef<object>[] = [];
      for (let at = 0; at < 200; at++) kept.push(new WeakRef(await client.chat.completions.create(chat)));
      for (let round = 0; round < 10; round++) {
        await wait(50);
        globalThis.gc?.();
      }
      return kept.filter((one) => one.deref() !== undefined).length < 20;
    },
    spans: Array.from({ length: 200 }, () => bareSpan),
  },
  'memory after 50 streams left early': {
    alone: { nodeArgs: ['--expose-gc'] },
    async run({ client }) {
      const kept: WeakRef<object>[] = [];
      for (let at = 0; at < 50; at++) {
        const stream = await client.chat.completions.create(streamed);
        kept.push(new WeakRef(stream));
        for await (const _ of stream) break;
      }
      for (let round = 0; round < 10; round++) {
        await wait(50);
        globalThis.gc?.();
      }
      return kept.filter((one) => one.deref() !== undefined).length < 10;
    },
    spans: Array.from({ length: 50 }, () => bareSpan),
  },
};
