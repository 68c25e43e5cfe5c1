import { describe, expect, it } from 'vitest';
import type { Metric } from '../../../src/entities/metric.ts';
import type { LogRecord } from '../../../src/store/log-record.ts';
import { createRun, deliver, journalOf, metric, openStore, RUN } from '../records.ts';

const MANY = 60_000;

function stored(points: readonly LogRecord[]) {
  const store = openStore();
  expect(store.deliver(journalOf([createRun(), ...points], 'points', 10_000))).toEqual([]);
  return store;
}

const steps = (points: readonly Metric[]): number[] => points.map(({ step }) => step);

describe('the history of a metric', () => {
  it('comes by timestamp, then step, then value, whatever the pages', async () => {
    const points = [
      metric(3, 1, { timestamp: 1 }),
      metric(2, 5, { timestamp: 2 }),
      metric(2, 4, { timestamp: 2 }),
      metric(1, 'NaN', { timestamp: 2 }),
      metric(1, 0, { timestamp: 2 }),
    ];
    const store = stored(points.toReversed());
    const whole = await store.getMetricHistory(RUN, 'loss');
    expect(whole.items.map(({ step, value }) => [step, value])).toEqual([
      [3, 1],
      [1, 0],
      [1, Number.NaN],
      [2, 4],
      [2, 5],
    ]);
    for (const maxResults of [1, 2, 3, 5]) {
      const found: Metric[] = [];
      let pageToken: string | null = null;
      do {
        const page = await store.getMetricHistory(RUN, 'loss', { maxResults, pageToken });
        found.push(...page.items);
        pageToken = page.nextPageToken;
      } while (pageToken !== null);
      expect(found).toEqual(whole.items);
    }
  });

  it('refuses a token of another metric, and no results', async () => {
    const store = stored([metric(0, 1), metric(1, 1)]);
    const { nextPageToken: pageToken } = await store.getMetricHistory(RUN, 'loss', { maxResults: 1 });
    const refusal = { code: 'INVALID_PARAMETER_VALUE' };
    await expect(store.getMetricHistory(RUN, 'acc', { maxResults: 1, pageToken })).rejects.toMatchObject(refusal);
    await expect(store.getMetricHistory(RUN, 'loss', { maxResults: 0 })).rejects.toMatchObject(refusal);
  });

  it('goes on within more points than are sorted anew for a page', async () => {
    const points = Array.from({ length: 120_000 }, (_, step) => metric(step, step));
    const store = stored(points);
    const first = await store.getMetricHistory(RUN, 'loss', { maxResults: 50_000 });
    const second = await store.getMetricHistory(RUN, 'loss', {
      maxResults: 50_000,
      pageToken: first.nextPageToken,
    });
    const third = await store.getMetricHistory(RUN, 'loss', {
      maxResults: 50_000,
      pageToken: second.nextPageToken,
    });
    expect([first, second, third].flatMap(({ items }) => steps(items))).toEqual(points.map(({ step }) => step));
    expect(third.nextPageToken).toBeNull();
  });
});

describe('a sample of a metric', () => {
  it('has the first point of each of equal parts, and the last point', async () => {
    const store = stored(Array.from({ length: 10 }, (_, step) => metric(step, step)));
    const sample = async (maxResults: number) =>
      steps(await store.sampleMetricHistory([RUN], 'loss', { maxResults }));
    expect(await sample(1)).toEqual([9]);
    expect(await sample(2)).toEqual([0, 9]);
    expect(await sample(3)).toEqual([0, 4, 9]);
    expect(await sample(4)).toEqual([0, 3, 6, 9]);
    expect(await sample(9)).toEqual([0, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(await sample(10)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(await sample(2500)).toHaveLength(10);
  });

  it('is of the steps asked for, of each run by itself, and of unknown runs nothing', async () => {
    const other = 'b'.repeat(32);
    const store = stored([
      ...Array.from({ length: 10 }, (_, step) => metric(step, step)),
      createRun({ runId: other }),
      metric(4, 1, { runId: other }),
    ]);
    const points = await store.sampleMetricHistory([RUN, 'c'.repeat(32), other], 'loss', {
      startStep: 3,
      endStep: 5,
    });
    expect(points.map(({ runId, step }) => [runId, step])).toEqual([
      [RUN, 3],
      [RUN, 4],
      [RUN, 5],
      [other, 4],
    ]);
  });

  it.each([
    ['follow one another', (index: number) => index],
    ['are far apart', (index: number) => index * 100],
    ['are apart by chance', (index: number) => Math.floor(index ** 1.1)],
    ['are all one', () => 7],
  ])('is evenly taken from many points whose steps %s', async (_, toStep) => {
    const points = Array.from({ length: MANY }, (__, index) => metric(toStep(index), index, { timestamp: index }));
    const store = stored(points);
    const sample = await store.sampleMetricHistory([RUN], 'loss', { maxResults: 100 });
    expect(sample).toHaveLength(100);
    const values = sample.map(({ value }) => value);
    expect(values).toEqual(Array.from({ length: 100 }, (__, at) => (at === 99 ? MANY - 1 : (at * MANY) / 100)));
  });

  it.each([[{ maxResults: 0 }], [{ maxResults: 2501 }], [{ startStep: 1 }], [{ endStep: 1 }]])(
    'is refused for %o',
    async (options) => {
      await expect(openStore().sampleMetricHistory([RUN], 'loss', options)).rejects.toMatchObject({
        code: 'INVALID_PARAMETER_VALUE',
      });
    },
  );
});

describe('the datasets of experiments', () => {
  it('come with the contexts in which runs read them', async () => {
    const store = openStore();
    const dataset = { digest: 'd', sourceType: 'local', source: '{}', schema: null, profile: null };
    const input = (runId: string, name: string, tags: Record<string, string>): LogRecord => ({
      op: 'input',
      runId,
      dataset: { ...dataset, name },
      tags,
    });
    const other = 'b'.repeat(32);
    deliver(
      store,
      createRun(),
      createRun({ runId: other }),
      input(RUN, 'b', { 'mlflow.data.context': 'train' }),
      input(RUN, 'a', {}),
      input(other, 'b', { 'mlflow.data.context': 'train' }),
    );
    expect(await store.searchDatasets(['1'])).toEqual([
      { experimentId: '1', name: 'a', digest: 'd', context: null },
      { experimentId: '1', name: 'b', digest: 'd', context: 'train' },
    ]);
    const many = Array.from({ length: 21 }, (_, id) => String(id));
    await expect(store.searchDatasets(many)).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' });
  });
});
