/**
 * Makes calls that fail, each left alone in another way, and prints which rejections the process saw as unhandled.
 *
 * Arguments: name of the copy, `patched` or `plain`, and optionally one scenario to run without a handler.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type OpenAI from 'openai';
import { startOpenAiServer } from '../../examples/endpoint/server.mjs';
import { loadCopy, patch, recordSpans } from './openai-setup.ts';

const failing = { model: 'fails-401', messages: [{ role: 'user' as const, content: 'Write a limerick' }] };
const breaking = { ...failing, model: 'breaks-midway', stream: true as const };
const toolRun = {
  ...failing,
  tools: [
    { type: 'function' as const, function: { name: 'f', description: '', parameters: {}, function: () => 'x' } },
  ],
};

const scenarios: Record<string, (client: OpenAI) => unknown> = {
  'left alone': (client) => void client.chat.completions.create(failing),
  'awaited and caught': (client) => client.chat.completions.create(failing).catch(() => 'caught'),
  'only then': (client) => void client.chat.completions.create(failing).then(() => 'fine'),
  'only finally': (client) => void client.chat.completions.create(failing).finally(() => 'done'),
  'caught twice': (client) => {
    const promise = client.chat.completions.create(failing);
    promise.catch(() => 'one');
    promise.catch(() => 'two');
  },
  'caught once, derived once': (client) => {
    const promise = client.chat.completions.create(failing);
    promise.catch(() => 'one');
    void promise.then(() => 'two');
  },
  'caught late': async (client) => {
    const promise = client.chat.completions.create(failing);
    await settle();
    promise.catch(() => 'late');
  },
  'asResponse left alone': (client) => void client.chat.completions.create(failing).asResponse(),
  'asResponse caught': (client) =>
    client.chat.completions
      .create(failing)
      .asResponse()
      .catch(() => 'caught'),
  'withResponse left alone': (client) => void client.chat.completions.create(failing).withResponse(),
  'parse left alone': (client) => void client.chat.completions.parse(failing),
  'parse caught': (client) => client.chat.completions.parse(failing).catch(() => 'caught'),
  'stream left alone': (client) => void client.chat.completions.stream(failing),
  'stream with a listener': (client) => void client.chat.completions.stream(failing).on('error', () => 'heard'),
  'stream awaited': (client) =>
    client.chat.completions
      .stream(failing)
      .done()
      .catch(() => 'caught'),
  'stream breaking': (client) => void client.chat.completions.stream(breaking),
  'runTools left alone': (client) => void client.chat.completions.runTools(toolRun),
  'runTools with a listener for the end': (client) =>
    void client.chat.completions.runTools(toolRun).on('end', () => 'ended'),
  'runTools awaited': (client) =>
    client.chat.completions
      .runTools(toolRun)
      .done()
      .catch(() => 'caught'),
  'runTools aborted': (client) => client.chat.completions.runTools(toolRun).abort(),
  'responses left alone': (client) => void client.responses.create({ model: 'fails-401', input: 'x' }),
  'responses stream left alone': (client) => void client.responses.stream({ model: 'fails-401', input: 'x' }),
  'loop over a breaking stream, caught': async (client) => {
    try {
      for await (const _ of await client.chat.completions.create(breaking));
    } catch {
      // The error of the stream is what this is about.
    }
  },
  'loop over a breaking stream, left alone': (client) => {
    void (async () => {
      for await (const _ of await client.chat.completions.create(breaking));
    })();
  },
  'breaking stream teed, one side read': async (client) => {
    const [left] = (await client.chat.completions.create(breaking)).tee();
    const read = async (): Promise<void> => {
      for await (const _ of left);
    };
    await read().catch(() => 'caught');
  },
  'steps of a breaking stream left alone': async (client) => {
    const iterator = (await client.chat.completions.create(breaking))[Symbol.asyncIterator]();
    for (let step = 0; step < 5; step++) void iterator.next();
  },
  'breaking stream as web stream': async (client) => {
    const stream = (await client.chat.completions.create(breaking)).toReadableStream();
    await new Response(stream).text().catch(() => 'caught');
  },
};

const [copyName = '', mode, only] = process.argv.slice(2);
const copy = await loadCopy(copyName);
const server = await startOpenAiServer();
let openCount = 0;
const client = new copy.module.OpenAI({
  apiKey: 'key',
  baseURL: server.url,
  maxRetries: 0,
  fetch: async (url, init) => {
    openCount += 1;
    return fetch(url as string, init as RequestInit).finally(() => {
      openCount -= 1;
    });
  },
});
recordSpans();
if (mode === 'patched') patch(copy.module);

/** Waits until no request is under way, and for what its reply sets off. */
async function settle(): Promise<void> {
  do await wait(20);
  while (openCount > 0);
  await wait(20);
}

if (only !== undefined) {
  scenarios[only]?.(client);
  await settle();
  process.stdout.write('alive');
} else {
  const seen: Record<string, string[]> = {};
  for (const [name, run] of Object.entries(scenarios)) {
    const events: string[] = [];
    seen[name] = events;
    const onUnhandled = (error: unknown): number => events.push(`unhandled ${error}`);
    const onHandled = (): number => events.push('handled later');
    process.on('unhandledRejection', onUnhandled).on('rejectionHandled', onHandled);
    await run(client);
    await settle();
    process.off('unhandledRejection', onUnhandled).off('rejectionHandled', onHandled);
  }
  process.stdout.write(JSON.stringify(seen));
}
await server.close();
