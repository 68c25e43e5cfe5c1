import fs from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { MlflowClient } from '../../src/tracking/client.ts';
import { shutdown } from '../../src/tracking/writers.ts';
import { temporaryFolder } from './temporary-store.ts';

const client = new MlflowClient(`sqlite:///${path.join(temporaryFolder(), 'mlflow.db')}`);

afterAll(() => shutdown());

describe('a client', () => {
  test('makes, tags, deletes and restores experiments', async () => {
    const id = await client.createExperiment('e', { tags: { a: '1' } });
    await client.setExperimentTag(id, 'b', '2');
    expect(await client.getExperimentByName('e')).toEqual(await client.getExperiment(id));
    expect((await client.getExperiment(id)).tags).toEqual({ a: '1', b: '2' });
    expect((await client.listExperiments()).map(({ name }) => name)).toContain('e');
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
    expect((await client.listRuns(['0'])).map(({ info: it }) => it.runId)).not.toContain(runId);
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
    expect([await client.listTraces(['0']), await client.listLoggedModels(['0'])]).toEqual([[], []]);
  });

  test('stores the rest of a batch of which a part is refused', async () => {
    const { runId } = (await client.createRun('0')).info;
    await client.logParam(runId, 'p', 1);
    await expect(client.logBatch(runId, { params: { p: 2, q: 3 } })).rejects.toMatchObject({
      code: 'INVALID_PARAMETER_VALUE',
    });
    expect((await client.getRun(runId)).params).toEqual({ p: '1', q: '3' });
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
