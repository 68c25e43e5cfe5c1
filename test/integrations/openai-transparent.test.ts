import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenAiServer, startOpenAiServer } from '../../examples/endpoint/server.mjs';
import { endOpenTraces } from '../../src/tracing/tracer.ts';
import { type Case, promiseCases, streamCases } from './openai-cases.ts';
import { copyNames, loadCopy, type OpenAiCopy, patch, recordSpans } from './openai-setup.ts';

let server: OpenAiServer;

beforeAll(async () => {
  server = await startOpenAiServer();
});

afterAll(() => server.close());

describe.each(await Promise.all(copyNames.map(loadCopy)))('$name, with and without autologging', (copy) => {
  it.each(Object.entries({ ...promiseCases, ...streamCases }))('does the same for %s', async (_, run) => {
    const recorded = recordSpans();
    const plain = await observe(run, copy);
    const unpatch = patch(copy.module);
    const patched = await observe(run, copy).finally(unpatch);
    expect(patched).toEqual(plain);
    endOpenTraces();
    const calls = recorded.spans.filter(({ name }) => name !== 'runTools' && name !== 'get_weather').length;
    const sent = patched.requests.filter(({ headers }) => headers['x-stainless-retry-count'] === '0').length;
    expect([sent, sent + 1]).toContain(calls);
  });

  it('has the methods that it had, once the patches are taken back', () => {
    const owners = ownersOf(copy);
    const before = owners.map((owner) => Object.getOwnPropertyDescriptors(owner));
    const unpatch = patch(copy.module);
    expect(owners.map((owner) => Object.getOwnPropertyDescriptors(owner))).not.toEqual(before);
    unpatch();
    const after = owners.map((owner) => Object.getOwnPropertyDescriptors(owner));
    expect(after).toEqual(before);
    for (const [at, descriptors] of after.entries())
      expect(descriptors.create.value).toBe(before[at]?.create.value);
  });
});

interface SentRequest {
  readonly url: string;
  readonly method: string | undefined;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

/** What a program sees of a case, and what the server gets of it; random ids and times are blanked. */
async function observe(run: Case, copy: OpenAiCopy) {
  const requests: SentRequest[] = [];
  const client = new copy.module.OpenAI({
    apiKey: 'key',
    baseURL: server.url,
    maxRetries: 0,
    fetch: async (url, init) => {
      const headers = Object.fromEntries(new Headers(init?.headers as Record<string, string>));
      requests.push({ url: String(url), method: init?.method, body: init?.body, headers });
      return fetch(url as string, init as RequestInit);
    },
  });
  const unhandled: unknown[] = [];
  const onUnhandled = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', onUnhandled);
  const outcome = await Promise.resolve()
    .then(() => run({ client, copy }))
    .then(
      (value) => ({ value }),
      (error: Error) => ({ error: error.constructor.name, message: error.message, cause: String(error.cause) }),
    );
  await new Promise((resolve) => setTimeout(resolve, 5));
  process.off('unhandledRejection', onUnhandled);
  return {
    outcome: JSON.stringify(outcome, null, 1).replace(RANDOM, '$1*'),
    requests,
    unhandled: unhandled.map(String),
  };
}

/** Ids that the server makes up, and its clock. */
const RANDOM = /(\\?"created(?:_at)?\\?": ?|chatcmpl-|resp_|cmpl-|req_)\w+/g;

function ownersOf({ module: { OpenAI } }: OpenAiCopy): Record<'create', unknown>[] {
  const owners = [OpenAI.Chat.Completions, OpenAI.Responses, OpenAI.Completions, OpenAI.Embeddings];
  return owners.map(({ prototype }) => prototype as unknown as Record<'create', unknown>);
}
