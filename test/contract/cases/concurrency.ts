import { expect, test } from 'vitest';
import type { LogRecord } from '../../../src/store/log-record.ts';
import type { Cases } from '../contract.ts';
import { dataset, metricRecord, newName, newTraceId, spanRecord } from '../subject.ts';

const WRITERS = Array.from({ length: 6 }, (_, index) => index);

export function testConcurrency({ subject }: Cases): void {
  test('an experiment of one name is created once', async () => {
    const { store } = subject();
    const name = newName();
    const outcomes = await Promise.allSettled(WRITERS.map(() => store.createExperiment(name)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected')
        expect((outcome.reason as { code: string }).code).toBe('RESOURCE_ALREADY_EXISTS');
  });

  test('runs that name the same missing experiment share it', async () => {
    const name = newName();
    const runIds = await Promise.all(WRITERS.map(() => subject().run({ experiment: { name } })));
    const ids = await Promise.all(
      runIds.map(async (runId) => (await subject().store.getRun(runId)).info.experimentId),
    );
    expect(new Set(ids).size).toBe(1);
  });

  test('points of one metric from many writers are all there', async () => {
    const runId = await subject().run();
    const refused = await Promise.all(
      WRITERS.map((writer) =>
        subject().deliver(
          ...Array.from({ length: 50 }, (_, index) => {
            const step = index * WRITERS.length + writer;
            return metricRecord(runId, { step, timestamp: 1_700_000_000_000 + step, value: step });
          }),
        ),
      ),
    );
    expect(refused.flat()).toEqual([]);
    const { items } = await subject().store.getMetricHistory(runId, 'loss');
    expect(items.map(({ step }) => step)).toEqual(Array.from({ length: 300 }, (_, step) => step));
    expect((await subject().store.getRun(runId)).metrics.loss).toMatchObject({ step: 299, value: 299 });
  });

  test('params, tags and datasets that many set at once are there once', async () => {
    const runId = await subject().run();
    const refused = await Promise.all(
      WRITERS.map((writer) =>
        subject().deliver(
          { op: 'param', runId, key: 'shared', value: 'same' },
          { op: 'param', runId, key: `own${writer}`, value: 'x' },
          { op: 'tag', runId, key: 'shared', value: 'same' },
          { op: 'input', runId, dataset: dataset(), tags: { a: 'b' } },
        ),
      ),
    );
    expect(refused.flat()).toEqual([]);
    const run = await subject().store.getRun(runId);
    expect(Object.keys(run.params).toSorted()).toEqual([...WRITERS.map((writer) => `own${writer}`), 'shared']);
    expect(run.tags.shared).toBe('same');
    expect(run.datasetInputs).toEqual([{ dataset: dataset(), tags: { a: 'b' } }]);
  });

  test('writers that change the same things in another order each do not stop each other', async () => {
    const runId = await subject().run();
    const keys = Array.from({ length: 12 }, (_, index) => `k${index}`);
    const refused = await Promise.all(
      WRITERS.map((writer) =>
        subject().deliver(
          ...[...keys.slice(writer * 2), ...keys.slice(0, writer * 2)].flatMap((key): LogRecord[] => [
            { op: 'tag', runId, key, value: 'same' },
            { op: 'param', runId, key, value: 'same' },
            metricRecord(runId, { key, step: writer }),
          ]),
        ),
      ),
    );
    expect(refused.flat()).toEqual([]);
    const { params, tags, metrics } = await subject().store.getRun(runId);
    expect(params).toEqual(Object.fromEntries(keys.map((key) => [key, 'same'])));
    expect(tags).toMatchObject(params);
    expect(keys.map((key) => metrics[key]?.step)).toEqual(keys.map(() => WRITERS.length - 1));
  });

  test('spans of one trace from many writers make one trace, as long as all of them', async () => {
    const experiment = { id: await subject().experiment() };
    const traceId = newTraceId();
    const refused = await Promise.all(
      WRITERS.map((writer) =>
        subject().deliver(
          spanRecord({
            experiment,
            traceId,
            startTimeUnixNano: `${1_700_000_000_100 - writer}000000`,
            endTimeUnixNano: `${1_700_000_000_200 + writer}000000`,
          }),
        ),
      ),
    );
    expect(refused.flat()).toEqual([]);
    const { info, spans } = await subject().store.getTrace(traceId);
    expect(spans).toHaveLength(WRITERS.length);
    expect(info).toMatchObject({ requestTime: 1_700_000_000_095, executionDuration: 110 });
  });
}
