import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { steadyMs } from '../clock.ts';
import { AutologError } from '../errors.ts';
import type { TlsSettings } from './tls.ts';
import { untraced } from './untraced.ts';

/** One request, as it goes over the wire. */
export interface DispatchOptions {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | Readable | undefined;
  /** For the connection, the begin of the answer, and each pause within it. */
  readonly timeoutMs: number;
  readonly tls: TlsSettings;
  /** Ends the request. */
  readonly signal?: AbortSignal;
}

/** An answer, whatever its status; the body is read once, or destroyed. */
export interface HttpResponse {
  readonly status: number;
  /** By lower-case name; of repeated ones the first. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable;
  /**
   * Reads the body.
   *
   * @throws {AutologError} RESOURCE_EXHAUSTED for one that is longer than 256 MiB: it may never end.
   */
  text(): Promise<string>;
  /** Reads the begin of the body, at most a megabyte, and leaves the rest. */
  head(): Promise<string>;
}

const MAX_TEXT_BYTES = 256 * 1024 * 1024;
const MAX_HEAD_BYTES = 1024 * 1024;

/**
 * Makes one request over connections that are kept, through the proxy that HTTP_PROXY, HTTPS_PROXY and NO_PROXY name.
 *
 * Rejects with undici's or Node's error where there is no answer.
 */
export async function dispatch({
  url,
  method,
  headers,
  body,
  timeoutMs,
  tls,
  signal,
}: DispatchOptions): Promise<HttpResponse> {
  const { origin, pathname, search } = new URL(url);
  if (steadyMs() - brokenOffAt < REFUSING_MS) throw new Error('it was broken off');
  const dispatcher = await openDispatcher(tls, timeoutMs);
  const options = {
    origin,
    path: pathname + search,
    method: method as Dispatcher.HttpMethod,
    headers,
    body: body ?? null,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    signal,
  };
  const response = await untraced(() => dispatcher.request(options));
  return {
    status: response.statusCode,
    headers: Object.fromEntries(
      Object.entries(response.headers).map(([name, value]) => [
        name,
        String(Array.isArray(value) ? value[0] : value),
      ]),
    ),
    body: response.body,
    text: async () => {
      const text = await readText(response.body, MAX_TEXT_BYTES);
      if (text.isWhole) return text.value;
      const message = `Cannot read the answer of ${origin} to ${method} ${pathname}: it is longer than ${MAX_TEXT_BYTES} bytes; ask for less at a time.`;
      throw new AutologError('RESOURCE_EXHAUSTED', message);
    },
    head: async () => (await readText(response.body, MAX_HEAD_BYTES)).value,
  };
}

async function readText(body: Readable, maxBytes: number): Promise<{ value: string; isWhole: boolean }> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  // To leave the loop closes the connection.
  for await (const chunk of body as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) break;
    chunks.push(chunk);
  }
  return { value: new TextDecoder().decode(Buffer.concat(chunks)), isWhole: sizeBytes <= maxBytes };
}

/** Ends all connections that are kept; the next request makes new ones. */
export async function closeConnections(): Promise<void> {
  const open = [...dispatchers.values()];
  dispatchers.clear();
  await Promise.all(open.map(async (it) => (await it).close()));
}

/** Breaks off all connections, whatever is under way; what asks on in the next moment is refused, as part of that. */
export function destroyConnections(): void {
  brokenOffAt = steadyMs();
  const open = [...dispatchers.values()];
  dispatchers.clear();
  for (const dispatcher of open) dispatcher.then((it) => it.destroy()).catch(() => undefined);
}

let brokenOffAt = Number.NEGATIVE_INFINITY;
const REFUSING_MS = 500;

const dispatchers = new Map<string, Promise<Dispatcher>>();

function openDispatcher(tls: TlsSettings, timeoutMs: number): Promise<Dispatcher> {
  const { http_proxy, https_proxy, HTTP_PROXY, HTTPS_PROXY } = process.env;
  const key = JSON.stringify([tls, timeoutMs, http_proxy ?? HTTP_PROXY, https_proxy ?? HTTPS_PROXY]);
  const known = dispatchers.get(key);
  if (known !== undefined) return known;
  const opening = openNew(tls, timeoutMs);
  dispatchers.set(key, opening);
  return opening;
}

/** Loaded with the first request: a program that records into a file needs none of it. */
async function openNew(tls: TlsSettings, timeoutMs: number): Promise<Dispatcher> {
  const { EnvHttpProxyAgent } = await import('undici');
  const connect = { ...tls, timeout: timeoutMs };
  // A proxy is asked for plain http as for any page: many refuse a tunnel to port 80.
  return new EnvHttpProxyAgent({ connect, requestTls: connect, proxyTunnel: false });
}
