import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { failureCounts } from '../../src/failures.ts';
import type { RecordSource } from '../../src/store/delivery.ts';
import { readJournalLimits } from '../../src/tracking/delivery/journal-limits.ts';
import { Writer } from '../../src/tracking/delivery/writer.ts';
import { createRunRecord, metricRecord, openStore, RUN_ID, temporaryFolder } from './temporary-store.ts';

const LIMIT = 256 * 1024;

afterEach(() => {
  delete process.env.AUTOLOG_MAX_JOURNAL_BYTES;
});

function quiet(): () => string {
  const spy = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  onTestFinished(() => spy.mockRestore());
  return () => spy.mock.calls.map(([text]) => String(text)).join('');
}

function bytesIn(folder: string): number {
  return fs.readdirSync(folder).reduce((sum, name) => sum + fs.statSync(path.join(folder, name)).size, 0);
}

/** A store whose database cannot be opened until `open` is called. */
function closedStore() {
  const folder = temporaryFolder();
  fs.mkdirSync(path.join(folder, 'mlflow.db'));
  return { store: openStore(folder), open: () => fs.rmdirSync(path.join(folder, 'mlflow.db')) };
}

describe('the journals of a store that is away', () => {
  test('stay within their limit; points are given up then, which is told once, and states of runs are kept', async () => {
    const told = quiet();
    process.env.AUTOLOG_MAX_JOURNAL_BYTES = String(LIMIT);
    const { store, open } = closedStore();
    const writer = new Writer(store);
    writer.append(createRunRecord());
    for (let step = 0; step < 10_000; step++) writer.append(metricRecord(step));
    const refusedCount = writer.unkeptCount;
    writer.append({ op: 'param', runId: RUN_ID, key: 'late', value: 'kept' });
    writer.append({ op: 'updateRun', runId: RUN_ID, status: 'FINISHED', endTime: 5000 });
    expect(refusedCount).toBeGreaterThan(1000);
    expect(bytesIn(store.journalFolder)).toBeLessThan(LIMIT * 1.1);
    expect(fs.readdirSync(store.journalFolder).length).toBeGreaterThan(5);
    expect(told().match(/AUTOLOG_MAX_JOURNAL_BYTES/g)).toHaveLength(1);
    expect(failureCounts()[`keeping records in ${store.journalFolder}`]).toBe(refusedCount);
    open();
    await writer.flush();
    const run = await store.getRun(RUN_ID);
    expect([run.info.status, run.params.late]).toEqual(['FINISHED', 'kept']);
    const steps = (await store.getMetricHistory(RUN_ID, 'm')).items.map(({ step }) => step);
    expect(steps).toEqual(Array.from({ length: 10_000 - refusedCount }, (_, step) => step));
    writer.append(metricRecord(20_000));
    expect(writer.unkeptCount).toBe(refusedCount);
    writer.closeNow();
    expect(fs.existsSync(store.journalFolder)).toBe(false);
  });

  test('are given back one by one while more is logged than was ever delivered at once', async () => {
    process.env.AUTOLOG_MAX_JOURNAL_BYTES = String(LIMIT);
    const store = openStore(temporaryFolder());
    const writer = new Writer(store);
    writer.append(createRunRecord());
    let step = 0;
    for (let round = 0; round < 40; round++) {
      for (let count = 0; count < 500; count++) writer.append(metricRecord(step++));
      // A part of it, never all: as much as a moment's delivery takes.
      await sleep(1);
      if (round % 2 === 1) await writer.flush();
      expect(bytesIn(store.journalFolder)).toBeLessThan(LIMIT);
    }
    await writer.flush();
    expect((await store.getMetricHistory(RUN_ID, 'm', { maxResults: 25_000 })).items).toHaveLength(step);
    expect(writer.unkeptCount).toBe(0);
    writer.closeNow();
  });

  test('tell each who waits for a record of theirs, in whichever journal it is', async () => {
    process.env.AUTOLOG_MAX_JOURNAL_BYTES = String(LIMIT);
    const store = openStore(temporaryFolder());
    const writer = new Writer(store);
    const waits: Promise<void>[] = [writer.appendSettled(createRunRecord())];
    for (let step = 0; step < 1500; step++) {
      if (step % 100 === 0) {
        waits.push(
          writer.appendSettled({ op: 'param', runId: RUN_ID, key: `p${step % 200}`, value: String(step) }),
        );
      }
      writer.append(metricRecord(step));
    }
    expect(writer.journalIds.length).toBeGreaterThan(2);
    const outcomes = await Promise.allSettled(waits);
    // A param has one value: the second of each key is refused.
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      ...Array.from({ length: 15 }, (_, index) => (index < 2 ? 'fulfilled' : 'rejected')),
    ]);
    writer.closeNow();
  });
});

test('journals of a dead process are delivered in the order of their making, though their times are the same', async () => {
  const { Journal } = await import('../../src/tracking/delivery/journal.ts');
  const { byAge } = await import('../../src/tracking/delivery/abandoned.ts');
  const { openForeignJournals } = await import('../../src/tracking/delivery/journal-reader.ts');
  const folder = temporaryFolder();
  const made = Array.from({ length: 20 }, () => new Journal(folder));
  for (const { path: file } of made) fs.utimesSync(file, 5, 5);
  const found: (RecordSource & { close(): void })[] = openForeignJournals(folder).sort(byAge);
  expect(found.map(({ id }) => id)).toEqual(made.map(({ id }) => id));
  for (const journal of [...found, ...made]) journal.close();
});

test.each([
  [undefined, 2 ** 31, 16 * 2 ** 20],
  ['1048576', 2 ** 20, 2 ** 17],
  ['1e9', 1e9, 16 * 2 ** 20],
])('AUTOLOG_MAX_JOURNAL_BYTES %s bounds all journals and each', (text, totalBytes, segmentBytes) => {
  expect(readJournalLimits(text)).toEqual({ totalBytes, segmentBytes });
});

test('AUTOLOG_MAX_JOURNAL_BYTES that is no number of bytes is told, and counts as unset', () => {
  const told = quiet();
  expect(readJournalLimits('much').totalBytes).toBe(2 ** 31);
  expect(told()).toMatch(/'much' is no number of bytes/);
});
