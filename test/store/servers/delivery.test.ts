import { expect, test } from 'vitest';
import type { LogRecord } from '../../../src/store/log-record.ts';
import { createRun, journalOf, metric, RUN, span, TRACE, trace } from '../records.ts';
import { onEachServer, openStore } from './on-each-server.ts';

onEachServer('delivery', (server) => {
  test('stores every point once, and the latest of each metric, whatever the order', async () => {
    const uri = await server.createDatabase();
    const store = openStore(uri);
    const points = Array.from({ length: 3000 }, (_, index) => metric(index, index / 7, { key: `m${index % 5}` }));
    const again = points.slice(100, 300);
    const records = [createRun(), ...points.toReversed(), ...again];
    expect(await store.deliver(journalOf(records, 'many', 1000))).toEqual([]);
    expect(await server.ask(uri, 'SELECT COUNT(*) AS n FROM metrics')).toEqual([
      { n: expect.toSatisfy(is(3000)) },
    ]);
    const { metrics } = await store.getRun(RUN);
    expect(Object.keys(metrics).sort()).toEqual(['m0', 'm1', 'm2', 'm3', 'm4']);
    expect(metrics.m4).toEqual({ key: 'm4', value: 2999 / 7, timestamp: 4999, step: 2999 });
    expect(metrics.m0).toEqual({ key: 'm0', value: 2995 / 7, timestamp: 4995, step: 2995 });
  });

  test('keeps values that SQL has no words for', async () => {
    const store = openStore(await server.createDatabase());
    const values = ['NaN', 'Infinity', '-Infinity', 5e-324, 1.7976931348623157e308, 0.1] as const;
    const records = values.map((value, index) => metric(0, value, { key: `m${index}` }));
    expect(await store.deliver(journalOf([createRun(), ...records]))).toEqual([]);
    const { metrics } = await store.getRun(RUN);
    const stored = Object.values(metrics).toSorted((a, b) => a.key.localeCompare(b.key));
    expect(stored.map((it) => it.value)).toEqual([
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      5e-324,
      Number.POSITIVE_INFINITY,
      0.1,
    ]);
  });

  test('refuses a record for what it says and stores those around it', async () => {
    const store = openStore(await server.createDatabase());
    const records: LogRecord[] = [
      createRun(),
      metric(0, 1),
      { op: 'param', runId: RUN, key: 'lr', value: '0.1' },
      { op: 'param', runId: RUN, key: 'lr', value: '0.2' },
      metric(1, 2),
      { op: 'tag', runId: 'f'.repeat(32), key: 'a', value: 'b' },
      metric(2, 3),
    ];
    const rejected = await store.deliver(journalOf(records));
    expect(rejected.map(({ record, error }) => [record, error.code])).toEqual([
      [records[3], 'INVALID_PARAMETER_VALUE'],
      [records[5], 'RESOURCE_DOES_NOT_EXIST'],
    ]);
    const run = await store.getRun(RUN);
    expect(run.params).toEqual({ lr: '0.1' });
    expect(run.metrics.loss).toMatchObject({ value: 3, step: 2 });
  });

  test('refuses a record that the server does not take and stores those around it', async () => {
    const uri = await server.createDatabase();
    const store = openStore(uri);
    await store.getExperiment('0');
    await server.ask(uri, "ALTER TABLE tags ADD CONSTRAINT no_red CHECK (value <> 'red')");
    const records: LogRecord[] = [
      createRun(),
      ...Array.from({ length: 20 }, (_, index) => metric(index, index)),
      { op: 'tag', runId: RUN, key: 'colour', value: 'red' },
      { op: 'tag', runId: RUN, key: 'shape', value: 'round' },
      metric(20, 20),
    ];
    const rejected = await store.deliver(journalOf(records));
    expect(rejected.map(({ record }) => record)).toEqual([records[21]]);
    const run = await store.getRun(RUN);
    expect(run.tags).toMatchObject({ shape: 'round' });
    expect(run.tags).not.toHaveProperty('colour');
    expect(run.metrics.loss).toMatchObject({ value: 20 });
    expect(await server.ask(uri, 'SELECT COUNT(*) AS n FROM metrics')).toEqual([{ n: expect.toSatisfy(is(21)) }]);
  });

  test('refuses a record whose row is there already, and stores those around it', async () => {
    const uri = await server.createDatabase();
    const store = openStore(uri);
    await store.getExperiment('0');
    await server.ask(uri, 'CREATE UNIQUE INDEX one_of_a_name ON runs (name)');
    const records = [createRun(), metric(0, 1), createRun({ runId: 'b'.repeat(32) }), metric(1, 2)];
    const rejected = await store.deliver(journalOf(records));
    expect(rejected.map(({ record, error }) => [record, error.code])).toEqual([[records[2], 'RESOURCE_CONFLICT']]);
    expect((await store.getRun(RUN)).metrics.loss).toMatchObject({ value: 2 });
    await expect(store.getRun('b'.repeat(32))).rejects.toMatchObject({ code: 'RESOURCE_DOES_NOT_EXIST' });
  });

  test('stores a trace with its spans to the nanosecond', async () => {
    const store = openStore(await server.createDatabase());
    expect(await store.deliver(journalOf([span(), trace()]))).toEqual([]);
    const { info, spans } = await store.getTrace(TRACE);
    expect(info.tags).toMatchObject({ team: 'blue' });
    expect(spans.map((it) => [it.name, it.startTimeUnixNano, it.endTimeUnixNano])).toEqual([
      ['chat', 1_700_000_000_123_456_789n, 1_700_000_001_123_456_790n],
    ]);
  });

  test('begins where it ended, and anew once the journal was forgotten', async () => {
    const uri = await server.createDatabase();
    const store = openStore(uri);
    const records = [createRun(), metric(0, 1)];
    await store.deliver(journalOf(records, 'one'));
    expect(await store.deliver(journalOf([...records, metric(1, 2)], 'one'))).toEqual([]);
    expect((await store.getRun(RUN)).metrics.loss).toMatchObject({ value: 2 });
    await store.forget('one');
    expect(await server.ask(uri, 'SELECT COUNT(*) AS n FROM autolog_journals')).toEqual([
      { n: expect.toSatisfy(is(0)) },
    ]);
  });

  test('leaves nothing of a journal that is over by the time when it has it to itself', async () => {
    const uri = await server.createDatabase();
    const store = openStore(uri);
    let asked = 0;
    const source = { ...journalOf([createRun()], 'over'), isOver: () => ++asked > 1 };
    let reads = 0;
    const rejected = await store.deliver({
      ...source,
      read: (position) => (reads++ === 0 ? source.read(position) : { records: [], end: position }),
    });
    expect(rejected).toEqual([]);
    // Before and after it is locked, and once more as the database has not come on.
    expect(asked).toBe(3);
    await expect(store.getRun(RUN)).rejects.toMatchObject({ code: 'RESOURCE_DOES_NOT_EXIST' });
    expect(await server.ask(uri, 'SELECT COUNT(*) AS n FROM autolog_journals')).toEqual([
      { n: expect.toSatisfy(is(0)) },
    ]);
  });
});

/** PostgreSQL's driver gives counts as text, MariaDB's as numbers. */
function is(count: number): (value: unknown) => boolean {
  return (value) => Number(value) === count;
}
