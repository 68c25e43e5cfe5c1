import { expect, test } from 'vitest';
import type { Metric } from '../../../src/entities/metric.ts';
import type { Cases } from '../contract.ts';
import { metricRecord } from '../subject.ts';

const TIME = 1_700_000_000_000;

export function testMetrics({ subject }: Cases): void {
  async function history(runId: string, key: string): Promise<readonly (readonly [number, number, number])[]> {
    const points: Metric[] = [];
    let pageToken: string | null = null;
    do {
      const page = await subject().store.getMetricHistory(runId, key, { maxResults: 25_000, pageToken });
      points.push(...page.items);
      pageToken = page.nextPageToken;
    } while (pageToken !== null);
    return points.map(({ timestamp, step, value }) => [timestamp - TIME, step, value] as const);
  }

  test('every point is kept, the latest is told', async () => {
    const runId = await subject().run();
    const values = [0.1 + 0.2, -5, 0, 1e-300, 12345678901234567000, 5e-324];
    const records = values.map((value, step) => metricRecord(runId, { value, step, timestamp: TIME + step }));
    expect(await subject().deliver(...records)).toEqual([]);
    expect(await history(runId, 'loss')).toEqual(values.map((value, step) => [step, step, value]));
    expect((await subject().store.getRun(runId)).metrics.loss).toMatchObject({
      key: 'loss',
      value: 5e-324,
      step: 5,
      timestamp: TIME + 5,
    });
  });

  test('NaN and the infinities are kept', async () => {
    const runId = await subject().run();
    const values = ['NaN', 'Infinity', '-Infinity'] as const;
    for (const value of values) {
      expect(await subject().deliver(metricRecord(runId, { key: value, value }))).toEqual([]);
      expect((await subject().store.getRun(runId)).metrics[value]?.value).toBe(Number(value));
      expect((await history(runId, value))[0]?.[2]).toBe(Number(value));
    }
  });

  test('the latest point has the greatest step, then time, then value', async () => {
    const runId = await subject().run();
    const points = [
      ['by step', [1, 5, 1], [2, 1, 2]],
      ['by time', [3, 5, 1], [3, 6, 0]],
      ['by value', [3, 5, 1], [3, 5, 4]],
    ] as const;
    for (const [key, lesser, greater] of points) {
      for (const order of [
        [lesser, greater],
        [greater, lesser],
      ]) {
        const name = `${key} ${order.indexOf(greater)}`;
        for (const [step, time, value] of order)
          expect(
            await subject().deliver(metricRecord(runId, { key: name, step, timestamp: TIME + time, value })),
          ).toEqual([]);
        const { metrics } = await subject().store.getRun(runId);
        expect([name, metrics[name]?.step, metrics[name]?.value]).toEqual([name, greater[0], greater[2]]);
      }
    }
  });

  test('the same point again is stored once', async () => {
    const runId = await subject().run();
    const point = metricRecord(runId);
    expect(await subject().deliver(point, point)).toEqual([]);
    expect(await subject().deliver(point, { ...point, value: 'NaN' }, { ...point, value: 'NaN' })).toEqual([]);
    const points = await history(runId, 'loss');
    expect(points.map(([, , value]) => value).toSorted()).toEqual([0.5, Number.NaN]);
  });

  test('a history is told by time, then step, then value', async () => {
    const runId = await subject().run();
    const points = [
      [5, 0, 1],
      [1, 9, 2],
      [1, 3, 4],
      [1, 3, 3],
      [0, -7, 0],
    ] as const;
    const records = points.map(([time, step, value]) =>
      metricRecord(runId, { timestamp: TIME + time, step, value }),
    );
    expect(await subject().deliver(...records)).toEqual([]);
    expect(await history(runId, 'loss')).toEqual([points[4], points[3], points[2], points[1], points[0]]);
    expect(await history(runId, 'nothing')).toEqual([]);
  });

  test('a history is told in pages', async () => {
    const runId = await subject().run();
    const records = Array.from({ length: 25 }, (_, step) => metricRecord(runId, { step, timestamp: TIME + step }));
    await subject().deliver(...records);
    const steps: number[] = [];
    let pageToken: string | null = null;
    let count = 0;
    do {
      const page = await subject().store.getMetricHistory(runId, 'loss', { maxResults: 10, pageToken });
      expect(page.items.length).toBeLessThanOrEqual(10);
      steps.push(...page.items.map(({ step }) => step));
      pageToken = page.nextPageToken;
      count += 1;
    } while (pageToken !== null);
    expect([steps, count]).toEqual([records.map(({ step }) => step), 3]);
  });

  test('wrong points are refused, the others are stored', async () => {
    const runId = await subject().run();
    const refused = await subject().deliver(
      metricRecord(runId, { timestamp: -1 }),
      metricRecord(runId, { step: 0.5 }),
      metricRecord(runId, { value: 'much' as never }),
      metricRecord(runId, { step: -3, value: 7 }),
    );
    expect(refused).toEqual(Array(3).fill('INVALID_PARAMETER_VALUE'));
    expect(await history(runId, 'loss')).toEqual([[0, -3, 7]]);
  });

  test('thousands of points are stored by one delivery', async () => {
    const runId = await subject().run();
    const records = Array.from({ length: 3000 }, (_, index) =>
      metricRecord(runId, { key: `m${index % 3}`, step: index, timestamp: TIME + index, value: index / 7 }),
    );
    expect(await subject().deliver(...records)).toEqual([]);
    for (const rest of [0, 1, 2]) {
      const mine = records.filter((_, index) => index % 3 === rest);
      expect(await history(runId, `m${rest}`)).toEqual(
        mine.map(({ timestamp, step, value }) => [timestamp - TIME, step, value]),
      );
    }
  }, 120_000);

  test('points are sampled evenly, with the first and the last', async () => {
    const runIds = [await subject().run(), await subject().run()];
    for (const runId of runIds)
      await subject().deliver(
        ...Array.from({ length: 200 }, (_, step) => metricRecord(runId, { step, timestamp: TIME + step })),
      );
    const points = await subject().store.sampleMetricHistory(runIds, 'loss', { maxResults: 20 });
    for (const runId of runIds.map((id) => subject().idOf(id))) {
      const steps = points.filter((point) => point.runId === runId).map(({ step }) => step);
      expect(steps.length).toBeGreaterThanOrEqual(20);
      expect(steps.length).toBeLessThanOrEqual(23);
      expect([steps[0], steps.at(-1)]).toEqual([0, 199]);
    }
    const part = await subject().store.sampleMetricHistory(runIds, 'loss', { startStep: 10, endStep: 15 });
    expect(new Set(part.map(({ step }) => step))).toEqual(new Set([10, 11, 12, 13, 14, 15]));
  });

  test('a point that measures a logged model is the model’s too', async () => {
    const runId = await subject().run();
    const modelId = await subject().model({ runId });
    const about = { modelId, datasetName: 'flowers', datasetDigest: 'd1' };
    const refused = await subject().deliver(
      metricRecord(runId, { key: 'acc', value: 0.9, step: 1, ...about }),
      metricRecord(runId, { key: 'acc', value: 0.9, step: 1, ...about }),
      metricRecord(runId, { key: 'f1', value: 0.8, modelId }),
    );
    expect(refused).toEqual([]);
    const { metrics } = await subject().store.getLoggedModel(modelId);
    const [first, second] = metrics.toSorted((a, b) => (a.key < b.key ? -1 : 1));
    expect(metrics).toHaveLength(2);
    expect(first).toMatchObject({
      key: 'acc',
      value: 0.9,
      timestamp: TIME,
      step: 1,
      datasetName: 'flowers',
      datasetDigest: 'd1',
      modelId: subject().idOf(modelId),
      runId: subject().idOf(runId),
    });
    expect(second).toMatchObject({ key: 'f1', value: 0.8 });
    expect(second?.datasetName).toBeUndefined();
    expect((await subject().store.getRun(runId)).metrics).toMatchObject({
      acc: { value: 0.9 },
      f1: { value: 0.8 },
    });
  });
}
