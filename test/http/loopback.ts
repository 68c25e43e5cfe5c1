import { once } from 'node:events';
import http, { type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { onTestFinished, vi } from 'vitest';

/** A request that a loopback server got. */
export interface Received {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Answers a request; `json` ends the answer with a status and JSON. */
export type Handler = (request: Received, response: ServerResponse) => void | Promise<void>;

/** A server on 127.0.0.1 for one test. */
export interface Loopback {
  readonly url: string;
  readonly port: number;
  readonly received: readonly Received[];
  close(): Promise<void>;
}

/** Starts a server whose answers `handler` gives; it is closed when the test ends. */
export async function startLoopback(
  handler: Handler,
  options: https.ServerOptions & { port?: number } = {},
): Promise<Loopback> {
  const received: Received[] = [];
  const listener: http.RequestListener = async (message, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk);
    const { method = '', url = '', headers } = message;
    const request = { method, path: url, headers, body: Buffer.concat(chunks) };
    received.push(request);
    await handler(request, response);
  };
  const isTls = options.key !== undefined;
  const server = isTls ? https.createServer(options, listener) : http.createServer(listener);
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  onTestFinished(close);
  return { url: `${isTls ? 'https' : 'http'}://127.0.0.1:${port}`, port, received, close };
}

/** Answers with a status and JSON. */
export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** Sets variables of the environment until the test ends; undefined takes one away. */
export function setEnvironment(variables: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
}
