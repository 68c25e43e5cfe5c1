import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { execute, query, TO_MLFLOW_3_17 } from './raw-database.ts';
import { createRun, deliver, openStore, RUN, span, TRACE, temporaryFolder, trace } from './records.ts';

const ROOT = span();
const CHILD = span({
  spanId: 'ef'.repeat(8),
  parentSpanId: ROOT.spanId,
  name: 'tool',
  startTimeUnixNano: '1700000000500000000',
  endTimeUnixNano: '1700000000600000000',
  status: { code: 'ERROR', message: 'no luck' },
  attributes: {},
  events: [],
});

describe.each([
  ['of MLflow 3.12', [] as readonly string[]],
  ['of MLflow 3.17', TO_MLFLOW_3_17],
])('in a database %s', (_version, migrations) => {
  function openDatabase() {
    const file = path.join(temporaryFolder(), 'mlflow.db');
    const store = openStore(file);
    deliver(store, createRun());
    execute(file, ...migrations);
    return { file, store };
  }

  test.each([
    ['after', [CHILD, ROOT, trace()]],
    ['before', [trace(), CHILD, ROOT]],
    ['among', [CHILD, trace(), ROOT]],
    ['before and after', [trace({ state: 'ERROR' }), ROOT, CHILD, trace()]],
  ])('a trace that comes %s its spans is read as it was logged', async (_order, records) => {
    const { store } = openDatabase();
    expect(deliver(store, ...records)).toEqual([]);
    const location = (await store.getExperiment('1')).artifactLocation;
    expect(await store.getTrace(TRACE)).toEqual({
      info: {
        traceId: TRACE,
        experimentId: '1',
        requestTime: 1_700_000_000_123,
        executionDuration: 1000,
        state: 'OK',
        requestPreview: 'hi',
        responsePreview: 'hello',
        clientRequestId: null,
        metadata: {
          'mlflow.trace.infoFinalized': 'true',
          'mlflow.trace.session': 's-1',
          'mlflow.trace.tokenUsage': '{"input_tokens": 3, "total_tokens": 5}',
        },
        tags: {
          'mlflow.artifactLocation': `${location}/traces/${TRACE}/artifacts`,
          'mlflow.trace.spansLocation': 'TRACKING_STORE',
          'mlflow.traceName': 'chat',
          team: 'blue',
        },
        assessments: [],
      },
      spans: [
        {
          traceId: TRACE,
          spanId: ROOT.spanId,
          parentSpanId: null,
          name: 'chat',
          startTimeUnixNano: 1700000000123456789n,
          endTimeUnixNano: 1700000001123456790n,
          status: { code: 'OK', message: '' },
          attributes: { 'mlflow.traceRequestId': TRACE, ...ROOT.attributes },
          events: [{ name: 'first token', timeUnixNano: 1700000000123456791n, attributes: { index: 0 } }],
          links: [],
        },
        {
          traceId: TRACE,
          spanId: CHILD.spanId,
          parentSpanId: ROOT.spanId,
          name: 'tool',
          startTimeUnixNano: 1700000000500000000n,
          endTimeUnixNano: 1700000000600000000n,
          status: { code: 'ERROR', message: 'no luck' },
          attributes: { 'mlflow.traceRequestId': TRACE },
          events: [],
          links: [],
        },
      ],
    });
  });

  test('spans without their trace’s record make a trace that goes on', async () => {
    const { store } = openDatabase();
    deliver(store, CHILD, ROOT);
    expect((await store.getTrace(TRACE)).info).toMatchObject({
      state: 'IN_PROGRESS',
      requestTime: 1_700_000_000_123,
      executionDuration: 1000,
      requestPreview: null,
    });
  });

  test('a span that comes again replaces itself', async () => {
    const { store } = openDatabase();
    deliver(store, ROOT, { ...ROOT, name: 'chat again' });
    expect((await store.getTrace(TRACE)).spans.map(({ name }) => name)).toEqual(['chat again']);
  });

  test('long previews are cut at 1000 characters', async () => {
    const { store } = openDatabase();
    deliver(store, trace({ requestPreview: '🦉'.repeat(2000), responsePreview: null }));
    const { info } = await store.getTrace(TRACE);
    expect(Array.from(info.requestPreview ?? '')).toHaveLength(1000);
    expect(info.responsePreview).toBeNull();
  });

  test('traces are listed newest first', async () => {
    const { store } = openDatabase();
    const older = `tr-${'01'.repeat(16)}`;
    deliver(store, trace({ traceId: older, requestTime: 5 }), trace());
    expect((await store.searchTraces({ experimentIds: ['1'] })).items.map(({ traceId }) => traceId)).toEqual([
      TRACE,
      older,
    ]);
    expect((await store.searchTraces({ experimentIds: ['0'] })).items).toEqual([]);
  });

  test('a trace whose spans were moved out is not added to', async () => {
    const { file, store } = openDatabase();
    deliver(store, ROOT, trace());
    execute(file, "UPDATE trace_tags SET value = 'ARCHIVE_REPO' WHERE \"key\" = 'mlflow.trace.spansLocation'");
    expect(deliver(store, CHILD)[0]).toMatch(/^INVALID_STATE: Cannot add to the trace .* lie in ARCHIVE_REPO/);
  });

  test('metadata that is no JSON is kept as text', async () => {
    const { store } = openDatabase();
    const metadata = { 'mlflow.trace.tokenUsage': 'many', note: '{' };
    expect(deliver(store, trace({ metadata }))).toEqual([]);
    expect((await store.getTrace(TRACE)).info.metadata.note).toBe('{');
  });

  test('an unknown trace and ids that are not hexadecimal are refused', async () => {
    const { store } = openDatabase();
    await expect(store.getTrace(TRACE)).rejects.toMatchObject({ code: 'RESOURCE_DOES_NOT_EXIST' });
    expect(deliver(store, span({ traceId: 'tr-1' }), span({ spanId: 'x' }), span({ parentSpanId: 'x' }))).toEqual([
      expect.stringMatching(/an id is not hexadecimal/),
      expect.stringMatching(/an id is not hexadecimal/),
      expect.stringMatching(/an id is not hexadecimal/),
    ]);
    expect((await store.searchTraces({ experimentIds: ['0', '1'] })).items).toEqual([]);
  });
});

test('a span is kept as MLflow writes it', () => {
  const file = path.join(temporaryFolder(), 'mlflow.db');
  const store = openStore(file);
  deliver(store, ROOT, trace());
  const columns = 'type, status, parent_span_id, duration_ns, dimension_attributes, content';
  expect(query(file, `SELECT ${columns} FROM spans`)).toEqual([
    [
      'CHAT_MODEL',
      'OK',
      null,
      1_000_000_001,
      '{"mlflow.llm.model": "gpt-4o"}',
      `{"trace_id": "q6urq6urq6urq6urq6urqw==", "span_id": "zc3Nzc3Nzc0=", "parent_span_id": null, "name": "chat", \
"start_time_unix_nano": 1700000000123456789, "end_time_unix_nano": 1700000001123456790, \
"events": [{"name": "first token", "time_unix_nano": 1700000000123456791, "attributes": {"index": 0}}], \
"status": {"code": "STATUS_CODE_OK", "message": ""}, \
"attributes": {"mlflow.traceRequestId": "\\"${TRACE}\\"", "mlflow.spanType": "\\"CHAT_MODEL\\"", \
"mlflow.spanInputs": "{\\"messages\\": [{\\"role\\": \\"user\\", \\"content\\": \\"größe \\\\\\"x\\\\\\"\\"}]}", \
"mlflow.llm.model": "\\"gpt-4o\\""}, "links": []}`,
    ],
  ]);
  expect(query(file, 'SELECT "key", value FROM trace_metrics ORDER BY "key"')).toEqual([
    ['input_tokens', 3],
    ['total_tokens', 5],
  ]);
});

test('costs of a span are rows, which MLflow makes columns when it upgrades', () => {
  const file = path.join(temporaryFolder(), 'mlflow.db');
  const store = openStore(file);
  const cost = { input_cost: 0.5, output_cost: 1, total_cost: 1.5, currency: 'x' };
  deliver(
    store,
    span({ attributes: { 'mlflow.llm.cost': cost } }),
    span({ spanId: '01'.repeat(8), attributes: {} }),
  );
  expect(query(file, 'SELECT span_id, "key", value FROM span_metrics ORDER BY "key"')).toEqual([
    [ROOT.spanId, 'input_cost', 0.5],
    [ROOT.spanId, 'output_cost', 1],
    [ROOT.spanId, 'total_cost', 1.5],
  ]);
});

test('newer databases get the columns that MLflow 3.17 reads, and no rows instead', () => {
  const file = path.join(temporaryFolder(), 'mlflow.db');
  const store = openStore(file);
  deliver(store, createRun());
  execute(file, ...TO_MLFLOW_3_17);
  const cost = { input_cost: 0.5, output_cost: 1, total_cost: 1.5 };
  const attributes = { ...ROOT.attributes, 'mlflow.llm.provider': 'openai', 'mlflow.llm.cost': cost };
  deliver(store, span({ attributes }), trace());
  const columns = 'trace_name, session_id, input_tokens, output_tokens, total_tokens, db_payload_generation';
  expect(query(file, `SELECT ${columns} FROM trace_info`)).toEqual([['chat', 's-1', 3, null, 5, 1]]);
  expect(query(file, 'SELECT model_name, model_provider, input_cost, output_cost, total_cost FROM spans')).toEqual(
    [['gpt-4o', 'openai', 0.5, 1, 1.5]],
  );
  expect(query(file, 'SELECT * FROM trace_metrics')).toEqual([]);
  expect(query(file, 'SELECT * FROM trace_tags WHERE "key" = \'mlflow.traceName\'')).toEqual([]);
});

test('spans that another writer kept are read, whatever they lack', async () => {
  const file = path.join(temporaryFolder(), 'mlflow.db');
  const store = openStore(file);
  deliver(store, createRun({ runId: RUN }), trace());
  const content = '{"attributes": {"plain": "text", "number": 7}, "events": [{"name": "e", "timestamp": 5}]}';
  execute(
    file,
    `INSERT INTO spans (trace_id, experiment_id, span_id, name, status, start_time_unix_nano, content)
     VALUES ('${TRACE}', 1, '01', NULL, 'UNSET', 1700000000123456789, '${content}')`,
    `INSERT INTO spans (trace_id, experiment_id, span_id, name, status, start_time_unix_nano, content)
     VALUES ('${TRACE}', 1, '02', 'cleared', 'OK', 1700000000123456789, '')`,
  );
  expect((await store.getTrace(TRACE)).spans).toEqual([
    {
      traceId: TRACE,
      spanId: '01',
      parentSpanId: null,
      name: '',
      startTimeUnixNano: 1700000000123456789n,
      endTimeUnixNano: 1700000000123456789n,
      status: { code: 'UNSET', message: '' },
      attributes: { plain: 'text', number: 7 },
      events: [{ name: 'e', timeUnixNano: 5n, attributes: {} }],
      links: [],
    },
  ]);
});
