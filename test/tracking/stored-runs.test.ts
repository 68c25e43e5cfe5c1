import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { shutdown } from '../../src/tracking/delivery/writers.ts';
import {
  createExperiment,
  deleteExperiment,
  deleteExperimentTag,
  getExperiment,
  getExperimentByName,
  restoreExperiment,
  searchExperiments,
  setExperimentTag,
  setExperimentTags,
} from '../../src/tracking/fluent/experiments.ts';
import { logMetric, logParam, logParams } from '../../src/tracking/fluent/log.ts';
import { startRun, withRun } from '../../src/tracking/fluent/runs.ts';
import {
  deleteRun,
  getParentRun,
  getRun,
  restoreRun,
  type SearchRunsOptions,
  searchRuns,
} from '../../src/tracking/fluent/stored-runs.ts';
import { setExperiment, setTrackingUri } from '../../src/tracking/settings.ts';
import { temporaryFolder } from './temporary-store.ts';

beforeEach(() => {
  setTrackingUri(`sqlite:///${path.join(temporaryFolder(), 'mlflow.db')}`);
});

afterEach(async () => {
  await shutdown();
  setTrackingUri('sqlite:///mlflow.db');
  setExperiment({ id: '0' });
});

/** Runs a, b, c with the losses 1, 2, 3; b has a param of its own, and c no metric. */
function logThreeRuns(): string[] {
  return ['a', 'b', 'c'].map((name, index) =>
    withRun({ runName: name, tags: { team: 'x' } }, (run) => {
      logParams({ lr: (index + 1) / 10, ...(name === 'b' ? { extra: 'yes' } : {}) });
      if (name !== 'c') logMetric('loss', index + 1);
      return run.runId;
    }),
  );
}

describe('searchRuns', () => {
  test('returns flat rows that all have the same columns', async () => {
    const [a, b, c] = logThreeRuns();
    const rows = await searchRuns({ orderBy: ['params.lr ASC'] });
    expect(rows.map((row) => row.runId)).toEqual([a, b, c]);
    expect(rows[0]).toMatchObject({
      runId: a,
      runName: 'a',
      experimentId: '0',
      status: 'FINISHED',
      artifactUri: expect.stringContaining(`${a}`),
      startTime: expect.any(Date),
      endTime: expect.any(Date),
      'metrics.loss': 1,
      'params.lr': '0.1',
      'params.extra': null,
      'tags.team': 'x',
    });
    expect(rows[2]?.['metrics.loss']).toBeNull();
    expect(new Set(rows.map((row) => Object.keys(row).join()))).toHaveProperty('size', 1);
  });

  test('returns runs where they are asked for, found by a filter, as many as are wanted', async () => {
    const [, b] = logThreeRuns();
    const runs = await searchRuns({ filter: "metrics.loss > 1 and tags.team = 'x'", output: 'list' });
    expect(runs.map(({ info }) => info.runId)).toEqual([b]);
    expect(await searchRuns({ maxResults: 2 })).toHaveLength(2);
    await expect(searchRuns({ maxResults: 0 })).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' });
    await expect(searchRuns({ filter: 'nonsense' })).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' });
    await expect(searchRuns({ output: 'pandas' as 'rows' })).rejects.toMatchObject({
      code: 'INVALID_PARAMETER_VALUE',
    });
  });

  test('looks into the experiment in force, those that are named, or all', async () => {
    logThreeRuns();
    setExperiment('other');
    withRun({ runName: 'd' }, () => logParam('p', 1));
    const names = async (options?: SearchRunsOptions & { readonly output?: 'rows' }) =>
      (await searchRuns(options)).map(({ runName }) => runName).sort();
    expect(await names()).toEqual(['d']);
    expect(await names({ experimentIds: ['0'] })).toEqual(['a', 'b', 'c']);
    expect(await names({ experimentNames: ['Default', 'other', 'unknown'] })).toEqual(['a', 'b', 'c', 'd']);
    expect(await names({ experimentNames: ['unknown'] })).toEqual([]);
    expect(await names({ searchAllExperiments: true })).toEqual(['a', 'b', 'c', 'd']);
    await expect(searchRuns({ experimentIds: ['0'], experimentNames: ['other'] })).rejects.toMatchObject({
      code: 'INVALID_PARAMETER_VALUE',
    });
  });

  test('makes the experiment in force when it is new, and finds nothing in it', async () => {
    setExperiment('brand new');
    expect(await searchRuns()).toEqual([]);
    expect(await getExperimentByName('brand new')).not.toBeNull();
  });

  test('finds deleted runs where they are asked for', async () => {
    const [a] = logThreeRuns();
    await deleteRun(`${a}`);
    expect(await searchRuns()).toHaveLength(2);
    expect((await searchRuns({ viewType: 'DELETED_ONLY' })).map(({ runId }) => runId)).toEqual([a]);
    await restoreRun(`${a}`);
    expect(await searchRuns({ viewType: 'ALL' })).toHaveLength(3);
  });
});

test('getRun and getParentRun read what was just logged', async () => {
  const parent = startRun();
  const child = startRun({ nested: true });
  logParam('p', 1);
  expect((await getRun(child.runId)).params).toEqual({ p: '1' });
  expect((await getParentRun(child.runId))?.info.runId).toBe(parent.runId);
  expect(await getParentRun(parent.runId)).toBeNull();
  await expect(getParentRun('f'.repeat(32))).rejects.toMatchObject({ code: 'RESOURCE_DOES_NOT_EXIST' });
});

describe('experiments', () => {
  test('are made, found, deleted and restored', async () => {
    const id = await createExperiment('e', { tags: { a: '1' } });
    expect(await getExperiment(id)).toMatchObject({ name: 'e', tags: { a: '1' } });
    expect((await searchExperiments({ filter: "name = 'e'" })).map((it) => it.experimentId)).toEqual([id]);
    await deleteExperiment(id);
    expect((await getExperimentByName('e'))?.lifecycleStage).toBe('deleted');
    await restoreExperiment(id);
    expect(await searchExperiments()).toHaveLength(2);
    expect(await searchExperiments({ maxResults: 1 })).toHaveLength(1);
    expect(await getExperimentByName('none')).toBeNull();
  });

  test('in force take tags, and are made for them', async () => {
    setExperiment('tagged');
    await setExperimentTags({ a: 1, b: true });
    await setExperimentTag('c', 'x');
    await deleteExperimentTag('b');
    expect((await getExperimentByName('tagged'))?.tags).toEqual({ a: '1', c: 'x' });
    await expect(deleteExperimentTag('b')).rejects.toMatchObject({ code: 'RESOURCE_DOES_NOT_EXIST' });
  });
});
