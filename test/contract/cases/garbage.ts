import { expect, test } from 'vitest';
import type { GarbageStore } from '../../../src/store/garbage-store.ts';
import type { Cases } from '../contract.ts';
import { dataset, expectRefusal, metricRecord } from '../subject.ts';

export function testGarbage({ subject, backEnd }: Cases): void {
  const reason = backEnd.lacks.garbage;
  const title = (text: string) => (reason ? `${text} [skipped: ${reason}]` : text);
  const collect = test.skipIf(reason);

  function garbage(): GarbageStore {
    const found = subject().store.garbage;
    if (found === undefined) throw new Error(`${backEnd.name} has no garbage.`);
    return found;
  }

  /** A run with all that can hang on one, and the model that it has written. */
  async function fullRun(experimentId: string): Promise<{ readonly runId: string; readonly modelId: string }> {
    const runId = await subject().run({ experiment: { id: experimentId } });
    const modelId = await subject().model({ runId });
    const traceId = await subject().trace({ experimentId });
    const refused = await subject().deliver(
      { op: 'param', runId, key: 'a', value: 'b' },
      metricRecord(runId),
      metricRecord(runId, { key: 'acc', modelId }),
      { op: 'input', runId, dataset: dataset(), tags: { a: 'b' } },
      { op: 'modelInput', runId, modelId },
      { op: 'finalizeModel', modelId, status: 'READY', step: 0, time: 1 },
    );
    expect(refused).toEqual([]);
    await subject().store.linkTracesToRun([traceId], runId);
    await subject().store.setExperimentTag(experimentId, 'a', 'b');
    return { runId, modelId };
  }

  collect(title('deleted runs and models are found and removed'), async () => {
    const { store } = subject();
    const id = await subject().experiment();
    const [kept, gone] = [await fullRun(id), await fullRun(id)];
    await store.deleteRun(gone.runId);
    await store.deleteLoggedModel(gone.modelId);
    const found = (await garbage().findGarbage()).filter((it) => [gone.runId, gone.modelId].includes(it.id));
    const run = await store.getRun(gone.runId);
    const model = await store.getLoggedModel(gone.modelId, { allowDeleted: true });
    expect(found).toEqual([
      { kind: 'run', id: gone.runId, artifactUri: run.info.artifactUri },
      { kind: 'loggedModel', id: gone.modelId, artifactUri: model.artifactLocation },
    ]);
    const before = await store.getRun(kept.runId);
    await garbage().removeGarbage(found);
    await expectRefusal(store.getRun(gone.runId), 'RESOURCE_DOES_NOT_EXIST');
    await expectRefusal(store.getLoggedModel(gone.modelId, { allowDeleted: true }), 'RESOURCE_DOES_NOT_EXIST');
    expect(await store.getRun(kept.runId)).toEqual(before);
    expect((await store.getLoggedModel(kept.modelId)).metrics).toHaveLength(2);
    await garbage().removeGarbage(found);
  });

  collect(title('a deleted experiment goes with everything in it'), async () => {
    const { store } = subject();
    const id = await subject().experiment();
    const { runId, modelId } = await fullRun(id);
    const { items } = await store.searchTraces({ experimentIds: [id] });
    await store.deleteExperiment(id);
    // MLflow lets a run be restored alone.
    await store.restoreRun(runId);
    const found = await garbage().findGarbage({ experimentIds: [id] });
    expect(found.map(({ kind, id: ofWhat }) => [kind, ofWhat])).toEqual([
      ['run', runId],
      ['loggedModel', modelId],
      ['experiment', id],
    ]);
    await garbage().removeGarbage(found);
    await expectRefusal(store.getExperiment(id), 'RESOURCE_DOES_NOT_EXIST');
    await expectRefusal(store.getRun(runId), 'RESOURCE_DOES_NOT_EXIST');
    await expectRefusal(store.getLoggedModel(modelId, { allowDeleted: true }), 'RESOURCE_DOES_NOT_EXIST');
    for (const { traceId } of items) await expectRefusal(store.getTrace(traceId), 'RESOURCE_DOES_NOT_EXIST');
  });

  collect(title('what is named must be deleted, and old enough'), async () => {
    const { store } = subject();
    const id = await subject().experiment();
    const { runId, modelId } = await fullRun(id);
    const words = /is not in `deleted` lifecycle stage/;
    await expectRefusal(garbage().findGarbage({ runIds: [runId] }), 'INVALID_PARAMETER_VALUE', words);
    await expectRefusal(garbage().findGarbage({ modelIds: [modelId] }), 'INVALID_PARAMETER_VALUE', words);
    await expectRefusal(garbage().findGarbage({ experimentIds: [id] }), 'INVALID_PARAMETER_VALUE', words);
    await expectRefusal(garbage().findGarbage({ runIds: ['f'.repeat(32)] }), 'RESOURCE_DOES_NOT_EXIST');
    await store.deleteRun(runId);
    await expectRefusal(
      garbage().findGarbage({ runIds: [runId], deletedBefore: Date.now() - 3_600_000 }),
      'INVALID_PARAMETER_VALUE',
      /is not older than the required age/,
    );
    const old = await garbage().findGarbage({ deletedBefore: Date.now() - 3_600_000 });
    expect(old.map((it) => it.id)).not.toContain(runId);
    expect((await garbage().findGarbage({ runIds: [runId] })).map((it) => it.id)).toEqual([runId]);
  });

  collect(title('what was restored meanwhile stays'), async () => {
    const { store } = subject();
    const { runId } = await fullRun(await subject().experiment());
    await store.deleteRun(runId);
    const found = await garbage().findGarbage({ runIds: [runId] });
    await store.restoreRun(runId);
    const before = await store.getRun(runId);
    await garbage().removeGarbage(found);
    expect(await store.getRun(runId)).toEqual(before);
  });
}
