import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RejectedRecord } from '../../../src/store/delivery.ts';
import type { LogRecord } from '../../../src/store/log-record.ts';
import { openRestStore } from '../../../src/store/rest/open-rest-store.ts';
import { modelRecord, runRecord } from '../../contract/subject.ts';
import { createRun, journalOf, metric, RUN, span } from '../records.ts';
import { type FakeMlflow, refuse, startFakeMlflow } from './fake-mlflow.ts';

const CREATE = 'POST /api/2.0/mlflow/runs/create';
const BATCH = 'POST /api/2.0/mlflow/runs/log-batch';
const SEARCH = 'POST /api/2.0/mlflow/runs/search';
const EXPERIMENTS = 'POST /api/2.0/mlflow/experiments/search';

function metrics(count: number): LogRecord[] {
  return Array.from({ length: count }, (_, step) => metric(step, step));
}

function codes(rejected: readonly RejectedRecord[]): string[] {
  return rejected.map(({ error }) => error.code);
}

/** Steps of the points that have arrived. */
function steps(server: FakeMlflow): number[] {
  return server.sent(BATCH).flatMap(({ json }) => json.metrics.map(({ step }: { step: number }) => step));
}

describe('batches', () => {
  test('hold no more than MLflow takes, in the order of logging', async () => {
    const server = await startFakeMlflow();
    const records: LogRecord[] = [createRun()];
    for (let index = 0; index < 250; index += 1) {
      records.push({ op: 'param', runId: RUN, key: `p${index}`, value: 'x' });
      records.push({ op: 'tag', runId: RUN, key: `t${index}`, value: 'x' });
    }
    records.push(...metrics(2500));
    await server.store.deliver(journalOf(records, 'journal', 10_000));
    const sizes = server
      .sent(BATCH)
      .map(({ json }) => [json.metrics, json.params, json.tags].map((it) => it.length));
    for (const [metricCount = 0, paramCount = 0, tagCount = 0] of sizes) {
      expect(paramCount).toBeLessThanOrEqual(100);
      expect(tagCount).toBeLessThanOrEqual(100);
      expect(metricCount + paramCount + tagCount).toBeLessThanOrEqual(1000);
    }
    expect(steps(server)).toEqual(Array.from({ length: 2500 }, (_, step) => step));
    expect(new Set(server.sent(BATCH).map(({ json }) => json.run_id))).toEqual(new Set(['run-1']));
  });

  test('are smaller than a megabyte', async () => {
    const server = await startFakeMlflow();
    const records: LogRecord[] = [createRun()];
    for (let index = 0; index < 100; index += 1)
      records.push({ op: 'tag', runId: RUN, key: `t${index}`, value: '🦉'.repeat(8000) });
    await server.store.deliver(journalOf(records));
    expect(server.sent(BATCH).length).toBeGreaterThan(3);
    for (const { body } of server.sent(BATCH)) expect(body.length).toBeLessThan(1_000_000);
  });

  test('hold a key of a param or tag once', async () => {
    const server = await startFakeMlflow();
    const records: LogRecord[] = [createRun()];
    for (const value of ['1', '2', '3']) {
      records.push(
        { op: 'param', runId: RUN, key: 'k', value: 'same' },
        { op: 'tag', runId: RUN, key: 'k', value },
      );
    }
    await server.store.deliver(journalOf(records));
    expect(server.sent(BATCH).map(({ json }) => [json.params.length, json.tags[0].value])).toEqual([
      [1, '1'],
      [1, '2'],
      [1, '3'],
    ]);
  });
});

describe('a refusal', () => {
  test('of one record among a thousand is found, and the others arrive', async () => {
    const server = await startFakeMlflow({
      [BATCH]: ({ json }, response) => {
        if (!json.metrics.some((it: { step: number }) => it.step === 617)) return {};
        return refuse(response, 400, 'INVALID_PARAMETER_VALUE');
      },
    });
    const rejected = await server.store.deliver(journalOf([createRun(), ...metrics(999)], 'journal', 10_000));
    expect(rejected.map(({ record }) => record)).toEqual([metric(617, 617)]);
    const arrived = new Set(steps(server));
    expect(arrived.size).toBe(999);
    expect(server.sent(BATCH).length).toBeLessThan(25);
  });

  test('of the whole run is told of each record, and asked for once', async () => {
    const server = await startFakeMlflow({
      [BATCH]: (_, response) => refuse(response, 404, 'RESOURCE_DOES_NOT_EXIST', `Run with id=${RUN} not found`),
    });
    const rejected = await server.store.deliver(journalOf(metrics(500), 'journal', 10_000));
    expect(codes(rejected)).toEqual(Array(500).fill('RESOURCE_DOES_NOT_EXIST'));
    expect(server.sent(BATCH)).toHaveLength(1);
  });

  test('of a record that the server fails on, again and again, keeps nothing else back', async () => {
    const server = await startFakeMlflow({
      [BATCH]: ({ json }, response) => {
        if (!json.metrics.some((it: { step: number }) => it.step === 1)) return {};
        response.writeHead(500).end('<h1>Internal Server Error</h1>');
      },
    });
    const rejected = await server.store.deliver(journalOf([createRun(), ...metrics(3)]));
    expect(rejected.map(({ record, error }) => [record, error.code])).toEqual([[metric(1, 1), 'INTERNAL_ERROR']]);
    expect(steps(server)).toEqual(expect.arrayContaining([0, 1, 2]));
  });

  test('is none where the database of the server is away', async () => {
    const fail = (_: unknown, response: Parameters<typeof refuse>[0]) => refuse(response, 500, 'INTERNAL_ERROR');
    const server = await startFakeMlflow({ [BATCH]: fail, [EXPERIMENTS]: fail });
    const source = journalOf([createRun(), ...metrics(3)]);
    await expect(server.store.deliver(source)).rejects.toMatchObject({ code: 'INTERNAL_ERROR' });
    server.routes[BATCH] = () => ({});
    expect(await server.store.deliver(source)).toEqual([]);
    expect(server.sent(CREATE)).toHaveLength(1);
    expect(steps(server).slice(-3)).toEqual([0, 1, 2]);
  });
});

describe('a server that does not work', () => {
  test.each<[string, (response: Parameters<typeof refuse>[0]) => void, string]>([
    ['is busy', (response) => refuse(response, 503, 'TEMPORARILY_UNAVAILABLE'), 'TEMPORARILY_UNAVAILABLE'],
    ['wants less', (response) => refuse(response, 429, 'REQUEST_LIMIT_EXCEEDED'), 'REQUEST_LIMIT_EXCEEDED'],
    ['does not know us', (response) => refuse(response, 401, 'UNAUTHENTICATED'), 'UNAUTHENTICATED'],
    ['breaks the connection', (response) => void response.destroy(), 'TEMPORARILY_UNAVAILABLE'],
    [
      'is another one, which answers with pages',
      (response) => void response.end('<h1>Login</h1>'),
      'INTERNAL_ERROR',
    ],
    ['cuts off its answer', (response) => void response.end('{"run": {"inf'), 'INTERNAL_ERROR'],
    [
      'knows none of the paths',
      (response) => void response.writeHead(404).end('<h1>?</h1>'),
      'ENDPOINT_NOT_FOUND',
    ],
    [
      'is behind one that knows the host no more',
      (response) => void response.writeHead(403).end('Invalid Host header'),
      'PERMISSION_DENIED',
    ],
  ])('gets everything later, once, when it %s', async (_, answer, code) => {
    const server = await startFakeMlflow();
    const source = journalOf([createRun(), ...metrics(10)]);
    for (const route of [CREATE, BATCH]) {
      const well = server.routes[route];
      server.routes[route] = (__, response) => answer(response);
      await expect(server.store.deliver(source, { patienceMs: 0 })).rejects.toMatchObject({ code });
      server.routes[route] = well as (typeof server.routes)[string];
    }
    expect(await server.store.deliver(source)).toEqual([]);
    expect(await server.store.deliver(source)).toEqual([]);
    expect(steps(server).slice(-10)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('begins a run once, though its answer did not arrive', async () => {
    const begun: string[] = [];
    const server = await startFakeMlflow({
      [CREATE]: ({ json }, response) => {
        const tag = json.tags.find(({ key }: { key: string }) => key === 'autolog.id');
        begun.push(tag.value);
        response.destroy();
      },
      [SEARCH]: ({ json }) => {
        expect(json).toMatchObject({ filter: `tags.\`autolog.id\` = '${RUN}'`, run_view_type: 'ALL' });
        return { runs: begun.length === 0 ? [] : [{ info: { run_id: 'server-1', experiment_id: '7' } }] };
      },
    });
    const source = journalOf([createRun(), metric(0, 1)]);
    await expect(server.store.deliver(source)).rejects.toMatchObject({ code: 'TEMPORARILY_UNAVAILABLE' });
    expect(await server.store.deliver(source)).toEqual([]);
    expect(begun).toEqual([RUN]);
    expect(server.sent(BATCH).map(({ json }) => json.run_id)).toEqual(['server-1']);
    expect(server.store.ids.toServer(RUN)).toBe('server-1');
  });
});

describe('names of runs and models', () => {
  test('are those of the server in all that names them', async () => {
    const child = runRecord({ tags: { 'mlflow.parentRunId': RUN }, experiment: { name: 'demo' } });
    const model = modelRecord({ runId: RUN });
    const server = await startFakeMlflow({
      'GET /api/2.0/mlflow/runs/get': ({ query }) => ({
        run: { info: { run_id: query.get('run_id'), experiment_id: '7' } },
      }),
      'POST /api/2.0/mlflow/logged-models': () => ({
        model: { info: { model_id: 'm-1', experiment_id: '7' }, data: { params: [{ key: 'depth', value: '3' }] } },
      }),
    });
    const records: LogRecord[] = [
      createRun(),
      child,
      model,
      metric(1, 1, { runId: child.runId, modelId: model.modelId }),
      { op: 'tag', runId: child.runId, key: 'mlflow.parentRunId', value: RUN },
    ];
    expect(await server.store.deliver(journalOf(records))).toEqual([]);
    const parent = server.store.ids.toServer(RUN);
    const [, second] = server.sent(CREATE);
    expect(second?.json.tags).toContainEqual({ key: 'mlflow.parentRunId', value: parent });
    expect(server.sent(BATCH)[0]?.json).toMatchObject({
      run_id: server.store.ids.toServer(child.runId),
      metrics: [{ model_id: 'm-1' }],
      tags: [{ key: 'mlflow.parentRunId', value: parent }],
    });
    await server.store.searchRuns({ experimentIds: ['7'], filter: `tags.mlflow.parentRunId = '${RUN}'` });
    expect(server.sent(SEARCH).at(-1)?.json.filter).toBe(`tags.mlflow.parentRunId = '${parent}'`);
  });
});

describe('several who deliver one journal', () => {
  test('take turns, and each record arrives once', async () => {
    const server = await startFakeMlflow();
    const source = journalOf([createRun(), ...metrics(50)], 'journal', 10);
    const [cwd] = server.store.journalFolder.split('/.autolog');
    const other = openRestStore(server.url, { journalFolder: cwd ?? '' });
    await Promise.all([server.store.deliver(source), other.deliver(source), server.store.deliver(source)]);
    expect(steps(server)).toEqual(Array.from({ length: 50 }, (_, step) => step));
    expect(server.sent(CREATE)).toHaveLength(1);
    expect(fs.readdirSync(server.store.journalFolder).toSorted()).toEqual(['ids.jsonl', 'journal.position']);
  });

  test('wait for one that lives, and take over from one that is gone', async () => {
    const server = await startFakeMlflow();
    const lock = path.join(server.store.journalFolder, 'journal.lock');
    fs.mkdirSync(server.store.journalFolder, { recursive: true });
    const owner = { hostname: os.hostname(), pid: process.ppid, startTicks: 0, threadId: 0 };
    fs.writeFileSync(lock, JSON.stringify(owner));
    const source = journalOf([createRun()]);
    await expect(server.store.deliver(source, { patienceMs: 60 })).rejects.toMatchObject({
      code: 'TEMPORARILY_UNAVAILABLE',
    });
    expect(server.sent(CREATE)).toHaveLength(0);
    for (const gone of [
      JSON.stringify({ ...owner, pid: 2 ** 22 + 1 }),
      JSON.stringify({ ...owner, startTicks: 1 }),
    ]) {
      fs.writeFileSync(lock, gone);
      await server.store.deliver(source, { patienceMs: 0 });
    }
    expect(server.sent(CREATE)).toHaveLength(1);
    expect(fs.existsSync(lock)).toBe(false);
  });
});

test('forgets how far a journal was delivered', async () => {
  const server = await startFakeMlflow();
  await server.store.deliver(journalOf([span()]));
  expect(fs.readdirSync(server.store.journalFolder)).toEqual(['journal.position']);
  await server.store.forget('journal');
  expect(fs.readdirSync(server.store.journalFolder)).toEqual([]);
});
