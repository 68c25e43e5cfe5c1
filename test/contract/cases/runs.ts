import { expect, test } from 'vitest';
import type { ExperimentRef } from '../../../src/entities/experiment.ts';
import { askNow } from '../../../src/store/ask-now.ts';
import type { TrackingStore } from '../../../src/store/tracking-store.ts';
import type { Cases } from '../contract.ts';
import { expectRefusal, newName, runRecord } from '../subject.ts';

export function testRuns({ subject, backEnd }: Cases): void {
  test('one that is begun is read as it was begun', async () => {
    const { store } = subject();
    const id = await subject().experiment();
    const tags = { 'mlflow.user': 'ada', 'mlflow.source.name': 'größe.js', ü: '🦉' };
    const runId = await subject().run({ experiment: { id }, tags, name: 'brave-owl 📈' });
    const { artifactLocation } = await store.getExperiment(id);
    expect(await store.getRun(runId)).toEqual({
      info: {
        runId: subject().idOf(runId),
        runName: 'brave-owl 📈',
        experimentId: id,
        userId: 'ada',
        status: 'RUNNING',
        startTime: 1_700_000_000_000,
        endTime: null,
        artifactUri: `${artifactLocation}/${subject().idOf(runId)}/artifacts`,
        lifecycleStage: 'active',
      },
      params: {},
      metrics: {},
      tags: { ...tags, 'mlflow.runName': 'brave-owl 📈' },
      datasetInputs: [],
      modelInputs: [],
      modelOutputs: [],
    });
  });

  test('an experiment that is named and missing is created with the run', async () => {
    const name = newName();
    const runId = await subject().run({ experiment: { name } });
    const experiment = await subject().store.getExperimentByName(name);
    expect((await subject().store.getRun(runId)).info.experimentId).toBe(experiment?.experimentId);
  });

  test.each(['FINISHED', 'FAILED', 'KILLED', 'SCHEDULED', 'RUNNING'] as const)(
    'its status becomes %s',
    async (status) => {
      const runId = await subject().run();
      const endTime = 1_700_000_009_000;
      expect(await subject().deliver({ op: 'updateRun', runId, status, endTime })).toEqual([]);
      expect((await subject().store.getRun(runId)).info).toMatchObject({ status, endTime });
    },
  );

  test('one that has ended goes on', async () => {
    const runId = await subject().run();
    await subject().deliver({ op: 'updateRun', runId, status: 'FINISHED', endTime: 1_700_000_009_000 });
    await subject().deliver({ op: 'updateRun', runId, status: 'RUNNING', endTime: null });
    expect((await subject().store.getRun(runId)).info.status).toBe('RUNNING');
  });

  test('unknown ones are told', async () => {
    const { store } = subject();
    const id = 'f'.repeat(32);
    const words = /Run with id=f{32} not found/;
    await expectRefusal(store.getRun(id), 'RESOURCE_DOES_NOT_EXIST', words);
    await expectRefusal(store.deleteRun(id), 'RESOURCE_DOES_NOT_EXIST', words);
    await expectRefusal(store.restoreRun(id), 'RESOURCE_DOES_NOT_EXIST', words);
    await expectRefusal(store.deleteRunTag(id, 'a'), 'RESOURCE_DOES_NOT_EXIST', words);
    expect(await subject().deliver({ op: 'param', runId: id, key: 'a', value: 'b' })).toEqual([
      'RESOURCE_DOES_NOT_EXIST',
    ]);
  });

  test('one of an unknown or deleted experiment is refused', async () => {
    const { store } = subject();
    expect(await subject().deliver(runRecord({ experiment: { id: '999999999' } }))).toEqual([
      'RESOURCE_DOES_NOT_EXIST',
    ]);
    const id = await subject().experiment();
    await store.deleteExperiment(id);
    expect(await subject().deliver(runRecord({ experiment: { id } }))).toEqual(['INVALID_PARAMETER_VALUE']);
    const { name } = await store.getExperiment(id);
    expect(await subject().deliver(runRecord({ experiment: { name } }))).toEqual(['INVALID_PARAMETER_VALUE']);
  });

  test('a deleted one is read, and takes nothing until it is restored', async () => {
    const { store } = subject();
    const runId = await subject().run();
    await subject().deliver({ op: 'param', runId, key: 'a', value: 'b' });
    await store.deleteRun(runId);
    expect(await store.getRun(runId)).toMatchObject({ info: { lifecycleStage: 'deleted' }, params: { a: 'b' } });
    const refused = await subject().deliverFully(
      { op: 'param', runId, key: 'c', value: 'd' },
      { op: 'metric', runId, key: 'm', value: 1, timestamp: 1, step: 0 },
      { op: 'tag', runId, key: 't', value: 'v' },
      { op: 'updateRun', runId, status: 'FINISHED', endTime: 5 },
      { op: 'modelInput', runId, modelId: `m-${'0'.repeat(32)}` },
      { op: 'modelOutput', runId, modelId: `m-${'0'.repeat(32)}`, step: 0 },
    );
    expect(refused.map(({ code }) => code)).toEqual(Array(6).fill('INVALID_PARAMETER_VALUE'));
    for (const { message } of refused) expect(message).toMatch(/must be in the 'active' state/);
    await expectRefusal(store.deleteRunTag(runId, 'mlflow.user'), 'INVALID_PARAMETER_VALUE', /'active' state/);
    await store.restoreRun(runId);
    expect(await subject().deliver({ op: 'param', runId, key: 'c', value: 'd' })).toEqual([]);
    expect(await store.getRun(runId)).toMatchObject({
      info: { lifecycleStage: 'active', status: 'RUNNING' },
      params: { a: 'b', c: 'd' },
    });
  });

  test('one is deleted and restored twice', async () => {
    const { store } = subject();
    const runId = await subject().run();
    for (const stage of ['deleted', 'active'] as const) {
      for (let time = 0; time < 2; time += 1)
        await (stage === 'deleted' ? store.deleteRun(runId) : store.restoreRun(runId));
      expect((await store.getRun(runId)).info.lifecycleStage).toBe(stage);
    }
  });

  test('active, deleted or all are found, the newest first', async () => {
    const { store } = subject();
    const id = await subject().experiment();
    const runIds: string[] = [];
    for (let index = 0; index < 3; index += 1)
      runIds.push(await subject().run({ experiment: { id }, startTime: 1_700_000_000_000 + index }));
    await store.deleteRun(runIds[1] as string);
    const find = async (viewType: 'ACTIVE_ONLY' | 'DELETED_ONLY' | 'ALL') =>
      (await store.searchRuns({ experimentIds: [id], viewType })).items.map(({ info }) => info.runId);
    const ids = runIds.map((runId) => subject().idOf(runId));
    expect(await find('ACTIVE_ONLY')).toEqual([ids[2], ids[0]]);
    expect(await find('DELETED_ONLY')).toEqual([ids[1]]);
    expect(await find('ALL')).toEqual(ids.toReversed());
  });

  test('the tag of the name renames a run', async () => {
    const { store } = subject();
    const runId = await subject().run();
    await subject().deliver({ op: 'tag', runId, key: 'mlflow.runName', value: 'brave-fox-1' });
    expect(await store.getRun(runId)).toMatchObject({
      info: { runName: 'brave-fox-1' },
      tags: { 'mlflow.runName': 'brave-fox-1' },
    });
  });

  const { ownIds } = backEnd.lacks;
  test.skipIf(ownIds)(`an id in use is refused${ownIds ? ` [skipped: ${ownIds}]` : ''}`, async () => {
    const runId = await subject().run();
    const refused = await subject().deliver(runRecord({ runId }));
    expect(refused).toEqual(['RESOURCE_ALREADY_EXISTS']);
  });

  const { checkNow } = backEnd.lacks;
  test.skipIf(checkNow)(
    `experiments and runs are checked at once${checkNow ? ` [skipped: ${checkNow}]` : ''}`,
    async () => {
      const { store } = subject();
      const check = store.checkNow ?? waitingChecks(store);
      const experimentId = await subject().experiment();
      const runId = await subject().run({ experiment: { id: experimentId } });
      expect(check.run(runId)).toEqual(await store.getRun(runId));
      expect(() => check.run('f'.repeat(32))).toThrow(/not found/);
      expect(() => check.experiment({ id: '999999999' })).toThrow(/No Experiment with id=/);
      const name = newName();
      expect(check.experiment({ name })).toEqual(await store.getExperimentByName(name));
      expect(check.experiment({ id: experimentId })).toEqual(await store.getExperiment(experimentId));
      await store.deleteExperiment(experimentId);
      expect(() => check.experiment({ id: experimentId })).toThrow(/deleted/);
    },
  );
}

/** Those of a server: this thread stands still until it answers. */
function waitingChecks(store: TrackingStore) {
  const patienceMs = 20_000;
  return {
    run: (runId: string) => askNow(store, { run: runId }, patienceMs),
    experiment: (ref: ExperimentRef) => askNow(store, { experiment: ref }, patienceMs),
  };
}
