import { setTimeout as wait } from 'node:timers/promises';
import type OpenAI from 'openai';
import { z } from 'zod';
import type { OpenAiCopy } from './openai-setup.ts';

/** What a case gets: a client of its own, the library, and a way to wait for what goes on in the background. */
export interface CaseContext {
  readonly client: OpenAI;
  readonly copy: OpenAiCopy;
}

/** Something that a program does with the library; returns what the program sees of it. */
export type Case = (context: CaseContext) => Promise<unknown> | unknown;

const messages = [{ role: 'user' as const, content: 'Write a limerick' }];
const chat = { model: 'gpt-4.1-mini', messages };
const streamed = { ...chat, stream: true as const };
const flower = z.object({ species: z.string(), petal_length_cm: z.number() });
const weatherTool = {
  type: 'function' as const,
  function: {
    name: 'get_weather',
    parse: JSON.parse as (text: string) => { city: string },
    parameters: { type: 'object', properties: { city: { type: 'string' } } },
    description: 'Tells the weather',
    function: ({ city }: { city: string }) => `fine in ${city}`,
  },
};
const toolRun = { model: 'gpt-4.1-mini', messages, tools: [weatherTool] };

/** Plain calls and what can be done with their promise. */
export const promiseCases: Readonly<Record<string, Case>> = {
  'an awaited call': ({ client }) => client.chat.completions.create(chat),
  'a promise awaited twice': async ({ client }) => {
    const promise = client.chat.completions.create(chat);
    const first = await promise;
    return [first, first === (await promise)];
  },
  'the class of the promise': ({ client, copy }) => {
    const promise = client.chat.completions.create(chat);
    return [promise instanceof Promise, promise instanceof copy.module.APIPromise, promise.constructor.name];
  },
  'the visible properties of the promise': ({ client }) => {
    const promise = client.chat.completions.create(chat);
    return [Object.keys(promise), String(promise), 'toJSON' in promise];
  },
  'withResponse()': async ({ client }) => {
    const { data, response } = await client.chat.completions.create(chat).withResponse();
    return [data, response.status, response.bodyUsed];
  },
  'asResponse() and its text': async ({ client }) => {
    const response = await client.chat.completions.create(chat).asResponse();
    return [response.status, response.bodyUsed, await response.text()];
  },
  'asResponse() without its body': async ({ client }) => {
    const response = await client.chat.completions.create(chat).asResponse();
    return [response.status, response.bodyUsed];
  },
  'asResponse() and then the data': async ({ client }) => {
    const promise = client.chat.completions.create(chat);
    const { status } = await promise.asResponse();
    return [status, await promise];
  },
  'the data and then asResponse()': async ({ client }) => {
    const promise = client.chat.completions.create(chat);
    const data = await promise;
    return [data, (await promise.asResponse()).bodyUsed];
  },
  'then, catch and finally': ({ client }) =>
    client.chat.completions
      .create(chat)
      .then((completion) => completion.choices.length)
      .catch(() => 'caught')
      .finally(() => 'ignored'),
  'calls side by side': ({ client }) =>
    Promise.all([client.chat.completions.create(chat), client.chat.completions.create({ ...chat, n: 2 })]),
  'a race': ({ client }) =>
    Promise.race([client.chat.completions.create(chat), wait(5_000, 'late', { ref: false })]),
  'allSettled with a failure': async ({ client }) => {
    const all = await Promise.allSettled([
      client.chat.completions.create(chat),
      client.chat.completions.create({ ...chat, model: 'fails-404' }),
    ]);
    return all.map(({ status }) => status);
  },
  'a frozen request': ({ client }) => client.chat.completions.create(Object.freeze({ ...chat })),
  'headers and query of the call': ({ client }) =>
    client.chat.completions.create(chat, { headers: { 'x-mine': 'yes' }, query: { trial: '1' } }),
  'a call without arguments': ({ client }) =>
    Reflect.apply(client.chat.completions.create, client.chat.completions, []),
  'a method taken off its resource': ({ client }) => {
    const { create } = client.chat.completions;
    return create.call(client.chat.completions, chat);
  },
  'a method without its resource': ({ client }) =>
    Reflect.apply(client.chat.completions.create, undefined, [chat]),
  'a client with other options': ({ client }) =>
    client.withOptions({ maxRetries: 0 }).chat.completions.create(chat),
  'chat.completions.parse': async ({ client, copy }) => {
    const completion = await client.chat.completions.parse({
      ...chat,
      response_format: copy.zodResponseFormat(flower, 'flower'),
    });
    return completion;
  },
  'chat.completions.parse with withResponse()': async ({ client, copy }) => {
    const { data, response } = await client.chat.completions
      .parse({ ...chat, response_format: copy.zodResponseFormat(flower, 'flower') })
      .withResponse();
    return [data, response.status];
  },
  'chat.completions.parse with asResponse()': async ({ client, copy }) => {
    const parsed = client.chat.completions.parse({
      ...chat,
      response_format: copy.zodResponseFormat(flower, 'flower'),
    });
    return (await parsed.asResponse()).text();
  },
  'chat.completions.parse of a reply that does not fit': ({ client, copy }) =>
    client.chat.completions.parse({
      ...chat,
      response_format: copy.zodResponseFormat(z.object({ a: z.number() }), 'x'),
    }),
  'responses.create': ({ client }) => client.responses.create({ model: 'gpt-4.1-mini', input: 'think' }),
  'responses.parse': ({ client }) =>
    client.responses.parse({
      model: 'gpt-4.1-mini',
      input: 'x',
      text: { format: { type: 'json_schema', name: 'flower', schema: {}, strict: true } },
    }),
  'embeddings.create': ({ client }) =>
    client.embeddings.create({ model: 'text-embedding-3-small', input: ['a b', 'c'] }),
  'embeddings.create in base64': ({ client }) =>
    client.embeddings.create({ model: 'text-embedding-3-small', input: 'a b', encoding_format: 'base64' }),
  'completions.create': ({ client }) =>
    client.completions.create({ model: 'gpt-3.5-turbo-instruct', prompt: 'x' }),
  'a refused key': ({ client }) => client.chat.completions.create({ ...chat, model: 'fails-401' }),
  'a rate limit': ({ client }) => client.chat.completions.create({ ...chat, model: 'fails-429' }),
  'a failing server': ({ client }) => client.chat.completions.create({ ...chat, model: 'fails-500' }),
  'a rate limit with a retry': ({ client }) =>
    client.chat.completions.create({ ...chat, model: 'fails-429' }, { maxRetries: 1 }),
  'a timeout': ({ client }) => client.chat.completions.create({ ...chat, model: 'slow' }, { timeout: 20 }),
  'a signal that is aborted already': ({ client }) =>
    client.chat.completions.create(chat, { signal: AbortSignal.abort() }),
  'a signal aborted under way': ({ client }) => {
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 20);
    return client.chat.completions.create({ ...chat, model: 'slow' }, { signal: abort.signal });
  },
};

/** Streams, and what can be done with them. */
export const streamCases: Readonly<Record<string, Case>> = {
  'a stream read to its end': async ({ client }) => collect(await client.chat.completions.create(streamed)),
  'the class of a stream': async ({ client }) => {
    const stream = await client.chat.completions.create(streamed);
    stream.controller.abort();
    return [stream.constructor.name, Object.keys(stream).sort(), typeof stream.tee];
  },
  'a stream with choices and usage': async ({ client }) =>
    collect(await client.chat.completions.create({ ...streamed, n: 2, stream_options: { include_usage: true } })),
  'a stream that is left early': async ({ client }) => {
    const stream = await client.chat.completions.create({ ...streamed, model: 'slow' });
    for await (const chunk of stream) return [chunk, stream.controller.signal.aborted];
    return 'empty';
  },
  'a stream that the consumer throws out of': async ({ client }) => {
    for await (const chunk of await client.chat.completions.create(streamed)) {
      throw new Error(`no ${chunk.object}`);
    }
  },
  'a stream aborted by its controller': async ({ client }) => {
    const stream = await client.chat.completions.create({ ...streamed, model: 'slow' });
    let count = 0;
    for await (const _ of stream) {
      count += 1;
      if (count === 2) stream.controller.abort();
    }
    return count;
  },
  'both sides of tee()': async ({ client }) => {
    const [left, right] = (await client.chat.completions.create(streamed)).tee();
    return [await collect(left), await collect(right)];
  },
  'toReadableStream()': async ({ client }) => {
    const stream = (await client.chat.completions.create(streamed)).toReadableStream();
    return new Response(stream).text();
  },
  'a second iteration': async ({ client }) => {
    const stream = await client.chat.completions.create(streamed);
    await collect(stream);
    return collect(stream);
  },
  'a second iteration at the same time': async ({ client }) => {
    const stream = await client.chat.completions.create(streamed);
    const [first, second] = await Promise.allSettled([collect(stream), collect(stream)]);
    return [first, second.status];
  },
  'a stream read by hand': async ({ client }) => {
    const iterator = (await client.chat.completions.create(streamed))[Symbol.asyncIterator]();
    return [await iterator.next(), await iterator.return?.(), await iterator.next()];
  },
  'a stream withResponse()': async ({ client }) => {
    const { data, response } = await client.chat.completions.create(streamed).withResponse();
    return [await collect(data), response.status];
  },
  'the text of a stream': async ({ client }) =>
    (await client.chat.completions.create(streamed).asResponse()).text(),
  'a stream that nobody reads': async ({ client }) => {
    const stream = await client.chat.completions.create(streamed);
    return typeof stream;
  },
  'an error in the middle of a stream': async ({ client }) =>
    collect(await client.chat.completions.create({ ...streamed, model: 'breaks-midway' })),
  'a connection that breaks in the middle of a stream': async ({ client }) =>
    collect(await client.chat.completions.create({ ...streamed, model: 'hangs-up-midway' })),
  'a rate limit before a stream': ({ client }) =>
    client.chat.completions.create({ ...streamed, model: 'fails-429' }),
  'chat.completions.stream': async ({ client }) => {
    const pieces: string[] = [];
    const stream = client.chat.completions.stream(chat).on('content', (piece) => pieces.push(piece));
    return [await stream.finalChatCompletion(), pieces];
  },
  'chat.completions.stream in a loop': ({ client }) => collect(client.chat.completions.stream(chat)),
  'chat.completions.stream with an error': ({ client }) =>
    client.chat.completions.stream({ ...chat, model: 'breaks-midway' }).finalContent(),
  'chat.completions.stream aborted': ({ client }) => {
    const stream = client.chat.completions.stream({ ...chat, model: 'slow' });
    stream.on('content', () => stream.abort());
    return stream.finalContent();
  },
  runTools: async ({ client }) => {
    const runner = client.chat.completions.runTools(toolRun);
    return [await runner.finalContent(), runner.messages, await runner.totalUsage()];
  },
  'runTools streamed': async ({ client }) => {
    const runner = client.chat.completions.runTools({ ...toolRun, stream: true });
    return [await runner.finalContent(), runner.messages];
  },
  'runTools with an error': ({ client }) =>
    client.chat.completions.runTools({ ...toolRun, model: 'fails-401' }).finalContent(),
  'responses.create streamed': async ({ client }) =>
    collect(await client.responses.create({ model: 'gpt-4.1-mini', input: 'think', stream: true })),
  'an error in the middle of a response': async ({ client }) =>
    collect(await client.responses.create({ model: 'breaks-midway', input: 'think', stream: true })),
  'responses.stream': ({ client }) =>
    client.responses.stream({ model: 'gpt-4.1-mini', input: 'think' }).finalResponse(),
  'responses.stream in a loop': ({ client }) =>
    collect(client.responses.stream({ model: 'gpt-4.1-mini', input: 'x' })),
  'completions.create streamed': async ({ client }) =>
    collect(await client.completions.create({ model: 'gpt-3.5-turbo-instruct', prompt: 'x', stream: true })),
};

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of stream) all.push(item);
  return all;
}
