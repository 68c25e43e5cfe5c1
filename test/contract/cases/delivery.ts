import { expect, test } from 'vitest';
import { randomUuidHex } from '../../../src/random-id.ts';
import type { LogRecord } from '../../../src/store/log-record.ts';
import { journalOf } from '../../store/records.ts';
import type { Cases } from '../contract.ts';
import { metricRecord, runRecord } from '../subject.ts';

export function testDelivery({ subject }: Cases): void {
  test('a journal is delivered in order and once, however often it is', async () => {
    const { store } = subject();
    const run = runRecord({ experiment: { id: await subject().experiment() } });
    const records: LogRecord[] = [run];
    for (let step = 0; step < 60; step += 1) {
      records.push(metricRecord(run.runId, { step }), {
        op: 'tag',
        runId: run.runId,
        key: 't',
        value: String(step),
      });
    }
    const id = `contract-${randomUuidHex()}`;
    for (const chunkSize of [7, 100]) {
      expect(await store.deliver(journalOf(records.slice(0, 50), id, chunkSize))).toEqual([]);
      expect(await store.deliver(journalOf(records, id, chunkSize))).toEqual([]);
    }
    expect((await store.getMetricHistory(run.runId, 'loss')).items).toHaveLength(60);
    expect((await store.getRun(run.runId)).tags.t).toBe('59');
    await store.forget(id);
  });

  test('what is refused keeps nothing else from being stored', async () => {
    const { store } = subject();
    const run = runRecord({ experiment: { id: await subject().experiment() } });
    const { runId } = run;
    const wrong: LogRecord[] = [
      { op: 'param', runId: 'f'.repeat(32), key: 'a', value: 'b' },
      { op: 'param', runId, key: '', value: 'b' },
      { op: 'updateRun', runId, status: 'DONE' as never, endTime: 1 },
      { op: 'dance' } as never,
    ];
    const rejected = await store.deliver(
      journalOf(
        [
          run,
          ...wrong.flatMap((record, index): LogRecord[] => [
            record,
            { op: 'param', runId, key: `k${index}`, value: 'v' },
          ]),
        ],
        `contract-${randomUuidHex()}`,
      ),
    );
    expect(rejected.map(({ record }) => record)).toEqual(wrong);
    expect((await store.getRun(runId)).params).toEqual({ k0: 'v', k1: 'v', k2: 'v', k3: 'v' });
  });

  test('journals of several writers do not mix', async () => {
    const { store } = subject();
    const id = await subject().experiment();
    const runs = Array.from({ length: 4 }, () => runRecord({ experiment: { id } }));
    const sources = runs.map((run) =>
      journalOf(
        [run, ...Array.from({ length: 20 }, (_, step) => metricRecord(run.runId, { step }))],
        `contract-${run.runId}`,
        5,
      ),
    );
    for (const rejected of await Promise.all(sources.map((source) => store.deliver(source))))
      expect(rejected).toEqual([]);
    for (const { runId } of runs) expect((await store.getMetricHistory(runId, 'loss')).items).toHaveLength(20);
  });

  test('an empty journal is delivered', async () => {
    expect(await subject().deliver()).toEqual([]);
  });
}
