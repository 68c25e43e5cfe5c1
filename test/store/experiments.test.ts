import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createRun, deliver, openStore, RUN } from './records.ts';

test('a new store has the experiment 0, "Default"', async () => {
  expect((await openStore().searchExperiments()).items).toMatchObject([{ experimentId: '0', name: 'Default' }]);
});

test('an experiment is created with its tags and location', async () => {
  const store = openStore();
  const id = await store.createExperiment('demo', {
    artifactLocation: 's3://bucket/x?y=1',
    tags: { team: 'blue' },
  });
  await store.setExperimentTag(id, 'team', 'red');
  deliver(store, createRun({ experiment: { id } }));
  expect(await store.getExperiment(id)).toMatchObject({
    name: 'demo',
    artifactLocation: 's3://bucket/x?y=1',
    lifecycleStage: 'active',
    tags: { team: 'red' },
  });
  expect((await store.getRun(RUN)).info.artifactUri).toBe(`s3://bucket/x/${RUN}/artifacts?y=1`);
});

test('experiments are listed newest first', async () => {
  const store = openStore();
  await store.createExperiment('a');
  // Of two that were made in one millisecond, the first comes first.
  await sleep(2);
  await store.createExperiment('b');
  expect((await store.searchExperiments({ maxResults: 2 })).items.map(({ name }) => name)).toEqual(['b', 'a']);
});

test('a name in use is refused, also a deleted experiment’s', async () => {
  const store = openStore();
  const id = await store.createExperiment('demo');
  await expect(store.createExperiment('demo')).rejects.toMatchObject({ code: 'RESOURCE_ALREADY_EXISTS' });
  await store.deleteExperiment(id);
  await expect(store.createExperiment('demo')).rejects.toThrow(/deleted state/);
  expect(deliver(store, createRun())[0]).toMatch(/^INVALID_PARAMETER_VALUE: The experiment 1 \('demo'\)/);
  expect(() => store.checkNow.experiment({ name: 'demo' })).toThrow(/must be in the 'active' state/);
});

test('deleting an experiment deletes its runs, restoring it restores them', async () => {
  const store = openStore();
  deliver(store, createRun());
  await store.deleteExperiment('1');
  expect((await store.getRun(RUN)).info.lifecycleStage).toBe('deleted');
  await store.restoreExperiment('1');
  expect((await store.getRun(RUN)).info.lifecycleStage).toBe('active');
});

test('an unknown id is refused by reads, deliveries and checks', async () => {
  const store = openStore();
  await expect(store.getExperiment('77')).rejects.toMatchObject({ code: 'RESOURCE_DOES_NOT_EXIST' });
  expect(deliver(store, createRun({ experiment: { id: '77' } }))[0]).toMatch(/^RESOURCE_DOES_NOT_EXIST/);
  expect(() => store.checkNow.experiment({ id: '77' })).toThrow(/No Experiment with id=77/);
  await expect(store.getExperiment('demo')).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' });
  expect(await store.getExperimentByName('nowhere')).toBeNull();
});

test('checking a missing name creates the experiment', async () => {
  const store = openStore();
  const { experimentId } = store.checkNow.experiment({ name: 'demo' });
  expect((await store.getExperimentByName('demo'))?.experimentId).toBe(experimentId);
  expect(store.checkNow.experiment({ name: 'demo' }).experimentId).toBe(experimentId);
});

test('a list of no or half a result is refused', async () => {
  const store = openStore();
  await expect(store.searchExperiments({ maxResults: 0 })).rejects.toMatchObject({
    code: 'INVALID_PARAMETER_VALUE',
  });
  await expect(store.searchRuns({ experimentIds: ['0'], maxResults: 0.5 })).rejects.toMatchObject({
    code: 'INVALID_PARAMETER_VALUE',
  });
});

test('runs of many experiments are listed newest first', async () => {
  const store = openStore();
  const ids = Array.from({ length: 3 }, (_, index) => String(index).repeat(32));
  for (const [index, runId] of ids.entries()) {
    deliver(store, createRun({ runId, startTime: index, experiment: { name: `e${index % 2}` } }));
  }
  const all = Array.from({ length: 700 }, (_, index) => String(index));
  expect((await store.searchRuns({ experimentIds: all })).items.map(({ info }) => info.runId)).toEqual(
    ids.toReversed(),
  );
  expect((await store.searchRuns({ experimentIds: all, maxResults: 2 })).items).toHaveLength(2);
  expect((await store.searchRuns({ experimentIds: [] })).items).toEqual([]);
});
