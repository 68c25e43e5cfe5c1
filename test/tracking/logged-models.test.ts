import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import '../../src/autologging/connect-tracing.ts';
import { parseMlModel } from '../../src/models/mlmodel.ts';
import { withSpan } from '../../src/tracing/tracer.ts';
import { MlflowClient } from '../../src/tracking/client.ts';
import { shutdown } from '../../src/tracking/delivery/writers.ts';
import { logInputs, logMetric, logMetrics, logOutputs } from '../../src/tracking/fluent/log.ts';
import {
  createExternalModel,
  deleteLoggedModelTag,
  finalizeLoggedModel,
  getLoggedModel,
  initializeLoggedModel,
  lastLoggedModel,
  logModelParams,
  searchLoggedModels,
  setLoggedModelTags,
} from '../../src/tracking/fluent/logged-models.ts';
import { logModel } from '../../src/tracking/fluent/models.ts';
import { endRun, startRun } from '../../src/tracking/fluent/runs.ts';
import { clearActiveModel, setActiveModel } from '../../src/tracking/fluent/set-active-model.ts';
import { getRun } from '../../src/tracking/fluent/stored-runs.ts';
import { getActiveModelId } from '../../src/tracking/runs/active-model.ts';
import { setExperiment, setTrackingUri } from '../../src/tracking/settings.ts';
import { temporaryFolder } from './temporary-store.ts';

beforeEach(() => {
  setTrackingUri(`sqlite:///${path.join(temporaryFolder(), 'mlflow.db')}`);
});

afterEach(async () => {
  clearActiveModel();
  await shutdown();
  setTrackingUri('sqlite:///mlflow.db');
  setExperiment({ id: '0' });
});

const dataset = { name: 'd', digest: 'x', sourceType: 'local', source: '{}', schema: null, profile: null };

describe('a logged model', () => {
  test('begins PENDING with the active run as its source, takes files, and is finalized', async () => {
    const run = startRun();
    const model = await initializeLoggedModel({
      name: 'm',
      params: { depth: 3 },
      tags: { a: 1 },
      modelType: 'agent',
    });
    expect(model).toMatchObject({
      modelId: expect.stringMatching(/^m-[0-9a-f]{32}$/),
      name: 'm',
      status: 'PENDING',
      sourceRunId: run.runId,
      experimentId: '0',
      modelType: 'agent',
      params: { depth: '3' },
      tags: { a: '1', 'mlflow.user': expect.any(String), 'mlflow.source.type': 'LOCAL' },
    });
    expect((await lastLoggedModel())?.modelId).toBe(model.modelId);
    const client = new MlflowClient();
    const folder = temporaryFolder();
    fs.writeFileSync(path.join(folder, 'weights.bin'), 'w');
    await client.logModelArtifacts(model.modelId, folder);
    await client.logModelArtifact(model.modelId, path.join(folder, 'weights.bin'));
    expect(await client.listLoggedModelArtifacts(model.modelId)).toEqual([
      { path: 'weights.bin', isFolder: false, sizeBytes: 1 },
    ]);
    expect((await finalizeLoggedModel(model.modelId, 'READY')).status).toBe('READY');
    await expect(finalizeLoggedModel(model.modelId, 'PENDING')).rejects.toMatchObject({
      code: 'INVALID_PARAMETER_VALUE',
    });
    await expect(finalizeLoggedModel('m-none', 'READY')).rejects.toMatchObject({
      code: 'RESOURCE_DOES_NOT_EXIST',
    });
  });

  test('is in the experiment in force without a run, which is made for it', async () => {
    setExperiment('models');
    const model = await initializeLoggedModel();
    expect(model.name).toMatch(/^[a-z]+-[a-z]+-\d+$/);
    expect(model.sourceRunId).toBeNull();
    expect((await searchLoggedModels()).map((it) => it.modelId)).toEqual([model.modelId]);
    expect(await searchLoggedModels({ filter: "name = 'other'" })).toEqual([]);
    expect(await searchLoggedModels({ experimentIds: ['0'] })).toEqual([]);
  });

  test('takes params and tags later, and loses tags', async () => {
    const { modelId } = await initializeLoggedModel({ params: { a: 1 } });
    await logModelParams({ b: 2 }, modelId);
    await setLoggedModelTags(modelId, { x: 1, y: 2 });
    await deleteLoggedModelTag(modelId, 'x');
    const { params, tags } = await getLoggedModel(modelId);
    expect(params).toEqual({ a: '1', b: '2' });
    expect([tags.x, tags.y]).toEqual([undefined, '2']);
    await expect(deleteLoggedModelTag(modelId, 'x')).rejects.toMatchObject({ code: 'RESOURCE_DOES_NOT_EXIST' });
    await expect(logModelParams({ c: 1 })).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' });
    await expect(initializeLoggedModel({ name: 'a/b' })).rejects.toMatchObject({
      code: 'INVALID_PARAMETER_VALUE',
    });
    await new MlflowClient().deleteLoggedModel(modelId);
    await expect(getLoggedModel(modelId)).rejects.toMatchObject({ code: 'RESOURCE_DOES_NOT_EXIST' });
  });

  test('that is external is READY at once, with a file that says so', async () => {
    const model = await createExternalModel({ name: 'app' });
    expect(model).toMatchObject({ status: 'READY', tags: { 'mlflow.model.isExternal': 'true' } });
    const text = fs.readFileSync(path.join(model.artifactLocation, 'MLmodel'), 'utf8');
    expect(await parseMlModel(text)).toMatchObject({
      modelId: model.modelId,
      flavors: {},
      metadata: { 'mlflow.model.isExternal': true },
    });
  });
});

describe('metrics', () => {
  test('are linked to the model and dataset that they name, which become inputs of the run once', async () => {
    const { modelId } = await createExternalModel({ name: 'app' });
    const run = startRun();
    logMetric('acc', 0.5, { modelId, dataset });
    logMetrics({ acc: 0.75, f1: 1 }, { step: 1, modelId, dataset });
    const { modelInputs, datasetInputs } = await getRun(run.runId);
    expect(modelInputs).toEqual([{ modelId }]);
    expect(datasetInputs).toEqual([{ dataset, tags: {} }]);
    const { metrics } = await getLoggedModel(modelId);
    const seen = metrics.map(({ key, value, step, runId, datasetName }) => [key, value, step, runId, datasetName]);
    expect(seen.sort()).toEqual([
      ['acc', 0.5, 0, run.runId, 'd'],
      ['acc', 0.75, 1, run.runId, 'd'],
      ['f1', 1, 1, run.runId, 'd'],
    ]);
  });

  test('are linked to the output of their step, without becoming its input', async () => {
    const run = startRun();
    const model = { flavors: { own: {} }, save: async () => undefined };
    const { modelId } = await logModel({ ...model, name: 'm', step: 2 });
    logMetric('acc', 1, { step: 2 });
    logMetric('acc', 2, { step: 3 });
    expect((await getLoggedModel(modelId)).metrics.map(({ value }) => value)).toEqual([1]);
    expect(await getRun(run.runId)).toMatchObject({ modelInputs: [], modelOutputs: [{ modelId, step: 2 }] });
    expect((await lastLoggedModel())?.modelId).toBe(modelId);
  });

  test('are linked to the active model, until it is cleared', async () => {
    const model = await setActiveModel({ name: 'agent' });
    expect(getActiveModelId()).toBe(model.modelId);
    expect((await setActiveModel({ name: 'agent' })).modelId).toBe(model.modelId);
    startRun();
    logMetric('acc', 1);
    await logModelParams({ p: 1 });
    clearActiveModel();
    expect(getActiveModelId()).toBeNull();
    logMetric('acc', 2, { step: 1 });
    const { metrics, params } = await getLoggedModel(model.modelId);
    expect([metrics.map(({ value }) => value), params]).toEqual([[1], { p: '1' }]);
    expect((await setActiveModel({ modelId: model.modelId })).name).toBe('agent');
    await expect(setActiveModel({ modelId: model.modelId, name: 'b' })).rejects.toMatchObject({
      code: 'INVALID_PARAMETER_VALUE',
    });
    await expect(setActiveModel({})).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' });
  });

  test('go to a run that is named, be it active or not', async () => {
    const run = startRun();
    logMetric('m', 1, { runId: run.runId });
    endRun();
    logMetric('m', 2, { runId: run.runId, step: 1 });
    logMetrics({ m: 3, n: 4 }, { runId: run.runId, step: 2 });
    const { metrics } = await getRun(run.runId);
    expect([metrics.m?.value, metrics.n?.value]).toEqual([3, 4]);
    expect(await new MlflowClient().getMetricHistory(run.runId, 'm')).toHaveLength(3);
    expect(() => logMetric('m', 1, { runId: 'f'.repeat(32) })).toThrow(
      expect.objectContaining({ code: 'RESOURCE_DOES_NOT_EXIST' }),
    );
    expect(() => logMetric('bad\n', 1, { runId: run.runId })).toThrow(
      expect.objectContaining({ code: 'INVALID_PARAMETER_VALUE' }),
    );
  });
});

test('traces are linked to the active model', async () => {
  const model = await setActiveModel({ name: 'agent' });
  const ids = [withSpan({ name: 'a' }, ({ traceId }) => traceId)];
  clearActiveModel();
  ids.push(withSpan({ name: 'b' }, ({ traceId }) => traceId));
  const traces = await Promise.all(ids.map((id) => new MlflowClient().getTrace(id)));
  expect(traces.map(({ info }) => info.metadata['mlflow.modelId'])).toEqual([model.modelId, undefined]);
});

test('logInputs and logOutputs link datasets and models to the active run, all or none', async () => {
  const [first, second] = [await createExternalModel({ name: 'a' }), await createExternalModel({ name: 'b' })];
  const run = startRun();
  logInputs([{ dataset, context: 'eval' }], [{ modelId: first.modelId }]);
  logOutputs([{ modelId: second.modelId, step: 4 }]);
  expect(() => logInputs([{ dataset }], [{ modelId: '' }])).toThrow(/modelId/);
  expect(() => logOutputs([{ modelId: first.modelId }, { modelId: 'm-x', step: 0.5 }])).toThrow(/no integer/);
  expect(await getRun(run.runId)).toMatchObject({
    datasetInputs: [{ dataset, tags: { 'mlflow.data.context': 'eval' } }],
    modelInputs: [{ modelId: first.modelId }],
    modelOutputs: [{ modelId: second.modelId, step: 4 }],
  });
  const client = new MlflowClient();
  const { runId } = (await client.createRun('0')).info;
  await client.logInputs(runId, [{ dataset, tags: {} }], [{ modelId: second.modelId }]);
  await client.logOutputs(runId, [{ modelId: first.modelId, step: 0 }]);
  expect(await client.getRun(runId)).toMatchObject({
    modelInputs: [{ modelId: second.modelId }],
    modelOutputs: [{ modelId: first.modelId, step: 0 }],
  });
});
