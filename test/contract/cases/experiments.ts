import { expect, test } from 'vitest';
import type { Cases } from '../contract.ts';
import { expectRefusal, newName } from '../subject.ts';

export function testExperiments({ subject }: Cases): void {
  test('the experiment 0 is there from the beginning', async () => {
    expect(await subject().store.getExperiment('0')).toMatchObject({ name: 'Default', lifecycleStage: 'active' });
    expect((await subject().store.getExperimentByName('Default'))?.experimentId).toBe('0');
  });

  test('one that is created is read by id and by name', async () => {
    const { store } = subject();
    const name = `größe ${newName()} 📈`;
    const before = Date.now();
    const id = await store.createExperiment(name, { tags: { team: 'blue', note: 'ü🦉\n"x"' } });
    const experiment = await store.getExperiment(id);
    expect(id).toMatch(/^\d+$/);
    expect(experiment).toMatchObject({
      experimentId: id,
      name,
      lifecycleStage: 'active',
      tags: { team: 'blue', note: 'ü🦉\n"x"' },
    });
    expect(experiment.artifactLocation).toMatch(new RegExp(`/${id}$`));
    expect(experiment.creationTime).toBeGreaterThanOrEqual(before - 60_000);
    expect(experiment.lastUpdateTime).toBe(experiment.creationTime);
    expect(await store.getExperimentByName(name)).toEqual(experiment);
  });

  test('an artifact location of its own is kept', async () => {
    const { store } = subject();
    const id = await store.createExperiment(newName(), { artifactLocation: 's3://bucket/folder' });
    expect((await store.getExperiment(id)).artifactLocation).toBe('s3://bucket/folder');
    const runId = await subject().run({ experiment: { id } });
    expect((await store.getRun(runId)).info.artifactUri).toBe(
      `s3://bucket/folder/${subject().idOf(runId)}/artifacts`,
    );
  });

  test.each(['s3://bucket/x#part', 's3://bucket/x?a=../b', `s3://bucket/${'x'.repeat(2100)}`])(
    'the artifact location %j is refused',
    async (artifactLocation) => {
      const created = subject().store.createExperiment(newName(), { artifactLocation });
      await expectRefusal(created, 'INVALID_PARAMETER_VALUE');
    },
  );

  test('unknown ids and names are told', async () => {
    const { store } = subject();
    const words = /No Experiment with id=999999999 exists/;
    await expectRefusal(store.getExperiment('999999999'), 'RESOURCE_DOES_NOT_EXIST', words);
    await expectRefusal(store.renameExperiment('999999999', newName()), 'RESOURCE_DOES_NOT_EXIST', words);
    await expectRefusal(store.setExperimentTag('999999999', 'a', 'b'), 'RESOURCE_DOES_NOT_EXIST', words);
    await expectRefusal(store.deleteExperimentTag('999999999', 'a'), 'RESOURCE_DOES_NOT_EXIST', words);
    await expectRefusal(store.deleteExperiment('999999999'), 'RESOURCE_DOES_NOT_EXIST', words);
    await expectRefusal(store.restoreExperiment('999999999'), 'RESOURCE_DOES_NOT_EXIST', words);
    await expectRefusal(store.getExperiment('x'), 'INVALID_PARAMETER_VALUE');
    expect(await store.getExperimentByName(newName())).toBeNull();
  });

  test('a name in use is refused, also a deleted experiment’s', async () => {
    const { store } = subject();
    const name = newName();
    const id = await store.createExperiment(name);
    const words = new RegExp(`Experiment\\(name=${name}\\) already exists`);
    await expectRefusal(store.createExperiment(name), 'RESOURCE_ALREADY_EXISTS', words);
    await store.deleteExperiment(id);
    await expectRefusal(store.createExperiment(name), 'RESOURCE_ALREADY_EXISTS', words);
  });

  test('names that are none, or too long, are refused', async () => {
    const { store } = subject();
    await expectRefusal(store.createExperiment(''), 'INVALID_PARAMETER_VALUE');
    await expectRefusal(store.createExperiment('x'.repeat(501)), 'INVALID_PARAMETER_VALUE');
    const id = await subject().experiment();
    await expectRefusal(store.renameExperiment(id, ''), 'INVALID_PARAMETER_VALUE');
  });

  test('one is renamed', async () => {
    const { store } = subject();
    const [id, name] = [await subject().experiment({ a: 'b' }), newName()];
    const before = await store.getExperiment(id);
    await store.renameExperiment(id, name);
    const after = await store.getExperiment(id);
    expect(after).toMatchObject({ name, artifactLocation: before.artifactLocation, tags: { a: 'b' } });
    expect(after.lastUpdateTime).toBeGreaterThanOrEqual(before.lastUpdateTime ?? 0);
    expect(await store.getExperimentByName(before.name)).toBeNull();
    await store.renameExperiment(id, name);
  });

  test('another’s name is refused, and a deleted one keeps its own', async () => {
    const { store } = subject();
    const [id, other] = [await subject().experiment(), await subject().experiment()];
    const { name } = await store.getExperiment(other);
    // MLflow's server tells of the constraint that the database has found broken.
    await expectRefusal(store.renameExperiment(id, name), ['RESOURCE_ALREADY_EXISTS', 'BAD_REQUEST']);
    await store.deleteExperiment(id);
    const words = /Cannot rename a non-active experiment/;
    await expectRefusal(store.renameExperiment(id, newName()), 'INVALID_STATE', words);
  });

  test('tags are set, replaced and deleted', async () => {
    const { store } = subject();
    const id = await subject().experiment({ a: '1' });
    await store.setExperimentTag(id, 'a', '2');
    await store.setExperimentTag(id, 'b/c.d-e_f g', 'x'.repeat(5000));
    expect((await store.getExperiment(id)).tags).toEqual({ a: '2', 'b/c.d-e_f g': 'x'.repeat(5000) });
    await store.deleteExperimentTag(id, 'a');
    expect(Object.keys((await store.getExperiment(id)).tags)).toEqual(['b/c.d-e_f g']);
    await expectRefusal(
      store.deleteExperimentTag(id, 'a'),
      'RESOURCE_DOES_NOT_EXIST',
      new RegExp(`No tag with name: a in experiment with id ${id}`),
    );
  });

  test('tags over the limits are refused', async () => {
    const { store } = subject();
    const id = await subject().experiment();
    await expectRefusal(store.setExperimentTag(id, 'k'.repeat(251), 'v'), 'INVALID_PARAMETER_VALUE');
    await expectRefusal(store.setExperimentTag(id, 'a\nb', 'v'), 'INVALID_PARAMETER_VALUE');
    await expectRefusal(store.setExperimentTag(id, '../a', 'v'), 'INVALID_PARAMETER_VALUE');
    expect((await store.getExperiment(id)).tags).toEqual({});
  });

  test('one that is deleted takes its runs along, and is not changed', async () => {
    const { store } = subject();
    const id = await subject().experiment({ a: 'b' });
    const runId = await subject().run({ experiment: { id } });
    await store.deleteExperiment(id);
    expect(await store.getExperiment(id)).toMatchObject({ lifecycleStage: 'deleted', tags: { a: 'b' } });
    expect((await store.getRun(runId)).info.lifecycleStage).toBe('deleted');
    const words = /must be in the 'active' state. Current state is deleted/;
    await expectRefusal(store.setExperimentTag(id, 'a', 'c'), 'INVALID_PARAMETER_VALUE', words);
    await expectRefusal(store.deleteExperimentTag(id, 'a'), 'INVALID_PARAMETER_VALUE', words);
    await expectRefusal(store.deleteExperiment(id), 'RESOURCE_DOES_NOT_EXIST', /No Experiment with id=/);
  });

  test('one that is restored has its runs again, also those deleted before it', async () => {
    const { store } = subject();
    const id = await subject().experiment();
    const [first, second] = [
      await subject().run({ experiment: { id } }),
      await subject().run({ experiment: { id } }),
    ];
    await store.deleteRun(first);
    await store.deleteExperiment(id);
    await store.restoreExperiment(id);
    expect((await store.getExperiment(id)).lifecycleStage).toBe('active');
    for (const runId of [first, second]) expect((await store.getRun(runId)).info.lifecycleStage).toBe('active');
    await expectRefusal(store.restoreExperiment(id), 'RESOURCE_DOES_NOT_EXIST');
  });

  test('active, deleted or all are found', async () => {
    const { store } = subject();
    const prefix = newName();
    const ids = await Promise.all(['a', 'b', 'c'].map((end) => store.createExperiment(`${prefix}-${end}`)));
    await store.deleteExperiment(ids[1] as string);
    const filter = `name LIKE '${prefix}%'`;
    const find = async (viewType: 'ACTIVE_ONLY' | 'DELETED_ONLY' | 'ALL') =>
      (await store.searchExperiments({ filter, viewType, orderBy: ['name ASC'] })).items.map(({ name }) =>
        name.at(-1),
      );
    expect(await find('ACTIVE_ONLY')).toEqual(['a', 'c']);
    expect(await find('DELETED_ONLY')).toEqual(['b']);
    expect(await find('ALL')).toEqual(['a', 'b', 'c']);
  });
}
