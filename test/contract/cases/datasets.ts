import { expect, test } from 'vitest';
import type { DatasetInput } from '../../../src/entities/dataset.ts';
import type { Cases } from '../contract.ts';
import { dataset } from '../subject.ts';

export function testDatasets({ subject }: Cases): void {
  test('datasets of a run are kept with their tags', async () => {
    const runId = await subject().run();
    const inputs: DatasetInput[] = [
      { dataset: dataset(), tags: { 'mlflow.data.context': 'train', split: 'all' } },
      { dataset: dataset({ name: 'größe 🦉', digest: 'd2', schema: null, profile: null }), tags: {} },
    ];
    const refused = await subject().deliver(...inputs.map((input) => ({ op: 'input' as const, runId, ...input })));
    expect(refused).toEqual([]);
    const { datasetInputs } = await subject().store.getRun(runId);
    expect(datasetInputs.toSorted((a, b) => (a.dataset.digest < b.dataset.digest ? -1 : 1))).toEqual(inputs);
  });

  test('the same dataset again changes nothing', async () => {
    const runId = await subject().run();
    const input = { op: 'input' as const, runId, dataset: dataset(), tags: { a: 'b' } };
    expect(await subject().deliver(input, { ...input, tags: { a: 'c' } })).toEqual([]);
    expect(await subject().deliver(input)).toEqual([]);
    expect((await subject().store.getRun(runId)).datasetInputs).toEqual([
      { dataset: dataset(), tags: { a: 'b' } },
    ]);
  });

  test('runs of an experiment share a dataset', async () => {
    const id = await subject().experiment();
    const runIds = [await subject().run({ experiment: { id } }), await subject().run({ experiment: { id } })];
    for (const [index, runId] of runIds.entries())
      await subject().deliver({
        op: 'input',
        runId,
        dataset: dataset(),
        tags: { 'mlflow.data.context': `c${index}` },
      });
    const found = await subject().store.searchDatasets([id]);
    expect(found.toSorted((a, b) => String(a.context).localeCompare(String(b.context)))).toEqual([
      { experimentId: id, name: 'flowers', digest: 'd1', context: 'c0' },
      { experimentId: id, name: 'flowers', digest: 'd1', context: 'c1' },
    ]);
    for (const [index, runId] of runIds.entries())
      expect((await subject().store.getRun(runId)).datasetInputs[0]?.tags).toEqual({
        'mlflow.data.context': `c${index}`,
      });
  });

  test('the longest parts are kept, longer ones refused', async () => {
    const runId = await subject().run();
    const longest = dataset({
      name: 'n'.repeat(500),
      digest: 'd'.repeat(36),
      source: 's'.repeat(65_535),
      schema: 'c'.repeat(1_048_575),
      profile: 'p'.repeat(100_000),
    });
    const tags = { ['k'.repeat(255)]: 'v'.repeat(500) };
    const refused = await subject().deliver(
      { op: 'input', runId, dataset: longest, tags },
      { op: 'input', runId, dataset: dataset({ name: 'n'.repeat(501) }), tags: {} },
      { op: 'input', runId, dataset: dataset({ digest: 'd'.repeat(37) }), tags: {} },
      { op: 'input', runId, dataset: dataset({ source: 's'.repeat(65_536) }), tags: {} },
      { op: 'input', runId, dataset: dataset({ digest: 'x' }), tags: { a: 'v'.repeat(501) } },
    );
    expect(refused).toEqual(Array(4).fill('INVALID_PARAMETER_VALUE'));
    expect((await subject().store.getRun(runId)).datasetInputs).toEqual([{ dataset: longest, tags }]);
  });

  test('one of an unknown run is refused', async () => {
    const input = { op: 'input' as const, runId: 'f'.repeat(32), dataset: dataset(), tags: {} };
    expect(await subject().deliver(input)).toEqual(['RESOURCE_DOES_NOT_EXIST']);
  });
}
