import fs from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { resolveTrackingStore } from '../../src/store/store-uri.ts';
import { MlflowClient } from '../../src/tracking/client.ts';
import { shutdown, writerFor } from '../../src/tracking/delivery/writers.ts';
import { temporaryFolder } from './temporary-store.ts';

const client = new MlflowClient(`sqlite:///${path.join(temporaryFolder(), 'mlflow.db')}`);

afterAll(() => shutdown());

async function logTrace(uri: string): Promise<string> {
  const traceId = `tr-${'a'.repeat(32)}`;
  await writerFor(resolveTrackingStore(uri)).appendSettled({
    op: 'trace',
    experiment: { id: '0' },
    traceId,
    requestTime: 1,
    executionDuration: 1,
    state: 'OK',
    requestPreview: null,
    responsePreview: null,
    metadata: {},
    tags: {},
  });
  return traceId;
}

describe('a client', () => {
  test('makes, tags, deletes and restores experiments', async () => {
    const id = await client.createExperiment('e', { tags: { a: '1' } });
    await client.setExperimentTag(id, 'b', '2');
    expect(await client.getExperimentByName('e')).toEqual(await client.getExperiment(id));
    expect((await client.getExperiment(id)).tags).toEqual({ a: '1', b: '2' });
    expect((await client.searchExperiments()).items.map(({ name }) => name)).toContain('e');
    await client.deleteExperiment(id);
    await expect(client.createRun(id)).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' });
    await client.restoreExperiment(id);
    expect((await client.createRun(id)).info.experimentId).toBe(id);
    await expect(client.createExperiment('e')).rejects.toMatchObject({ code: 'RESOURCE_ALREADY_EXISTS' });
    await expect(client.createExperiment('')).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' });
    expect(await client.getExperimentByName('none')).toBeNull();
  });

  test('writes runs by their ids, and reads what it has written', async () => {
    const { info } = await client.createRun(0, {
      runName: 'r',
      tags: { 'mlflow.user': 'me', t: 1 },
      startTime: 5,
    });
    expect(info).toMatchObject({ runName: 'r', userId: 'me', startTime: 5, status: 'RUNNING' });
    const { runId } = info;
    await client.logParam(runId, 'p', 1);
    await client.logMetric(runId, 'm', Number.NaN, { step: 2, timestamp: 7 });
    await client.setTag(runId, 'x', 'y');
    await client.deleteTag(runId, 't');
    await client.logBatch(runId, {
      params: { q: 'z' },
      tags: { v: true },
      metrics: Array.from({ length: 1500 }, (_, step) => ({ key: 'many', value: step, step })),
    });
    const dataset = { name: 'd', digest: 'x', sourceType: 'local', source: '{}', schema: null, profile: null };
    await client.logInputs(runId, [{ dataset, tags: {} }]);
    const run = await client.getRun(runId);
    expect(run.params).toEqual({ p: '1', q: 'z' });
    expect(run.tags).toEqual({ 'mlflow.runName': 'r', 'mlflow.user': 'me', x: 'y', v: 'true' });
    expect(run.metrics.m).toEqual({ key: 'm', value: Number.NaN, step: 2, timestamp: 7 });
    expect(await client.getMetricHistory(runId, 'many')).toHaveLength(1500);
    expect(run.datasetInputs).toEqual([{ dataset, tags: {} }]);
  });

  test('ends, renames, deletes and restores runs; a finished run takes more', async () => {
    const { runId } = (await client.createRun('0')).info;
    await client.setTerminated(runId, 'FAILED', 77);
    await client.updateRun(runId, { name: 'new', status: 'FINISHED' });
    await client.logParam(runId, 'late', 1);
    const { info, tags, params } = await client.getRun(runId);
    expect(info).toMatchObject({ runName: 'new', status: 'FINISHED', endTime: 77 });
    expect([tags['mlflow.runName'], params.late]).toEqual(['new', '1']);
    await client.deleteRun(runId);
    await expect(client.logParam(runId, 'p', 1)).rejects.toMatchObject({
      code: 'INVALID_PARAMETER_VALUE',
      message: expect.stringMatching(/deleted/),
    });
    expect(
      (await client.searchRuns({ experimentIds: ['0'] })).items.map(({ info: it }) => it.runId),
    ).not.toContain(runId);
    await client.restoreRun(runId);
    expect((await client.getRun(runId)).info.lifecycleStage).toBe('active');
  });

  test('says what the store refuses', async () => {
    const { runId } = (await client.createRun('0')).info;
    await client.logParam(runId, 'p', 1);
    await expect(client.logParam(runId, 'p', 2)).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' });
    await expect(client.logMetric('f'.repeat(32), 'm', 1)).rejects.toMatchObject({
      code: 'RESOURCE_DOES_NOT_EXIST',
    });
    await expect(client.getRun('f'.repeat(32))).rejects.toMatchObject({ code: 'RESOURCE_DOES_NOT_EXIST' });
    await expect(client.getLoggedModel('m-x')).rejects.toMatchObject({ code: 'RESOURCE_DOES_NOT_EXIST' });
    await expect(client.getTrace('tr-x')).rejects.toMatchObject({ code: 'RESOURCE_DOES_NOT_EXIST' });
    await expect(client.createRun('abc')).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' });
    expect([
      (await client.searchTraces({ experimentIds: ['0'] })).items,
      (await client.searchLoggedModels({ experimentIds: ['0'] })).items,
    ]).toEqual([[], []]);
  });

  test('stores the rest of a batch of which a part is refused', async () => {
    const { runId } = (await client.createRun('0')).info;
    await client.logParam(runId, 'p', 1);
    await expect(client.logBatch(runId, { params: { p: 2, q: 3 } })).rejects.toMatchObject({
      code: 'INVALID_PARAMETER_VALUE',
    });
    expect((await client.getRun(runId)).params).toEqual({ p: '1', q: '3' });
  });

  test('renames experiments, and deletes their tags', async () => {
    const id = await client.createExperiment('before', { tags: { a: '1' } });
    await client.renameExperiment(id, 'after');
    await client.deleteExperimentTag(id, 'a');
    expect(await client.getExperiment(id)).toMatchObject({ name: 'after', tags: {} });
    await expect(client.deleteExperimentTag(id, 'a')).rejects.toMatchObject({ code: 'RESOURCE_DOES_NOT_EXIST' });
    await expect(client.renameExperiment(id, '')).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' });
    await expect(client.setExperimentTag(id, 'k', 'x'.repeat(30_000))).rejects.toMatchObject({
      code: 'INVALID_PARAMETER_VALUE',
    });
  });

  test('finds the run that a run is nested in', async () => {
    const parent = (await client.createRun('0')).info.runId;
    const tags = { 'mlflow.parentRunId': parent };
    const child = (await client.createRun('0', { tags })).info.runId;
    expect((await client.getParentRun(child))?.info.runId).toBe(parent);
    expect(await client.getParentRun(parent)).toBeNull();
  });

  test('samples histories of several runs, with their first and last points', async () => {
    const runIds: string[] = [];
    for (const offset of [0, 1]) {
      const { runId } = (await client.createRun('0')).info;
      const metrics = Array.from({ length: 500 }, (_, step) => ({ key: 'm', value: step + offset, step }));
      await client.logBatch(runId, { metrics });
      runIds.push(runId);
    }
    const points = await client.sampleMetricHistory(runIds, 'm', { maxResults: 10 });
    for (const id of runIds) {
      const steps = points.filter(({ runId }) => runId === id).map(({ step }) => step);
      expect([steps[0], steps.at(-1)]).toEqual([0, 499]);
      expect(steps.length).toBeLessThan(30);
    }
  });

  test('links traces to runs, tags and deletes them', async () => {
    const { runId, experimentId } = (await client.createRun('0')).info;
    const traceId = await logTrace(client.trackingUri);
    await client.setTraceTag(traceId, 'a', 1);
    await client.linkTracesToRun([traceId], runId);
    expect((await client.getTrace(traceId)).info.tags.a).toBe('1');
    await client.deleteTraceTag(traceId, 'a');
    await expect(client.deleteTraceTag(traceId, 'a')).rejects.toMatchObject({ code: 'RESOURCE_DOES_NOT_EXIST' });
    expect(await client.deleteTraces(experimentId, { traceIds: [traceId] })).toBe(1);
    await expect(client.getTrace(traceId)).rejects.toMatchObject({ code: 'RESOURCE_DOES_NOT_EXIST' });
  });

  test('writes, lists and downloads artifacts', async () => {
    const { runId } = (await client.createRun('0')).info;
    await client.logText(runId, 'text', 'a/b.txt');
    await client.logDict(runId, { a: 1 }, 'c.json');
    const folder = temporaryFolder();
    fs.writeFileSync(path.join(folder, 'd.bin'), 'data');
    await client.logArtifact(runId, path.join(folder, 'd.bin'), 'e');
    await client.logArtifacts(runId, folder);
    expect((await client.listArtifacts(runId)).map((it) => it.path)).toEqual(['a', 'c.json', 'd.bin', 'e']);
    const target = temporaryFolder();
    const downloaded = await client.downloadArtifacts(runId, '', target);
    expect(fs.readFileSync(path.join(downloaded, 'a', 'b.txt'), 'utf8')).toBe('text');
    await expect(client.downloadArtifacts(runId, 'none')).rejects.toMatchObject({
      code: 'RESOURCE_DOES_NOT_EXIST',
    });
  });
});
