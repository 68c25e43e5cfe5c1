import { chat, failedSpan, type OpenAiCase, type OpenAiContext } from './context.ts';

async function errorOf({ client }: OpenAiContext, model: string) {
  return client.chat.completions.create({ ...chat, model }).catch((error: unknown) => error);
}

/** Functions on top of a stack, without places, which are the machine's. */
function framesOf({ stack = '' }: Error): string[] {
  const frames = stack.split('\n').filter((line) => line.startsWith('    at '));
  return frames.slice(0, 2).map((line) => line.replace(/^\s+at (?:async )?/, '').replace(/ ?\(.*|file:.*/, ''));
}

/** Errors, as a program sees them. */
export const errors: Readonly<Record<string, OpenAiCase>> = {
  'a refused key': {
    run: ({ client }) => client.chat.completions.create({ ...chat, model: 'fails-401' }),
    spans: [failedSpan],
  },
  'class and fields of a rate limit’s error': {
    async run(context) {
      const error = (await errorOf(context, 'fails-429')) as InstanceType<typeof context.exports.APIError>;
      const { RateLimitError, APIError, OpenAIError } = context.exports;
      return [
        [RateLimitError, APIError, OpenAIError, Error].map((type) => error instanceof type),
        error.status,
        error.code,
        error.type,
        error.message,
        Object.keys(error),
        error.headers?.get('retry-after-ms'),
      ];
    },
    spans: [failedSpan],
  },
  'the top of an error’s stack': {
    async run(context) {
      return framesOf((await errorOf(context, 'fails-500')) as Error);
    },
    spans: [failedSpan],
  },
  'the place of an awaited call in the stack of its error': {
    async run({ client }) {
      async function placeOfTheCall() {
        return await client.chat.completions.create({ ...chat, model: 'fails-500' });
      }
      const error = (await placeOfTheCall().catch((reason: unknown) => reason)) as Error;
      return error.stack?.includes('placeOfTheCall');
    },
    spans: [failedSpan],
  },
  'the same error for all who wait': {
    async run({ client }) {
      const promise = client.chat.completions.create({ ...chat, model: 'fails-404' });
      const [first, second] = await Promise.all(
        [promise, promise].map((one) => one.catch((error: unknown) => error)),
      );
      return [first === second, (first as Error).message];
    },
    spans: [failedSpan],
  },
  'an error that is caught late': {
    async run({ client }) {
      const promise = client.chat.completions.create({ ...chat, model: 'fails-404' });
      await new Promise((done) => setTimeout(done, 100));
      return promise.catch(() => 'caught');
    },
    spans: [failedSpan],
  },
  'an error that nobody handles': {
    alone: true,
    async run({ client }) {
      process.on('unhandledRejection', (error: Error) => console.log(error.constructor.name, error.message));
      void client.chat.completions.create({ ...chat, model: 'fails-404' });
      await new Promise((done) => setTimeout(done, 100));
    },
    spans: [failedSpan],
  },
  'an error that only finally() sees': {
    async run({ client }) {
      void client.chat.completions.create({ ...chat, model: 'fails-404' }).finally(() => 'done');
      await new Promise((done) => setTimeout(done, 100));
    },
    spans: [failedSpan],
  },
  'a stream’s error that nobody handles': {
    async run({ client }) {
      void (async () => {
        for await (const _ of await client.chat.completions.create({
          ...chat,
          stream: true,
          model: 'breaks-midway',
        }));
      })();
      await new Promise((done) => setTimeout(done, 120));
    },
    spans: [failedSpan],
  },
  'chat.completions.stream left alone with its error': {
    async run({ client }) {
      void client.chat.completions.stream({ ...chat, model: 'fails-401' });
      await new Promise((done) => setTimeout(done, 100));
    },
    spans: [failedSpan],
  },
  'a server that cannot be reached': {
    async run({ createClient }) {
      const client = createClient({ baseURL: 'http://127.0.0.1:9/v1' });
      const error = (await client.chat.completions.create(chat).catch((reason: unknown) => reason)) as Error;
      return [error.constructor.name, error.message, error.cause instanceof Error];
    },
    spans: [failedSpan],
  },
  'a reply that is no JSON': {
    run({ createClient }) {
      const client = createClient({
        fetch: async () => new Response('<html>', { headers: { 'content-type': 'application/json' } }),
      });
      return client.chat.completions.create(chat).catch((error: Error) => error.constructor.name);
    },
    spans: [failedSpan],
  },
  'an empty reply': {
    run({ createClient }) {
      const client = createClient({ fetch: async () => new Response(null, { status: 204 }) });
      return client.chat.completions.create(chat);
    },
    spans: [{ name: 'Completions' }],
  },
  'a reply without choices': {
    run({ createClient }) {
      const client = createClient({ fetch: async () => Response.json({ id: 'x', object: 'chat.completion' }) });
      return client.chat.completions.create(chat);
    },
    spans: [{ name: 'Completions' }],
  },
  'a fetch that throws': {
    async run({ createClient }) {
      const reason = new Error('no network');
      const client = createClient({ fetch: () => Promise.reject(reason) });
      const error = (await client.chat.completions.create(chat).catch((caught: unknown) => caught)) as Error;
      return [error.constructor.name, error.cause === reason];
    },
    spans: [failedSpan],
  },
};
