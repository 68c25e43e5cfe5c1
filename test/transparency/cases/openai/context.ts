import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type * as openai from 'openai';
import type { ClientOptions, OpenAI } from 'openai';
import type * as zodHelpers from 'openai/helpers/zod';
import type * as zod from 'zod';
import { type ReceivedRequest, startOpenAiServer } from '../../../../examples/endpoint/server.mjs';
import type { ExpectedSpan, Program, SuiteServer, TransparencyCase } from '../../case.ts';

/** A request as the program's `fetch` was asked for it. */
export interface SentRequest {
  readonly method: string;
  readonly url: string;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

/** What a case gets. */
export interface OpenAiContext {
  readonly exports: typeof openai;
  readonly zod: typeof zod;
  readonly helpers: typeof zodHelpers;
  /** As the subject wants it to be made; without retries. */
  readonly client: OpenAI;
  /** Requests so far, of all clients. */
  readonly sent: readonly SentRequest[];
  createClient(options?: ClientOptions): OpenAI;
  /** What the subject asks a program to do with a client that it has made. */
  wrap<T>(client: T): T;
  /** What the server has seen since the case began, with how each connection ended. */
  received(): Promise<readonly ReceivedRequest[]>;
  readonly url: string;
}

export type OpenAiCase = TransparencyCase<OpenAiContext>;

/** Chat request with a stored reply. */
export const chat = { model: 'gpt-4.1-mini', messages: [{ role: 'user' as const, content: 'Write a limerick' }] };
export const streamed = { ...chat, stream: true as const };
const completions = { name: 'Completions', type: 'CHAT_MODEL' };
/** The span of `chat`, whole. */
export const chatSpan: ExpectedSpan = { ...completions, text: 'A modeller, tidy and bright,', tokens: [19, 41] };
/** The span of `streamed`, whose tokens nobody has asked for. */
export const streamSpan: ExpectedSpan = { ...completions, text: 'param for param, right.' };
/** The span of a call that failed. */
export const failedSpan: ExpectedSpan = { ...completions, isError: true };
/** The span of a call of which only that it was made is sure. */
export const bareSpan: ExpectedSpan = completions;

/** Starts the endpoint, and beside it a server that tells what the endpoint has seen. */
export async function startServer(): Promise<SuiteServer> {
  const endpoint = await startOpenAiServer();
  const control = createServer((incoming, outgoing) => {
    const from = Number(incoming.url?.slice(1));
    const seen = endpoint.requests.slice(from);
    outgoing.setHeader('connection', 'close');
    outgoing.end(JSON.stringify({ count: endpoint.requests.length, seen }));
  });
  await new Promise<void>((done) => void control.listen(0, '127.0.0.1', done));
  const controlUrl = `http://127.0.0.1:${(control.address() as AddressInfo).port}/`;
  return {
    env: { ENDPOINT_URL: endpoint.url, CONTROL_URL: controlUrl },
    close: async () => {
      control.closeAllConnections();
      await new Promise((done) => void control.close(done));
      await endpoint.close();
    },
  };
}

/** Loads the library, and makes a client whose requests are noted. */
export async function createContext(program: Program): Promise<OpenAiContext> {
  const exports = (await program.load('openai')) as typeof openai;
  const { ENDPOINT_URL: url = '', CONTROL_URL: controlUrl = '' } = program.env;
  const sent: SentRequest[] = [];
  const ask = async (from: number) =>
    (await (await fetch(`${controlUrl}${from}`)).json()) as { count: number; seen: ReceivedRequest[] };
  const { count } = await ask(Number.MAX_SAFE_INTEGER);

  const recordingFetch = async (target: unknown, init: RequestInit = {}): Promise<Response> => {
    const request = toSent(String(target), init);
    sent.push(request);
    program.note('request', { ...request, headers: undefined });
    return fetch(target as string, init);
  };
  const createClient = (options: ClientOptions = {}) =>
    program.wrapClient(
      new exports.OpenAI({ apiKey: 'key', baseURL: url, maxRetries: 0, fetch: recordingFetch, ...options }),
    );
  return {
    exports,
    zod: (await program.load('zod')) as typeof zod,
    helpers: (await program.load('openai/helpers/zod')) as typeof zodHelpers,
    client: createClient(),
    sent,
    createClient,
    wrap: (client) => program.wrapClient(client),
    received: async () => (await ask(count)).seen,
    url,
  };
}

/** Waits until no request is under way. */
export async function settle({ sent }: OpenAiContext): Promise<void> {
  for (let last = -1; last !== sent.length; await wait(15)) last = sent.length;
}

/** Blanks ids and times that the endpoint makes up, and ports. */
export function blank(text: string): string {
  return text
    .replaceAll(/(\\*"created(?:_at)?\\*": ?|chatcmpl-|resp_|cmpl-|req_)\w+/g, '$10')
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:0');
}

function toSent(url: string, { method = 'GET', body, headers }: RequestInit): SentRequest {
  const plain = Object.fromEntries(new Headers(headers));
  return { method, url, body: typeof body === 'string' ? JSON.parse(body) : (body ?? null), headers: plain };
}

/** Reads a stream to its end. */
export async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of stream) all.push(item);
  return all;
}
