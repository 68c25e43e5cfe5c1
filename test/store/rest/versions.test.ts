import { describe, expect, test } from 'vitest';
import { openRestStore } from '../../../src/store/rest/open-rest-store.ts';
import { modelRecord, traceRecord } from '../../contract/subject.ts';
import { setEnvironment } from '../../http/loopback.ts';
import { createRun, journalOf, RUN, span, TRACE } from '../records.ts';
import { type Route, refuse, startFakeMlflow } from './fake-mlflow.ts';

const TRACES = 'POST /api/3.0/mlflow/traces';
const SPANS = 'POST /v1/traces';
const FILE = '/api/2.0/mlflow-artifacts/artifacts/7/traces/x/artifacts/traces.json';
const LOCATION = 'mlflow-artifacts:/7/traces/x/artifacts';

const trace = traceRecord({ experiment: { name: 'demo' }, traceId: TRACE });
const child = span({ spanId: 'ef'.repeat(8), parentSpanId: 'cd'.repeat(8), name: 'tool' });

/** What a server answers that keeps spans among its artifacts. */
function artifacts(files = new Map<string, string>()): Record<string, Route> {
  return {
    [`GET /api/3.0/mlflow/traces/${TRACE}`]: () => ({
      trace: { trace_info: { trace_id: TRACE, tags: { 'mlflow.artifactLocation': LOCATION } } },
    }),
    [`GET ${FILE}`]: (_, response) => {
      const text = files.get(FILE);
      if (text === undefined) refuse(response, 404, 'RESOURCE_DOES_NOT_EXIST');
      else response.end(text);
    },
    [`PUT ${FILE}`]: ({ body }) => {
      files.set(FILE, String(body));
      return {};
    },
    'GET /ajax-api/2.0/mlflow/get-trace-artifact': (_, response) => void response.end(files.get(FILE)),
  };
}

describe('spans', () => {
  test('go to the database of a server from 3.4 on', async () => {
    const server = await startFakeMlflow({ 'GET /version': (_, response) => void response.end('3.4.0') });
    expect(await server.store.deliver(journalOf([trace, span(), child]))).toEqual([]);
    const [sent] = server.sent(SPANS);
    expect(sent?.headers).toMatchObject({
      'content-type': 'application/x-protobuf',
      'x-mlflow-experiment-id': '7',
    });
    expect(server.sent(SPANS)).toHaveLength(1);
  });

  test.each<[string, Record<string, Route>]>([
    ['of a server before 3.4', { 'GET /version': (_, response) => void response.end('3.3.2') }],
    [
      'of a server that does not tell its version',
      { 'GET /version': (_, response) => void response.writeHead(404).end() },
    ],
    [
      'of a server whose store keeps no spans',
      { [SPANS]: (_, response) => void response.writeHead(501).end('{}') },
    ],
  ])('go to the artifacts %s, and are added to those that are there', async (_, routes) => {
    const server = await startFakeMlflow({ ...artifacts(), ...routes });
    expect(await server.store.deliver(journalOf([trace, span()], 'first'))).toEqual([]);
    expect(await server.store.deliver(journalOf([child, span()], 'second'))).toEqual([]);
    const { spans } = await server.store.getTrace(TRACE);
    expect(
      spans.map((it) => [it.name, it.spanId, it.startTimeUnixNano, it.attributes['mlflow.spanType']]),
    ).toEqual([
      ['chat', 'cd'.repeat(8), 1700000000123456789n, 'CHAT_MODEL'],
      ['tool', 'ef'.repeat(8), 1700000000123456789n, 'CHAT_MODEL'],
    ]);
  });

  test('wait while the version cannot be asked for', async () => {
    const server = await startFakeMlflow({
      'GET /version': (_, response) => refuse(response, 503, 'TEMPORARILY_UNAVAILABLE'),
    });
    const source = journalOf([trace, span()]);
    await expect(server.store.deliver(source)).rejects.toMatchObject({ code: 'TEMPORARILY_UNAVAILABLE' });
    server.routes['GET /version'] = (_, response) => void response.end('3.17.0');
    expect(await server.store.deliver(source)).toEqual([]);
    expect(server.sent(SPANS)).toHaveLength(1);
  });
});

describe('a server before 3.0', () => {
  test('gets traces by version 2 of the API, under an id of its own', async () => {
    const info = {
      request_id: 'server-1',
      experiment_id: '7',
      timestamp_ms: 5,
      tags: [{ key: 'mlflow.artifactLocation', value: LOCATION }],
    };
    const files = new Map<string, string>();
    const server = await startFakeMlflow({
      ...artifacts(files),
      [TRACES]: (_, response) => void response.writeHead(404).end(),
      'GET /version': (_, response) => void response.end('2.22.0'),
      'POST /api/2.0/mlflow/traces': () => ({ trace_info: info }),
      'PATCH /api/2.0/mlflow/traces/server-1': () => ({ trace_info: info }),
      'GET /api/2.0/mlflow/traces/server-1/info': () => ({ trace_info: info }),
      'GET /api/2.0/mlflow/traces': () => ({ traces: [info], next_page_token: 'next' }),
    });
    expect(await server.store.deliver(journalOf([trace, span()]))).toEqual([]);
    expect(server.sent('POST /api/2.0/mlflow/traces')[0]?.json).toMatchObject({
      experiment_id: '7',
      timestamp_ms: trace.requestTime,
      tags: [
        { key: 'mlflow.traceName', value: 'chat' },
        { key: 'team', value: 'blue' },
      ],
    });
    expect(server.sent('PATCH /api/2.0/mlflow/traces/server-1')[0]?.json).toMatchObject({
      status: 'OK',
      timestamp_ms: trace.requestTime + trace.executionDuration,
    });
    expect(files.get(FILE)).toContain('"name": "chat"');
    expect((await server.store.getTraceInfo(TRACE)).requestTime).toBe(5);
    expect(await server.store.searchTraces({ experimentIds: ['7'] })).toMatchObject({
      items: [{ traceId: 'server-1', experimentId: '7' }],
      nextPageToken: 'next',
    });
  });

  test('does not know of logged models and inputs, and takes the rest', async () => {
    const server = await startFakeMlflow({
      'GET /api/2.0/mlflow/runs/get': () => ({ run: { info: { run_id: 'run-1', experiment_id: '7' } } }),
    });
    const dataset = { name: 'a', digest: 'b', sourceType: 'code', source: '{}', schema: null, profile: null };
    const rejected = await server.store.deliver(
      journalOf([
        createRun(),
        { op: 'input', runId: RUN, dataset, tags: {} },
        modelRecord({ runId: RUN }),
        { op: 'param', runId: RUN, key: 'a', value: 'b' },
      ]),
    );
    expect(rejected.map(({ record, error }) => [record.op, error.code])).toEqual([
      ['input', 'ENDPOINT_NOT_FOUND'],
      ['createModel', 'ENDPOINT_NOT_FOUND'],
    ]);
    expect(server.sent('POST /api/2.0/mlflow/runs/log-batch')).toHaveLength(1);
  });
});

describe('Databricks', () => {
  test('gets its token with each request, and spans at the address that it signs', async () => {
    const files = new Map<string, string>();
    const server = await startFakeMlflow({
      [`GET /api/2.0/mlflow/traces/${TRACE}/credentials-for-data-upload`]: ({ headers }) => ({
        credential_info: {
          type: 'AZURE_SAS_URI',
          signed_uri: `http://${headers.host}/signed?sig=secret`,
          headers: [{ name: 'x-own', value: '1' }],
        },
      }),
      [`GET /api/2.0/mlflow/traces/${TRACE}/credentials-for-data-download`]: ({ headers }) => ({
        credential_info: { type: 'AZURE_SAS_URI', signed_uri: `http://${headers.host}/signed?sig=secret` },
      }),
      'GET /signed': (_, response) => {
        if (files.has('signed')) response.end(files.get('signed'));
        else response.writeHead(404).end();
      },
      'PUT /signed': ({ body }) => {
        files.set('signed', String(body));
        return {};
      },
    });
    setEnvironment({ DATABRICKS_HOST: server.url, DATABRICKS_TOKEN: 'dapi-secret' });
    const cwd = server.store.journalFolder;
    const store = openRestStore('databricks', { journalFolder: cwd });
    expect(store.uri).toBe('databricks');
    expect(await store.deliver(journalOf([createRun(), trace, span()], 'first'))).toEqual([]);
    expect(await store.deliver(journalOf([child], 'second'))).toEqual([]);
    expect(files.get('signed')?.match(/"span_id"/g)).toHaveLength(2);
    expect(server.sent(SPANS)).toHaveLength(0);
    const [upload] = server.sent('PUT /signed');
    expect(upload?.headers).toMatchObject({ 'x-ms-blob-type': 'BlockBlob', 'x-own': '1' });
    expect(upload?.headers.authorization).toBeUndefined();
    for (const { path, headers } of server.received)
      if (!path.startsWith('/signed')) expect(headers.authorization).toBe('Bearer dapi-secret');
  });
});
