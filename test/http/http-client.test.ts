import { describe, expect, test } from 'vitest';
import { HttpClient, type HttpRequest } from '../../src/http/http-client.ts';
import { resolveHttpTarget } from '../../src/http/http-target.ts';
import { type Handler, json, type Loopback, setEnvironment, startLoopback } from './loopback.ts';

const GET: HttpRequest = { method: 'GET', path: '/api/2.0/mlflow/runs/get?run_id=1', isIdempotent: true };
const CREATE: HttpRequest = {
  method: 'POST',
  path: '/api/2.0/mlflow/runs/create',
  body: '{}',
  isIdempotent: false,
};

/** Answers the first request so, and the others well. */
function firstly(answer: Handler, times = 1): Handler {
  let count = 0;
  return (request, response) => {
    count += 1;
    return count > times ? json(response, 200, { count }) : answer(request, response);
  };
}

async function start(handler: Handler): Promise<Loopback & { request(request: HttpRequest): Promise<string> }> {
  setEnvironment({ MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR: '0', MLFLOW_HTTP_REQUEST_BACKOFF_JITTER: '0' });
  const server = await startLoopback(handler);
  const client = new HttpClient(resolveHttpTarget(server.url));
  return { ...server, request: (request) => client.requestText(request) };
}

describe('retries', () => {
  test.each([408, 429, 500, 502, 503, 504])('makes an idempotent request again after %i', async (status) => {
    const { request, received } = await start(firstly((_, response) => json(response, status, {}), 3));
    expect(JSON.parse(await request(GET))).toEqual({ count: 4 });
    expect(received).toHaveLength(4);
  });

  test.each([400, 401, 403, 404, 409, 501])('does not make a request again after %i', async (status) => {
    const { request, received } = await start((_, response) => json(response, status, {}));
    await expect(request(GET)).rejects.toMatchObject({ status });
    expect(received).toHaveLength(1);
  });

  test('gives up after as many retries as MLFLOW_HTTP_REQUEST_MAX_RETRIES says', async () => {
    setEnvironment({ MLFLOW_HTTP_REQUEST_MAX_RETRIES: '2' });
    const { request, received } = await start((_, response) => json(response, 503, {}));
    await expect(request(GET)).rejects.toMatchObject({ code: 'TEMPORARILY_UNAVAILABLE', status: 503 });
    expect(received).toHaveLength(3);
  });

  test('pays no heed to Retry-After where MLFLOW_HTTP_RESPECT_RETRY_AFTER_HEADER is false', async () => {
    setEnvironment({ MLFLOW_HTTP_RESPECT_RETRY_AFTER_HEADER: 'false' });
    const { request } = await start(firstly((_, response) => json(response, 429, {}, { 'retry-after': '3600' })));
    await request(GET);
  });

  test('makes an idempotent request again when the connection breaks, before or within the answer', async () => {
    const broken = [
      firstly((_, response) => void response.destroy()),
      firstly((_, response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('{"error');
        response.destroy();
      }),
    ];
    for (const handler of broken) {
      const { request } = await start(handler);
      expect(JSON.parse(await request(GET))).toEqual({ count: 2 });
    }
  });

  test('makes what must not be done twice again only where nothing was done', async () => {
    for (const status of [429, 503]) {
      const { request, received } = await start(firstly((_, response) => json(response, status, {})));
      await request(CREATE);
      expect(received).toHaveLength(2);
    }
    for (const answer of [
      (_: unknown, response: Parameters<Handler>[1]) => json(response, 500, {}),
      (_: unknown, response: Parameters<Handler>[1]) => void response.destroy(),
    ]) {
      const { request, received } = await start(firstly(answer));
      await expect(request(CREATE)).rejects.toThrow(/Cannot POST/);
      expect(received).toHaveLength(1);
    }
  });

  test('tries nothing again after the moment that the caller gives', async () => {
    const { request, received } = await start((_, response) => json(response, 503, {}));
    await expect(request({ ...GET, retryUntilMs: 0 })).rejects.toMatchObject({ status: 503 });
    expect(received).toHaveLength(1);
  });
});

describe('errors', () => {
  test("have MLflow's code and message", async () => {
    const body = { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'Run with id=1 not found' };
    const { request, url } = await start((_, response) => json(response, 404, body));
    await expect(request(GET)).rejects.toMatchObject({
      code: 'RESOURCE_DOES_NOT_EXIST',
      message: `Cannot GET ${url}/api/2.0/mlflow/runs/get: Run with id=1 not found`,
    });
  });

  test('have the code of the status where the answer is a page', async () => {
    const page = '<!doctype html><title>404 Not Found</title><h1>Not Found</h1>';
    for (const [status, code] of [
      [404, 'ENDPOINT_NOT_FOUND'],
      [405, 'ENDPOINT_NOT_FOUND'],
      [401, 'UNAUTHENTICATED'],
      [403, 'PERMISSION_DENIED'],
      [400, 'BAD_REQUEST'],
      [501, 'NOT_IMPLEMENTED'],
    ] as const) {
      const { request } = await start((_, response) => void response.writeHead(status).end(page));
      await expect(request(GET)).rejects.toMatchObject({ code, status });
    }
  });

  test('say where names, passwords and tokens stand, also where some were sent', async () => {
    setEnvironment({ MLFLOW_TRACKING_USERNAME: 'ada', MLFLOW_TRACKING_PASSWORD: 'wrong' });
    const { request } = await start((_, response) => void response.writeHead(401).end('no'));
    await expect(request(GET)).rejects.toThrow(
      /\(no\); give it the right name and password \(in the URI, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD\) or token/,
    );
  });

  test('say that nobody listens, and what to do', async () => {
    setEnvironment({ MLFLOW_HTTP_REQUEST_MAX_RETRIES: '1' });
    const { request, close } = await start((_, response) => json(response, 200, {}));
    await close();
    await expect(request(GET)).rejects.toMatchObject({
      code: 'TEMPORARILY_UNAVAILABLE',
      status: null,
      message: expect.stringMatching(/nobody listens there; start the server, or check the URI\.$/),
    });
  });

  test('say that there was no answer within MLFLOW_HTTP_REQUEST_TIMEOUT, in seconds', async () => {
    setEnvironment({ MLFLOW_HTTP_REQUEST_TIMEOUT: '0.2', MLFLOW_HTTP_REQUEST_MAX_RETRIES: '0' });
    const { request } = await start(() => undefined);
    await expect(request(GET)).rejects.toMatchObject({
      code: 'TEMPORARILY_UNAVAILABLE',
      message: expect.stringContaining('no answer within 0.2 s'),
    });
  });

  test('never show what authenticates, though the server repeats it', async () => {
    setEnvironment({ MLFLOW_TRACKING_TOKEN: 'token-of-ada' });
    const { request } = await start(({ headers }, response) =>
      json(response, 400, { error_code: 'BAD_REQUEST', message: `Got ${headers.authorization}` }),
    );
    await expect(request(GET)).rejects.toMatchObject({ message: expect.stringMatching(/Got Bearer \*\*\*$/) });
  });
});

test('follows redirects, and tells its credentials to no other server', async () => {
  const other = await startLoopback((_, response) => json(response, 200, { from: 'other' }));
  setEnvironment({ MLFLOW_TRACKING_TOKEN: 'token-of-ada' });
  const { request, received } = await start((message, response) => {
    const location = message.path.startsWith('/api') ? '/moved' : `${other.url}/there`;
    response.writeHead(message.method === 'GET' ? 302 : 307, { location }).end();
  });
  expect(JSON.parse(await request(GET))).toEqual({ from: 'other' });
  expect(received.map(({ headers }) => headers.authorization)).toEqual(Array(2).fill('Bearer token-of-ada'));
  await request({ ...CREATE, body: '{"a":1}' });
  expect(other.received.map(({ method, headers, body }) => [method, headers.authorization, String(body)])).toEqual(
    [
      ['GET', undefined, ''],
      ['POST', undefined, '{"a":1}'],
    ],
  );
});

test('keeps connections for the next requests', async () => {
  const ports = new Set<unknown>();
  const { request } = await start((_, response) => {
    ports.add(response.socket?.remotePort);
    json(response, 200, {});
  });
  for (let count = 0; count < 5; count += 1) await request(GET);
  expect(ports.size).toBeLessThan(5);
});

test('says who it is, and the workspace that MLFLOW_WORKSPACE names', async () => {
  setEnvironment({ MLFLOW_WORKSPACE: 'team-a' });
  const { request, received } = await start((_, response) => json(response, 200, {}));
  await request(GET);
  await request({ ...GET, path: '/api/3.0/mlflow/workspaces' });
  expect(received.map(({ headers }) => headers['x-mlflow-workspace'])).toEqual(['team-a', undefined]);
  expect(received[0]?.headers['user-agent']).toMatch(/^autolog\/\d/);
});

test('ends what is under way when it is closed, and goes on with what comes after', async () => {
  let isSilent = true;
  const arrived = Promise.withResolvers<void>();
  const server = await startLoopback((_, response) => {
    arrived.resolve();
    if (!isSilent) json(response, 200, {});
  });
  const client = new HttpClient(resolveHttpTarget(server.url));
  const waiting = client.requestText(GET);
  await arrived.promise;
  client.close();
  await expect(waiting).rejects.toMatchObject({
    code: 'TEMPORARILY_UNAVAILABLE',
    message: expect.stringContaining('it was ended on our side'),
  });
  expect(server.received).toHaveLength(1);
  isSilent = false;
  await client.requestText(GET);
});
