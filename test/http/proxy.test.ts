import http from 'node:http';
import { describe, expect, test } from 'vitest';
import { HttpClient } from '../../src/http/http-client.ts';
import { resolveHttpTarget } from '../../src/http/http-target.ts';
import { json, setEnvironment, startLoopback } from './loopback.ts';

const REQUEST = { method: 'GET', path: '/api?a=1', isIdempotent: true } as const;

/** Hands requests on, as a proxy does that is asked for pages. */
function startProxy() {
  return startLoopback(({ path, headers }, response) => {
    http.get(path, { headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500);
      answer.pipe(response);
    });
  });
}

describe('a proxy', () => {
  test('of HTTP_PROXY is asked for the page', async () => {
    const server = await startLoopback((_, response) => json(response, 200, { from: 'server' }));
    const proxy = await startProxy();
    setEnvironment({ HTTP_PROXY: proxy.url, http_proxy: undefined, NO_PROXY: '', no_proxy: undefined });
    const client = new HttpClient(resolveHttpTarget(server.url));
    expect(JSON.parse(await client.requestText(REQUEST))).toEqual({ from: 'server' });
    expect(proxy.received.map(({ path }) => path)).toEqual([`${server.url}/api?a=1`]);
  });

  test('is left aside for the hosts of NO_PROXY', async () => {
    const server = await startLoopback((_, response) => json(response, 200, {}));
    const proxy = await startProxy();
    setEnvironment({ HTTP_PROXY: proxy.url, http_proxy: undefined, NO_PROXY: '127.0.0.1', no_proxy: undefined });
    await new HttpClient(resolveHttpTarget(server.url)).requestText(REQUEST);
    expect(server.received).toHaveLength(1);
    expect(proxy.received).toHaveLength(0);
  });
});
