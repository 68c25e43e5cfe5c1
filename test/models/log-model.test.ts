import fs from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadModelInfo } from '../../src/models/load-model-info.ts';
import { type LogModelOptions, logModel } from '../../src/models/log-model.ts';
import { Writer } from '../../src/tracking/delivery/writer.ts';
import { ActiveRun } from '../../src/tracking/runs/active-run.ts';
import { createRunRecord, openStore, RUN_ID, temporaryFolder } from '../tracking/temporary-store.ts';

const store = openStore(temporaryFolder());
const writer = new Writer(store);
writer.append(createRunRecord());
const run = new ActiveRun(writer, {
  runId: RUN_ID,
  runName: 'a',
  experiment: { id: '0' },
  tags: { 'mlflow.user': 'me', 'mlflow.source.name': 'x.js', 'mlflow.source.type': 'LOCAL', other: '1' },
});
run.logParam('lr', 0.1);
run.logMetric('loss', 0.5, { step: 3 });

afterAll(() => writer.closeNow());

const OPTIONS: LogModelOptions = {
  name: 'model',
  flavors: { tfjs: { data: 'model.json', version: '4.22.0' } },
  save: async (folder) => fs.writeFileSync(path.join(folder, 'model.json'), '{}'),
};

describe('logModel', () => {
  test.each([
    ['without flavors', { name: 'model' }, /no flavor; give/],
    ['with flavors that are a list', { name: 'model', flavors: ['tfjs'] }, /no flavor; give/],
    ['without save', { name: 'model', flavors: OPTIONS.flavors }, /save is undefined.*; pass/],
    ['without a name', { flavors: OPTIONS.flavors }, /Invalid model name/],
    ['without anything', undefined, /not described; pass/],
  ])('%s is refused with the way out', async (_what, options, message) => {
    await expect(logModel(run, options as unknown as LogModelOptions)).rejects.toMatchObject({
      name: 'AutologError',
      code: 'INVALID_PARAMETER_VALUE',
      message: expect.stringMatching(message),
    });
  });

  test('stores files, MLmodel and entity, with params and metrics of the run', async () => {
    const info = await logModel(run, {
      ...OPTIONS,
      signature: {
        inputs: [{ dtype: 'float32', shape: [-1, 4] }],
        outputs: [
          { name: 'a', dtype: 'float32', shape: [-1, 3] },
          { name: 'b', dtype: 'int32', shape: [-1] },
        ],
      },
      inputExample: { type: 'ndarray', data: [[1, 2, 3, 4]] },
      metadata: { note: 'yes', when: '2026-01-01' },
      modelType: 'classifier',
      params: { extra: 'e' },
      tags: { own: 't' },
      step: 3,
    });
    expect(info.modelId).toMatch(/^m-[0-9a-f]{32}$/);
    expect(info.modelUri).toBe(`models:/${info.modelId}`);
    expect(info.artifactPath).toMatch(new RegExp(`/mlruns/0/models/${info.modelId}/artifacts$`));
    expect(fs.readdirSync(info.artifactPath).sort()).toEqual([
      'MLmodel',
      'input_example.json',
      'model.json',
      'serving_input_example.json',
    ]);
    await writer.flush();
    const model = await store.getLoggedModel(info.modelId);
    expect(model).toMatchObject({
      name: 'model',
      status: 'READY',
      modelType: 'classifier',
      sourceRunId: RUN_ID,
      params: { lr: '0.1', extra: 'e' },
      tags: { 'mlflow.user': 'me', 'mlflow.source.name': 'x.js', 'mlflow.source.type': 'LOCAL', own: 't' },
    });
    expect(model.metrics).toEqual([
      { key: 'loss', value: 0.5, step: 3, timestamp: expect.any(Number), modelId: info.modelId, runId: RUN_ID },
    ]);
    expect((await store.getRun(RUN_ID)).modelOutputs).toEqual([{ modelId: info.modelId, step: 3 }]);
  });

  test('leaves the model UPLOAD_FAILED when saving fails, and the error comes through', async () => {
    const error = new Error('mine');
    const before = (await store.searchLoggedModels({ experimentIds: ['0'] })).items;
    await expect(logModel(run, { ...OPTIONS, name: 'fails', save: () => Promise.reject(error) })).rejects.toBe(
      error,
    );
    await writer.flush();
    const [model, ...others] = (await store.searchLoggedModels({ experimentIds: ['0'] })).items;
    expect(others).toHaveLength(before.length);
    expect(model?.status).toBe('UPLOAD_FAILED');
    expect(fs.existsSync(model?.artifactLocation ?? '')).toBe(false);
  });

  test.each<[string, Partial<LogModelOptions>]>([
    ['a bad name', { name: 'a/b' }],
    ['no flavor', { flavors: {} }],
    [
      'outputs without names',
      { signature: { inputs: null, outputs: [1, 2].map((n) => ({ dtype: 'int32', shape: [n] })) } },
    ],
  ])('refuses %s, and begins no model', async (_, options) => {
    const before = (await store.searchLoggedModels({ experimentIds: ['0'] })).items;
    await expect(logModel(run, { ...OPTIONS, ...options })).rejects.toMatchObject({
      code: 'INVALID_PARAMETER_VALUE',
    });
    await writer.flush();
    expect((await store.searchLoggedModels({ experimentIds: ['0'] })).items).toHaveLength(before.length);
  });

  test('says what the store refuses', async () => {
    const unknown = { runId: 'f'.repeat(32), tags: {}, writer };
    await expect(logModel(unknown, OPTIONS)).rejects.toMatchObject({ code: 'RESOURCE_DOES_NOT_EXIST' });
  });
});

describe('loadModelInfo', () => {
  test('reads a model by its id, its run and its folder', async () => {
    const { modelUri, modelId, artifactPath } = await logModel(run, { ...OPTIONS, name: 'found' });
    const info = await loadModelInfo(modelUri, store);
    expect(info).toEqual({
      location: artifactPath,
      artifactPath,
      runId: RUN_ID,
      modelId,
      utcTimeCreated: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/),
      flavors: OPTIONS.flavors,
      signature: null,
      savedInputExampleInfo: null,
      modelSizeBytes: 2,
      metadata: null,
      mlflowVersion: '3.12.0',
    });
    expect(await loadModelInfo(`runs:/${RUN_ID}/found`, store)).toEqual(info);
    expect(await loadModelInfo(artifactPath, store)).toEqual(info);
  });

  test('reads a model among the artifacts of its run, as older MLflow wrote it', async () => {
    const folder = path.join((await store.getRun(RUN_ID)).info.artifactUri, 'old');
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, 'MLmodel'), 'flavors: {python_function: {}}\nrun_id: x\n');
    expect(await loadModelInfo(`runs:/${RUN_ID}/old`, store)).toMatchObject({ runId: 'x', modelId: null });
  });

  test.each([
    ['models:/m-unknown', 'RESOURCE_DOES_NOT_EXIST'],
    ['models:/name/1', 'INVALID_PARAMETER_VALUE'],
    ['runs:/x', 'INVALID_PARAMETER_VALUE'],
    [`runs:/${RUN_ID}/none`, 'RESOURCE_DOES_NOT_EXIST'],
  ])('refuses %s', async (uri, code) => {
    await expect(loadModelInfo(uri, store)).rejects.toMatchObject({ code });
  });
});
