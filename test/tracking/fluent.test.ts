import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Run } from '../../src/entities/run.ts';
import { MlflowClient } from '../../src/tracking/client.ts';
import { shutdown } from '../../src/tracking/delivery/writers.ts';
import { logArtifact, logArtifacts, logDict, logText } from '../../src/tracking/fluent/artifacts.ts';
import {
  deleteTag,
  logInput,
  logMetric,
  logMetrics,
  logParam,
  logParams,
  setTag,
  setTags,
} from '../../src/tracking/fluent/log.ts';
import { beginRun, endRun, startRun, withRun } from '../../src/tracking/fluent/runs.ts';
import { activeRun, createRunScope, lastActiveRun } from '../../src/tracking/runs/run-context.ts';
import { setExperiment, setTrackingUri } from '../../src/tracking/settings.ts';
import { temporaryFolder } from './temporary-store.ts';

let client: MlflowClient;

beforeEach(() => {
  setTrackingUri(`sqlite:///${path.join(temporaryFolder(), 'mlflow.db')}`);
  client = new MlflowClient();
});

afterEach(async () => {
  await shutdown();
  setTrackingUri('sqlite:///mlflow.db');
  setExperiment({ id: '0' });
});

function read(run: { runId: string }): Promise<Run> {
  return client.getRun(run.runId);
}

describe('startRun and endRun', () => {
  test('begin and end a run with the tags that Python writes', async () => {
    const run = startRun({ runName: 'mine', tags: { team: 'a' }, description: 'text' });
    expect(run.runId).toMatch(/^[0-9a-f]{32}$/);
    expect(activeRun()).toBe(run);
    endRun();
    expect(activeRun()).toBeUndefined();
    const { info, tags } = await read(run);
    expect(info).toMatchObject({
      runName: 'mine',
      status: 'FINISHED',
      experimentId: '0',
      lifecycleStage: 'active',
    });
    expect(info.endTime).toBeGreaterThanOrEqual(info.startTime);
    expect(tags).toEqual({
      'mlflow.runName': 'mine',
      'mlflow.source.name': expect.any(String),
      'mlflow.source.type': 'LOCAL',
      'mlflow.user': info.userId,
      'mlflow.note.content': 'text',
      team: 'a',
    });
  });

  test('give a run without a name one of three parts', () => {
    expect(startRun().runName).toMatch(/^[a-z]+-[a-z]+-\d{1,3}$/);
  });

  test('refuse a second run unless it is nested, which then has its parent', async () => {
    const outer = startRun();
    expect(() => startRun()).toThrow(
      expect.objectContaining({ code: 'INVALID_STATE', message: expect.stringMatching(/nested/) }),
    );
    const inner = startRun({ nested: true });
    expect(activeRun()).toBe(inner);
    endRun('KILLED');
    expect(activeRun()).toBe(outer);
    expect((await read(inner)).tags['mlflow.parentRunId']).toBe(outer.runId);
    expect((await read(inner)).info.status).toBe('KILLED');
  });

  test('take a parent by its id', async () => {
    const parent = startRun();
    expect(() => startRun({ nested: true, parentRunId: 'a'.repeat(32) })).toThrow(/end it, or leave/);
    endRun();
    const child = startRun({ parentRunId: parent.runId });
    expect((await read(child)).tags['mlflow.parentRunId']).toBe(parent.runId);
    endRun();
    expect(() => startRun({ parentRunId: 'a'.repeat(32) })).toThrow(
      expect.objectContaining({ code: 'RESOURCE_DOES_NOT_EXIST' }),
    );
  });

  test('end runs in any order: a run is removed by its id', () => {
    const outer = startRun();
    const inner = startRun({ nested: true });
    outer.end();
    expect(activeRun()).toBe(inner);
    inner.end();
    expect(activeRun()).toBeUndefined();
    expect(lastActiveRun()).toBe(inner);
  });

  test('know nothing to end without a run, and refuse a status that is none', () => {
    expect(() => endRun()).not.toThrow();
    const run = startRun();
    expect(() => endRun('DONE' as 'FINISHED')).toThrow(/use FINISHED, FAILED or KILLED/);
    expect(run.isEnded).toBe(false);
  });

  test('take up a run again, with its params', async () => {
    const run = startRun({ runName: 'again' });
    run.logParam('lr', 0.1);
    endRun('FAILED');
    const resumed = startRun({ runId: run.runId, tags: { more: 1 } });
    expect(resumed.runName).toBe('again');
    expect((await read(run)).info).toMatchObject({ status: 'RUNNING', endTime: null });
    expect(() => resumed.logParam('lr', 0.2)).toThrow(/Changing param values is not allowed/);
    endRun();
    expect((await read(run)).info.status).toBe('FINISHED');
    expect((await read(run)).tags.more).toBe('1');
    expect((await client.searchRuns({ experimentIds: ['0'] })).items).toHaveLength(1);
  });

  test('refuse an unknown run, a deleted one, and one of another experiment than was set', async () => {
    expect(() => startRun({ runId: 'a'.repeat(32) })).toThrow(
      expect.objectContaining({ code: 'RESOURCE_DOES_NOT_EXIST' }),
    );
    expect(() => startRun({ runId: '../x' })).toThrow(
      expect.objectContaining({ code: 'INVALID_PARAMETER_VALUE' }),
    );
    const run = startRun();
    endRun();
    setExperiment({ id: await client.createExperiment('other') });
    expect(() => startRun({ runId: run.runId })).toThrow(/belongs to experiment 0/);
    setExperiment({ id: '0' });
    await client.deleteRun(run.runId);
    expect(() => startRun({ runId: run.runId })).toThrow(/deleted/);
  });

  test('take up the run of MLFLOW_RUN_ID, the first time', () => {
    const run = startRun();
    endRun();
    process.env.MLFLOW_RUN_ID = run.runId;
    expect(startRun().runId).toBe(run.runId);
    endRun();
    expect(process.env.MLFLOW_RUN_ID).toBeUndefined();
    expect(startRun().runId).not.toBe(run.runId);
  });
});

describe('using', () => {
  test('ends the run with its block', async () => {
    const run = startRun();
    run[Symbol.dispose]();
    expect(activeRun()).toBeUndefined();
    expect((await read(run)).info.status).toBe('FINISHED');
    run[Symbol.dispose]();
  });

  test('with await ends it, and has it delivered', async () => {
    const run = startRun();
    logMetric('m', 1);
    await run[Symbol.asyncDispose]();
    expect(activeRun()).toBeUndefined();
    const { info, metrics } = await run.writer.store.getRun(run.runId);
    expect([info.status, metrics.m?.value]).toEqual(['FINISHED', 1]);
  });

  test('of a client delivers what was logged to its store', async () => {
    const run = startRun();
    logMetric('m', 1);
    await client[Symbol.asyncDispose]();
    expect((await run.writer.store.getRun(run.runId)).metrics.m?.value).toBe(1);
    expect(client.trackingUri).toBe(run.writer.store.uri);
  });

  test('hears of the end of a run, and of each time that it is taken up again', () => {
    const run = startRun();
    const heard: string[] = [];
    run.whenEnded(() => heard.push('end'));
    run.whenReopened(() => heard.push('again'));
    run.end();
    run.end();
    run.reopen();
    run.reopen();
    run.end();
    run.whenEnded(() => heard.push('ended before'));
    expect(heard).toEqual(['end', 'again', 'ended before']);
  });
});

test('a store that cannot be written is told by startRun, with the way out', () => {
  const file = path.join(temporaryFolder(), 'file');
  fs.writeFileSync(file, '');
  setTrackingUri(`sqlite:///${path.join(file, 'mlflow.db')}`);
  expect(() => startRun()).toThrow(expect.objectContaining({ code: 'PERMISSION_DENIED' }));
  expect(() => logMetric('m', 1)).toThrow(expect.objectContaining({ code: 'PERMISSION_DENIED' }));
  expect(activeRun()).toBeUndefined();
});

describe('withRun', () => {
  test('returns what the function returns, at once or later, and ends the run', async () => {
    const now = withRun((run) => run);
    expect(now.status).toBe('FINISHED');
    const later = withRun({ runName: 'b' }, async (run) => {
      await sleep(1);
      expect(activeRun()).toBe(run);
      return run;
    });
    expect(later).toBeInstanceOf(Promise);
    expect((await later).status).toBe('FINISHED');
    expect(activeRun()).toBeUndefined();
    expect((await read(await later)).info.runName).toBe('b');
  });

  test('rethrows the same error, and the run has FAILED', async () => {
    const error = new Error('mine');
    const thrower = () => {
      throw error;
    };
    expect(() => withRun(thrower)).toThrow(error);
    expect(lastActiveRun()?.status).toBe('FAILED');
    await expect(withRun({}, async () => thrower())).rejects.toBe(error);
    expect(lastActiveRun()?.status).toBe('FAILED');
    expect(activeRun()).toBeUndefined();
  });

  test('keeps 100 interleaved tasks apart', async () => {
    const task = (index: number) =>
      withRun({ runName: `task ${index}` }, async (run) => {
        logParam('index', index);
        for (let step = 0; step < 5; step++) {
          await sleep(Math.random() * 10);
          logMetric('step', index, { step });
          expect(activeRun()).toBe(run);
        }
        await withRun({ nested: true }, async () => {
          await sleep(Math.random() * 5);
          setTag('inner', index);
        });
        const imperative = startRun({ nested: true });
        await sleep(Math.random() * 5);
        expect(activeRun()).toBe(imperative);
        endRun();
        expect(activeRun()).toBe(run);
        return run;
      });
    const runs = await Promise.all(Array.from({ length: 100 }, (_, index) => task(index)));
    expect(activeRun()).toBeUndefined();
    const all = (await client.searchRuns({ experimentIds: ['0'] })).items;
    expect(all).toHaveLength(300);
    for (const [index, { runId }] of runs.entries()) {
      const { params, metrics } = await client.getRun(runId);
      expect(params).toEqual({ index: String(index) });
      expect(metrics.step).toMatchObject({ value: index, step: 4 });
      const inner = all.filter(({ tags }) => tags['mlflow.parentRunId'] === runId);
      expect(inner.map(({ tags }) => tags.inner).sort()).toEqual([String(index), undefined]);
    }
  });

  test('ends the runs that were begun within and left open', async () => {
    let inner = beginRun();
    inner.end();
    withRun(() => {
      inner = startRun({ nested: true });
    });
    expect(inner.status).toBe('FINISHED');
  });

  test('leaves an outer run active, and an ended outer run is not active in a task that goes on', async () => {
    const outer = startRun();
    const task = withRun({ nested: true }, async (run) => {
      await sleep(5);
      run.end();
      return activeRun();
    });
    expect(activeRun()).toBe(outer);
    endRun();
    expect(await task).toBeUndefined();
  });
});

test('a scope makes a run active for one call, and lastActiveRun finds it from outside', () => {
  const run = beginRun();
  const scope = createRunScope(run);
  expect(activeRun()).toBeUndefined();
  expect(scope.call(() => activeRun())).toBe(run);
  run.end();
  expect(lastActiveRun()).toBe(run);
});

describe('logging', () => {
  test('stores params, metrics, tags and inputs as given', async () => {
    const run = startRun();
    logParam('text', 'a');
    logParams({ number: 1e21, flag: false, none: null, list: [1, { a: 2 }], big: 12n });
    logMetric('m', 0.5, { step: 3, timestamp: 1234 });
    logMetrics({ nan: Number.NaN, up: Number.POSITIVE_INFINITY, down: Number.NEGATIVE_INFINITY }, { step: 1 });
    setTag('a', 1);
    setTags({ b: 'x', c: 'y' });
    deleteTag('b');
    const dataset = { name: 'd', digest: 'x', sourceType: 'local', source: '{}', schema: null, profile: '{}' };
    logInput(dataset, { context: 'train', tags: { k: 'v' } });
    const { params, metrics, tags, datasetInputs } = await read(run);
    expect(params).toEqual({
      text: 'a',
      number: '1e+21',
      flag: 'false',
      none: 'null',
      list: '[1,{"a":2}]',
      big: '12',
    });
    expect(metrics.m).toEqual({ key: 'm', value: 0.5, step: 3, timestamp: 1234 });
    expect(metrics.nan?.value).toBeNaN();
    expect([metrics.up?.value, metrics.down?.value]).toEqual([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
    expect(tags).toMatchObject({ a: '1', c: 'y' });
    expect(tags).not.toHaveProperty('b');
    expect(datasetInputs).toEqual([{ dataset, tags: { k: 'v', 'mlflow.data.context': 'train' } }]);
  });

  test('takes a dataset without schema and profile', async () => {
    const run = startRun();
    logInput({ name: 'd', digest: 'x', sourceType: 'local', source: '{}' });
    const { datasetInputs } = await read(run);
    expect(datasetInputs[0]?.dataset).toMatchObject({ name: 'd', schema: null, profile: null });
  });

  test('without a run begins one', async () => {
    logMetric('m', 1);
    const run = activeRun();
    logParam('p', 1);
    expect(activeRun()).toBe(run);
    endRun();
    expect((await client.searchRuns({ experimentIds: ['0'] })).items).toHaveLength(1);
  });

  test('refuses at once what is over MLflow’s limits, and logs nothing of the call', async () => {
    const run = startRun();
    const bad = expect.objectContaining({ code: 'INVALID_PARAMETER_VALUE' });
    expect(() => logParam('a'.repeat(251), 1)).toThrow(bad);
    expect(() => logParams({ good: 1, 'bad\nkey': 2 })).toThrow(bad);
    expect(() => logMetric('m', '1' as unknown as number)).toThrow(bad);
    expect(() => logMetrics({ good: 1, bad: true as unknown as number })).toThrow(bad);
    expect(() => logMetric('m', 1, { step: 0.5 })).toThrow(bad);
    expect(() => setTags({ good: 1, '../x': 2 })).toThrow(bad);
    expect(() => logInput({ name: '', digest: 'd'.repeat(37) } as never)).toThrow(bad);
    const circular: { self?: unknown } = {};
    circular.self = circular;
    expect(() => logParam('circular', circular)).toThrow(bad);
    expect(() => startRun({ nested: true, experimentId: 'x' })).toThrow(bad);
    const { params, metrics, tags } = await read(run);
    expect([params, metrics]).toEqual([{}, {}]);
    expect(tags).not.toHaveProperty('good');
  });

  test('refuses another value of a param, takes the same again', () => {
    startRun();
    logParam('lr', 1);
    expect(() => logParam('lr', '1')).not.toThrow();
    expect(() => logParams({ other: 1, lr: 2 })).toThrow(
      expect.objectContaining({ code: 'INVALID_PARAMETER_VALUE', message: expect.stringMatching(/'1'.*'2'/) }),
    );
    expect(activeRun()?.params.has('other')).toBe(false);
  });

  test('refuses a run that has ended, with the way to go on', () => {
    const run = startRun();
    endRun();
    expect(() => run.logMetric('m', 1)).toThrow(
      expect.objectContaining({
        code: 'INVALID_STATE',
        message: expect.stringContaining(`startRun({ runId: '${run.runId}' })`),
      }),
    );
  });

  test('writes artifacts of the active run', async () => {
    const run = startRun();
    await logText('héllo', 'notes/a.txt');
    await logDict({ a: [1, 'x'], on: 'yes' }, 'b.json');
    await logDict({ a: [1, 'x'], on: 'yes' }, 'b.yaml');
    const file = await client.downloadArtifacts(run.runId, 'notes/a.txt', temporaryFolder());
    await logArtifact(file, 'copies');
    await logArtifacts(path.dirname(file), 'folder/deep');
    await expect(logText('x', '../outside')).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' });
    await expect(logArtifact('missing.txt')).rejects.toMatchObject({ code: 'RESOURCE_DOES_NOT_EXIST' });
    expect((await client.listArtifacts(run.runId)).map(({ path: it }) => it)).toEqual([
      'b.json',
      'b.yaml',
      'copies',
      'folder',
      'notes',
    ]);
    expect(await client.listArtifacts(run.runId, 'folder/deep')).toEqual([
      { path: 'folder/deep/a.txt', isFolder: false, sizeBytes: 6 },
    ]);
  });
});

test('a worker thread logs to the same store, and leaves no journal', async () => {
  const folder = temporaryFolder();
  const program = path.join(import.meta.dirname, 'worker-program.ts');
  await promisify(execFile)(process.execPath, [program], {
    cwd: folder,
    env: { ...process.env, MLFLOW_TRACKING_URI: '' },
  });
  const own = new MlflowClient(`sqlite:///${path.join(folder, 'mlflow.db')}`);
  const runs = (await own.searchRuns({ experimentIds: ['0'] })).items;
  expect(runs.map(({ info }) => [info.runName, info.status]).sort()).toEqual([
    ['ends', 'FINISHED'],
    ['main', 'FINISHED'],
    ['terminated', 'KILLED'],
  ]);
  for (const { info } of runs) expect(await own.getMetricHistory(info.runId, 'm')).toHaveLength(50);
});
