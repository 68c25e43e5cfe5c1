import { mkdtempSync, readdirSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { resolveArtifactRepository } from '../../src/artifacts/resolve.ts';
import { AutologError } from '../../src/errors.ts';
import { openRestStore } from '../../src/store/rest/open-rest-store.ts';
import type { RestTrackingStore } from '../../src/store/rest/rest-tracking-store.ts';
import { json, type Loopback, setEnvironment, startLoopback } from '../http/loopback.ts';

const SECRET = 'pass-w0rd';

/** A store on a server that answers everything in one way. */
async function storeOn(
  answer: (response: ServerResponse) => void,
): Promise<{ store: RestTrackingStore; server: Loopback }> {
  setEnvironment({ MLFLOW_HTTP_REQUEST_MAX_RETRIES: '0', MLFLOW_HTTP_REQUEST_TIMEOUT: '5' });
  const server = await startLoopback((_, response) => answer(response));
  const uri = server.url.replace('//', `//ada:${SECRET}@`);
  return { store: openRestStore(uri, { journalFolder: mkdtempSync('journals-') }), server };
}

/** Answers with spaces, a megabyte at a time, until nobody listens any more. */
function sendForEver(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, headers);
  const chunk = Buffer.alloc(1024 * 1024, ' ');
  const send = () => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', send);
  send();
}

const READS: readonly [name: string, read: (store: RestTrackingStore) => Promise<unknown>][] = [
  ['getExperiment', (store) => store.getExperiment('1')],
  ['searchExperiments', (store) => store.searchExperiments()],
  ['createExperiment', (store) => store.createExperiment('e')],
  ['getRun', (store) => store.getRun('r')],
  ['searchRuns', (store) => store.searchRuns({ experimentIds: ['0'] })],
  ['getMetricHistory', (store) => store.getMetricHistory('r', 'k', { maxResults: 5 })],
  ['sampleMetricHistory', (store) => store.sampleMetricHistory(['r'], 'k')],
  ['searchDatasets', (store) => store.searchDatasets(['0'])],
  ['getLoggedModel', (store) => store.getLoggedModel('m')],
  ['searchLoggedModels', (store) => store.searchLoggedModels({ experimentIds: ['0'] })],
  ['getTraceInfo', (store) => store.getTraceInfo('tr-1')],
  ['getTrace', (store) => store.getTrace('tr-1')],
  ['getTraces', (store) => store.getTraces(['tr-1'])],
  ['searchTraces', (store) => store.searchTraces({ experimentIds: ['0'] })],
  ['getAssessment', (store) => store.getAssessment('tr-1', 'a')],
];

const BODIES: readonly string[] = [
  'null',
  '5',
  '"x"',
  '[]',
  '{"run":null,"runs":5,"experiment":null,"experiments":{"a":1},"metrics":[null],"trace":{},"traces":[null],"model":5}',
  '{"run":{},"runs":[{}],"experiments":[null],"metrics":5,"trace":{"trace_info":null},"traces":[{}],"models":[null]}',
  '{"trace":{"trace_info":{"trace_id":"x"},"spans":[{"trace_id":5,"start_time_unix_nano":1.5}]},"dataset_summaries":[null]}',
  '{"trace":{"trace_info":{"assessments":[null]}},"assessment":{"expectation":{"serialized_value":{"value":"{"}}}}',
  '<html><body>Please log in</body></html>',
  '{"run":{"info":',
];

describe('a server whose answers are not those of MLflow', () => {
  test.each(READS)('makes %s fail with an error of ours, if at all', async (_, read) => {
    let body = '';
    const { store } = await storeOn((response) => void response.end(body));
    for (body of BODIES) {
      const error = await read(store).then(
        () => null,
        (reason: unknown) => reason,
      );
      if (error !== null) expect([body, error]).toEqual([body, expect.any(AutologError)]);
    }
  });

  test('cannot set prototypes by the names of params, metrics and tags', async () => {
    const entry = { key: '__proto__', value: 'x' };
    const data = { params: [entry], tags: [entry], metrics: [{ key: '__proto__', value: 1 }] };
    const { store } = await storeOn((response) => json(response, 200, { run: { info: { run_id: 'r' }, data } }));
    const { params, tags, metrics } = await store.getRun('r');
    for (const record of [params, tags, metrics]) {
      expect(Object.keys(record)).toEqual(['__proto__']);
      expect(Object.getPrototypeOf(record)).toBe(Object.prototype);
    }
  });
});

describe('an answer that does not end', () => {
  test('is given up where it is one of success', async () => {
    const { store } = await storeOn((response) => sendForEver(response, 200));
    await expect(store.getRun('r')).rejects.toMatchObject({
      code: 'RESOURCE_EXHAUSTED',
      message: expect.stringContaining('longer than 268435456 bytes'),
    });
  });

  test('is read no further than its begin where it is one of failure', async () => {
    const { store } = await storeOn((response) => sendForEver(response, 400));
    await expect(store.getRun('r')).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });

  test('is not waited for where it leads elsewhere', async () => {
    let count = 0;
    const { store } = await storeOn((response) => {
      count += 1;
      if (count === 1) sendForEver(response, 307, { location: '/elsewhere' });
      else json(response, 200, { run: { info: { run_id: 'r' } } });
    });
    expect((await store.getRun('r')).info.runId).toBe('r');
  });
});

describe('what a server says of a failure', () => {
  test('is shortened, be it made to keep a regular expression busy for minutes', async () => {
    const { store } = await storeOn((response) => {
      response.writeHead(500);
      response.end('<'.repeat(900_000));
    });
    const error = await store.getRun('r').catch((reason: AutologError) => reason);
    expect(String((error as AutologError).message).length).toBeLessThan(500);
  });

  test('is shortened as JSON too, and moves no cursor', async () => {
    const message = `\u001b[2Jowned\u0007 ${'x'.repeat(500_000)}`;
    const { store } = await storeOn((response) => json(response, 400, { error_code: 'BAD_REQUEST', message }));
    const error = await store.getRun('r').catch((reason: AutologError) => reason);
    expect(String((error as AutologError).message)).toMatch(/runs\/get: {2}\[2Jowned {2}x+…$/);
    expect(String((error as AutologError).message).length).toBeLessThan(5000);
  });

  test('does not show what it was told of the user', async () => {
    const { store } = await storeOn((response) => {
      const basic = Buffer.from(`ada:${SECRET}`).toString('base64');
      response.writeHead(401);
      response.end(`You said ${basic}, that is ${SECRET}`);
    });
    const error = (await store.getRun('r').catch((reason: AutologError) => reason)) as AutologError;
    expect(error.message).toContain('You said ***, that is ***');
    expect(`${error.stack} ${JSON.stringify(error)}`).not.toContain(SECRET);
  });
});

test('a server that leads to another one gives it no credentials', async () => {
  const other = await startLoopback((_, response) => json(response, 200, { run: { info: { run_id: 'r' } } }));
  for (const location of [`${other.url}/x`, `${other.url.replace('//', '//eve:x@')}/x`]) {
    const { store } = await storeOn((response) => {
      response.writeHead(307, { location });
      response.end();
    });
    await store.getRun('r');
  }
  expect(other.received.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined]);
});

describe('a listing of artifacts', () => {
  const repositoryOn = async (answer: string) => {
    setEnvironment({ MLFLOW_HTTP_REQUEST_MAX_RETRIES: '0' });
    const server = await startLoopback((request, response) => {
      response.end(request.path.includes('?') ? answer : 'content');
    });
    return resolveArtifactRepository('mlflow-artifacts:/root', { trackingUri: server.url });
  };

  test.each(['..', 'a/%2e%2e', 'a/%252e%252e%252fb', '..\\b', 'C:\\b', '', 'a\0b'])(
    'with the name %j is refused',
    async (name) => {
      const repository = await repositoryOn(JSON.stringify({ files: [{ path: name }] }));
      await expect(repository.list()).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' });
    },
  );

  test.each(['null', '{"files":5}', '{"files":[null]}', '{"files":[{}]}', '{"files":[{"path":5}]}', '<html>'])(
    'that is %s is refused, or empty',
    async (answer) => {
      const repository = await repositoryOn(answer);
      const found = await repository.list().catch((error: unknown) => error);
      expect(Array.isArray(found) ? found : (found as AutologError).code).toEqual(
        answer === 'null' ? [] : 'INTERNAL_ERROR',
      );
    },
  );

  test('that leads elsewhere writes within the folder that was asked for', async () => {
    const folder = mkdtempSync('download-');
    const inner = path.join(folder, 'a', 'b');
    const repository = await repositoryOn(JSON.stringify({ files: [{ path: '../../../evil.txt' }] }));
    await repository.download('', inner);
    expect(readdirSync(folder, { recursive: true }).sort()).toEqual(['a', 'a/b', 'a/b/evil.txt']);
  });
});
