import { beforeAll, expect, test } from 'vitest';
import { MlflowClient } from '../../../src/tracking/client.ts';
import type { Cases } from '../contract.ts';
import { dataset, expectRefusal, newName, newTraceId } from '../subject.ts';

export function testClient({ subject }: Cases): void {
  let client: MlflowClient;
  beforeAll(() => {
    client = new MlflowClient(subject().store.uri);
  });

  async function createRun(): Promise<string> {
    return (await client.createRun(await client.createExperiment(newName()))).info.runId;
  }

  test('a run that is created is the store’s', async () => {
    const id = await client.createExperiment(newName(), { tags: { team: 'blue' } });
    const run = await client.createRun(id, { runName: 'brave-owl', tags: { n: 1 }, startTime: 1_700_000_000_000 });
    expect(run).toMatchObject({
      info: { experimentId: id, runName: 'brave-owl', status: 'RUNNING', startTime: 1_700_000_000_000 },
      tags: { n: '1', 'mlflow.runName': 'brave-owl' },
    });
    expect(await client.getRun(run.info.runId)).toEqual(run);
    expect((await subject().store.getRun(run.info.runId)).info).toEqual(run.info);
    expect((await client.searchRuns({ experimentIds: [id] })).items).toHaveLength(1);
  });

  test('what was logged is read at once', async () => {
    const runId = await createRun();
    await client.logBatch(runId, {
      params: { lr: 0.1, flag: true },
      tags: { a: 'ü' },
      metrics: [
        { key: 'loss', value: Number.NaN, step: 1, timestamp: 1 },
        { key: 'loss', value: 2, step: 2, timestamp: 2 },
      ],
    });
    await client.logMetric(runId, 'acc', 0.5, { step: 3 });
    await client.logParam(runId, 'late', 'x');
    await client.setTag(runId, 'b', 2);
    const run = await client.getRun(runId);
    expect(run.params).toEqual({ lr: '0.1', flag: 'true', late: 'x' });
    expect(run.tags).toMatchObject({ a: 'ü', b: '2' });
    expect(run.metrics).toMatchObject({ loss: { value: 2, step: 2 }, acc: { value: 0.5, step: 3 } });
    const points = await client.getMetricHistory(runId, 'loss');
    expect(points.map(({ value }) => value)).toEqual([Number.NaN, 2]);
  });

  test('a refused record rejects the call that logged it', async () => {
    const runId = await createRun();
    await client.logParam(runId, 'lr', 1);
    await expectRefusal(client.logParam(runId, 'lr', 2), 'INVALID_PARAMETER_VALUE');
    await expectRefusal(client.deleteTag(runId, 'nowhere'), 'RESOURCE_DOES_NOT_EXIST', /No tag with name/);
    await expectRefusal(client.logParam('f'.repeat(32), 'lr', 1), 'RESOURCE_DOES_NOT_EXIST', /not found/);
    await expectRefusal(client.setTag(runId, 'a//b', 1), 'INVALID_PARAMETER_VALUE');
    await expectRefusal(client.createRun('999999999'), 'RESOURCE_DOES_NOT_EXIST', /No Experiment with id=/);
    await client.deleteRun(runId);
    await expectRefusal(client.logMetric(runId, 'm', 1), 'INVALID_PARAMETER_VALUE', /'active' state/);
    expect((await client.getRun(runId)).params).toEqual({ lr: '1' });
  });

  test('a run ends, is renamed, deleted and restored', async () => {
    const runId = await createRun();
    await client.updateRun(runId, { name: 'renamed' });
    await client.setTerminated(runId, 'FAILED', 1_700_000_009_000);
    await client.deleteRun(runId);
    expect((await client.getRun(runId)).info).toMatchObject({
      runName: 'renamed',
      status: 'FAILED',
      endTime: 1_700_000_009_000,
      lifecycleStage: 'deleted',
    });
    await client.restoreRun(runId);
    expect((await client.getRun(runId)).info.lifecycleStage).toBe('active');
  });

  test('datasets and models are a run’s inputs and outputs', async () => {
    const runId = await createRun();
    const { experimentId } = (await client.getRun(runId)).info;
    const read = await client.createLoggedModel(experimentId, { name: 'read', params: { a: 1 } });
    const written = await client.createLoggedModel(experimentId, { name: 'written', sourceRunId: runId });
    await client.logInputs(runId, [{ dataset: dataset(), tags: { a: 'b' } }], [{ modelId: read.modelId }]);
    expect(await client.finalizeLoggedModel(written.modelId, 'READY')).toMatchObject({ status: 'READY' });
    await client.logModelParams(read.modelId, { b: 2 });
    await client.setLoggedModelTags(read.modelId, { t: 'x' });
    expect(await client.getLoggedModel(read.modelId)).toMatchObject({
      params: { a: '1', b: '2' },
      tags: { t: 'x' },
      status: 'PENDING',
    });
    const run = await client.getRun(runId);
    expect(run.datasetInputs).toEqual([{ dataset: dataset(), tags: { a: 'b' } }]);
    expect(run.modelInputs).toEqual([{ modelId: read.modelId }]);
    expect(run.modelOutputs).toEqual([{ modelId: written.modelId, step: 0 }]);
    await client.deleteLoggedModel(read.modelId);
    await expectRefusal(client.getLoggedModel(read.modelId), 'RESOURCE_DOES_NOT_EXIST');
    expect((await client.searchLoggedModels({ experimentIds: [experimentId] })).items).toHaveLength(1);
  });

  test('experiments are changed, deleted and restored', async () => {
    const [id, name] = [await client.createExperiment(newName()), newName()];
    await client.renameExperiment(id, name);
    await client.setExperimentTag(id, 'a', 1);
    expect(await client.getExperimentByName(name)).toMatchObject({ experimentId: id, tags: { a: '1' } });
    await client.deleteExperimentTag(id, 'a');
    await client.deleteExperiment(id);
    expect(await client.getExperiment(id)).toMatchObject({ lifecycleStage: 'deleted', tags: {} });
    await client.restoreExperiment(id);
    expect((await client.getExperiment(id)).lifecycleStage).toBe('active');
  });

  test('traces are found, tagged, linked and deleted', async () => {
    const runId = await createRun();
    const { experimentId } = (await client.getRun(runId)).info;
    const traceId = await subject().trace({ experimentId });
    expect((await client.searchTraces({ experimentIds: [experimentId] })).items).toMatchObject([{ traceId }]);
    await client.setTraceTag(traceId, 'n', 1);
    await client.deleteTraceTag(traceId, 'team');
    await client.linkTracesToRun([traceId], runId);
    const { info, spans } = await client.getTrace(traceId);
    expect([info.tags.n, info.tags.team, spans.length]).toEqual(['1', undefined, 1]);
    await expectRefusal(client.getTrace(newTraceId()), 'RESOURCE_DOES_NOT_EXIST');
    expect(await client.deleteTraces(experimentId, { traceIds: [traceId] })).toBe(1);
    await expectRefusal(client.getTrace(traceId), 'RESOURCE_DOES_NOT_EXIST');
  });
}
