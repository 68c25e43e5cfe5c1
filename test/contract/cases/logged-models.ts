import { expect, test } from 'vitest';
import type { Cases } from '../contract.ts';
import { expectRefusal, metricRecord, modelRecord } from '../subject.ts';

const UNKNOWN = `m-${'0'.repeat(32)}`;

export function testLoggedModels({ subject }: Cases): void {
  test('one without a run is read as it was begun', async () => {
    const { store } = subject();
    const id = await subject().experiment();
    const modelId = await subject().model({
      experiment: { id },
      params: { größe: 'ü 🦉', n: '1' },
      modelType: null,
    });
    const { artifactLocation } = await store.getExperiment(id);
    const model = await store.getLoggedModel(modelId);
    expect(model).toMatchObject({
      modelId: subject().idOf(modelId),
      experimentId: id,
      name: 'classifier',
      artifactLocation: `${artifactLocation}/models/${subject().idOf(modelId)}/artifacts`,
      status: 'PENDING',
      statusMessage: null,
      lifecycleStage: 'active',
      sourceRunId: null,
      params: { größe: 'ü 🦉', n: '1' },
      tags: { team: 'blue' },
      metrics: [],
    });
    expect(model.modelType ?? '').toBe('');
  });

  test('one of a run is its output once it is ready, with the run’s params and metrics', async () => {
    const { store } = subject();
    const runId = await subject().run();
    await subject().deliver({ op: 'param', runId, key: 'lr', value: '0.1' });
    const modelId = await subject().model({ runId });
    await subject().deliver(metricRecord(runId, { step: 3, value: 0.25 }));
    const time = 1_700_000_005_000;
    expect(await subject().deliver({ op: 'finalizeModel', modelId, status: 'READY', step: 3, time })).toEqual([]);
    const model = await store.getLoggedModel(modelId);
    expect(model).toMatchObject({
      status: 'READY',
      sourceRunId: subject().idOf(runId),
      modelType: 'tfjs',
      params: { depth: '3', lr: '0.1' },
      metrics: [{ key: 'loss', value: 0.25, step: 3 }],
    });
    expect(model.lastUpdatedTime).toBeGreaterThanOrEqual(model.creationTime);
    const run = await store.getRun(runId);
    expect(run.modelOutputs).toEqual([{ modelId: subject().idOf(modelId), step: 3 }]);
    expect(run.modelInputs).toEqual([]);
  });

  test('one whose upload has failed is no output', async () => {
    const runId = await subject().run();
    const modelId = await subject().model({ runId });
    await subject().deliver({ op: 'finalizeModel', modelId, status: 'UPLOAD_FAILED', step: 0, time: 1 });
    expect((await subject().store.getLoggedModel(modelId)).status).toBe('UPLOAD_FAILED');
    expect((await subject().store.getRun(runId)).modelOutputs).toEqual([]);
  });

  test('runs name the models that they have read and written', async () => {
    const modelIds = [await subject().model(), await subject().model(), await subject().model()] as const;
    const runId = await subject().run();
    const refused = await subject().deliver(
      { op: 'modelInput', runId, modelId: modelIds[0] },
      { op: 'modelInput', runId, modelId: modelIds[0] },
      { op: 'modelOutput', runId, modelId: modelIds[1], step: 1 },
      { op: 'modelOutput', runId, modelId: modelIds[2], step: 7 },
    );
    expect(refused).toEqual([]);
    const run = await subject().store.getRun(runId);
    expect(run.modelInputs).toEqual([{ modelId: subject().idOf(modelIds[0]) }]);
    expect(run.modelOutputs.toSorted((a, b) => a.step - b.step)).toEqual([
      { modelId: subject().idOf(modelIds[1]), step: 1 },
      { modelId: subject().idOf(modelIds[2]), step: 7 },
    ]);
  });

  test('tags are set, replaced and deleted', async () => {
    const { store } = subject();
    const modelId = await subject().model();
    await store.setLoggedModelTags(modelId, { team: 'red', größe: 'ü🦉', long: 'x'.repeat(10_000) });
    const { tags } = await store.getLoggedModel(modelId);
    expect(tags).toEqual({ team: 'red', größe: 'ü🦉', long: 'x'.repeat(10_000) });
    await store.deleteLoggedModelTag(modelId, 'team');
    expect(Object.keys((await store.getLoggedModel(modelId)).tags).toSorted()).toEqual(['größe', 'long']);
    const words = /No tag with key .* found for model/;
    await expectRefusal(store.deleteLoggedModelTag(modelId, 'team'), 'RESOURCE_DOES_NOT_EXIST', words);
  });

  test('params are added, and not changed', async () => {
    const { store } = subject();
    const modelId = await subject().model();
    const many = Object.fromEntries(Array.from({ length: 250 }, (_, index) => [`p${index}`, String(index)]));
    await store.logLoggedModelParams(modelId, many);
    expect((await store.getLoggedModel(modelId)).params).toEqual({ depth: '3', ...many });
    // MLflow's server tells of the constraint that the database has found broken.
    const codes = ['INVALID_PARAMETER_VALUE', 'BAD_REQUEST', 'INTERNAL_ERROR'] as const;
    await expectRefusal(store.logLoggedModelParams(modelId, { fresh: '1', depth: '4' }), codes);
    expect((await store.getLoggedModel(modelId)).params).toEqual({ depth: '3', ...many });
  });

  test('a deleted one is read only where that is asked for', async () => {
    const { store } = subject();
    const id = await subject().experiment();
    const modelId = await subject().model({ experiment: { id } });
    await store.deleteLoggedModel(modelId);
    await expectRefusal(
      store.getLoggedModel(modelId),
      'RESOURCE_DOES_NOT_EXIST',
      /Logged model with ID '.*' not found/,
    );
    expect((await store.getLoggedModel(modelId, { allowDeleted: true })).name).toBe('classifier');
    expect((await store.searchLoggedModels({ experimentIds: [id] })).items).toEqual([]);
  });

  test('unknown ones are told', async () => {
    const { store } = subject();
    const words = new RegExp(`Logged model with ID '${UNKNOWN}' not found`);
    await expectRefusal(store.getLoggedModel(UNKNOWN), 'RESOURCE_DOES_NOT_EXIST', words);
    await expectRefusal(store.getLoggedModel(UNKNOWN, { allowDeleted: true }), 'RESOURCE_DOES_NOT_EXIST', words);
    await expectRefusal(store.setLoggedModelTags(UNKNOWN, { a: 'b' }), 'RESOURCE_DOES_NOT_EXIST', words);
    await expectRefusal(store.deleteLoggedModelTag(UNKNOWN, 'a'), 'RESOURCE_DOES_NOT_EXIST', words);
    await expectRefusal(store.logLoggedModelParams(UNKNOWN, { a: 'b' }), 'RESOURCE_DOES_NOT_EXIST', words);
    await expectRefusal(store.deleteLoggedModel(UNKNOWN), 'RESOURCE_DOES_NOT_EXIST', words);
    const refused = await subject().deliver({
      op: 'finalizeModel',
      modelId: UNKNOWN,
      status: 'READY',
      step: 0,
      time: 1,
    });
    expect(refused).toEqual(['RESOURCE_DOES_NOT_EXIST']);
  });

  test.each(['', 'a/b', 'a:b', 'a.b', 'a%b', 'a"b', "a'b"])('the name %j is refused', async (name) => {
    const experiment = { id: await subject().experiment() };
    expect(await subject().deliver(modelRecord({ experiment, name }))).toEqual(['INVALID_PARAMETER_VALUE']);
  });

  test('one of an unknown run or a deleted experiment is refused', async () => {
    const unknown = modelRecord({ runId: 'f'.repeat(32) });
    expect(await subject().deliver(unknown)).toEqual(['RESOURCE_DOES_NOT_EXIST']);
    const id = await subject().experiment();
    await subject().store.deleteExperiment(id);
    expect(await subject().deliver(modelRecord({ experiment: { id } }))).toEqual(['INVALID_PARAMETER_VALUE']);
  });
}
