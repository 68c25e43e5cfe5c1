import fs from 'node:fs';
import type { ServerResponse } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { openRestStore } from '../../../src/store/rest/open-rest-store.ts';
import type { RestTrackingStore } from '../../../src/store/rest/rest-tracking-store.ts';
import { json, type Loopback, type Received, setEnvironment, startLoopback } from '../../http/loopback.ts';

/** Answers a request to one route: the JSON of success, or nothing when it has ended the answer itself. */
export type Route = (request: FakeRequest, response: ServerResponse) => unknown;

/** A request with its JSON and its query. */
export interface FakeRequest extends Received {
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what its route is sent.
  readonly json: any;
  readonly query: URLSearchParams;
}

/** A server that answers as MLflow's does, as far as a test needs it. */
export interface FakeMlflow extends Loopback {
  /** May be changed while it runs; a route that is missing is answered with a page and 404. */
  readonly routes: Record<string, Route>;
  readonly store: RestTrackingStore;
  /** What a route was sent, in order. */
  sent(route: string): readonly FakeRequest[];
}

const RUNS = 'POST /api/2.0/mlflow/runs';
const EXPERIMENTS = '/api/2.0/mlflow/experiments';

/** Starts one that begins runs as `run-1`, `run-2`, … and takes all that is logged; `routes` come before. */
export async function startFakeMlflow(routes: Record<string, Route> = {}): Promise<FakeMlflow> {
  setEnvironment({ MLFLOW_HTTP_REQUEST_MAX_RETRIES: '0' });
  let runCount = 0;
  const all: Record<string, Route> = {
    [`GET ${EXPERIMENTS}/get-by-name`]: ({ query }) => ({
      experiment: { experiment_id: '7', name: query.get('experiment_name'), lifecycle_stage: 'active' },
    }),
    [`POST ${EXPERIMENTS}/search`]: () => ({}),
    [`${RUNS}/create`]: ({ json: { run_name, experiment_id } }) => {
      runCount += 1;
      return { run: { info: { run_id: `run-${runCount}`, run_name, experiment_id } } };
    },
    [`${RUNS}/search`]: () => ({}),
    [`${RUNS}/log-batch`]: () => ({}),
    [`${RUNS}/update`]: () => ({}),
    'POST /api/3.0/mlflow/traces': () => ({}),
    'POST /v1/traces': () => ({}),
    'GET /version': (_, response) => void response.end('3.17.2'),
    ...routes,
  };
  const sent: [route: string, request: FakeRequest][] = [];
  const server = await startLoopback(async (received, response) => {
    const url = new URL(received.path, 'http://fake');
    const route = `${received.method} ${decodeURIComponent(url.pathname)}`;
    const isJson = String(received.headers['content-type']).startsWith('application/json');
    const body = isJson && received.body.length > 0 ? JSON.parse(String(received.body)) : undefined;
    const request = { ...received, json: body, query: url.searchParams };
    sent.push([route, request]);
    const handler = all[route];
    if (handler === undefined) {
      response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not Found</h1>');
      return;
    }
    const answer = await handler(request, response);
    if (answer !== undefined) json(response, 200, answer);
  });
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'autolog-fake-'));
  onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }));
  return {
    ...server,
    routes: all,
    store: openRestStore(server.url, { journalFolder: folder }),
    sent: (route) => sent.filter(([name]) => name === route).map(([, request]) => request),
  };
}

/** Answers with a status and an error of MLflow's. */
export function refuse(response: ServerResponse, status: number, code: string, message = 'no'): void {
  json(response, status, { error_code: code, message });
}
