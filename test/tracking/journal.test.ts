import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { LogRecord } from '../../src/store/log-record.ts';
import { Journal } from '../../src/tracking/delivery/journal.ts';
import {
  createJournalName,
  FOREIGN_IDLE_MS,
  isGone,
  isOfThisProcess,
  parseJournalName,
} from '../../src/tracking/delivery/journal-name.ts';
import { ForeignJournal, openForeignJournals, readRecords } from '../../src/tracking/delivery/journal-reader.ts';
import { metricRecord, temporaryFolder } from './temporary-store.ts';

function append(journal: Journal, record: LogRecord): number {
  return journal.append(`${JSON.stringify(record)}\n`);
}

describe('a journal', () => {
  test('gives back in order what was appended, from any position that it told', () => {
    const journal = new Journal(temporaryFolder());
    const ends = [0, 1, 2].map((step) => append(journal, metricRecord(step)));
    expect(journal.read(0)).toEqual({ records: [0, 1, 2].map((step) => metricRecord(step)), end: journal.end });
    expect(journal.read(ends[0] ?? 0).records).toEqual([metricRecord(1), metricRecord(2)]);
    expect(journal.read(journal.end)).toEqual({ records: [], end: journal.end });
    journal.remove();
  });

  test('keeps characters of any length', () => {
    const journal = new Journal(temporaryFolder());
    const record: LogRecord = { op: 'param', runId: 'r', key: 'k', value: 'ä€😀\n"\u2028' };
    expect(append(journal, record)).toBe(journal.end);
    append(journal, metricRecord(1));
    expect(journal.read(0).records).toEqual([record, metricRecord(1)]);
    journal.remove();
  });

  test('is for its user alone', () => {
    const folder = path.join(temporaryFolder(), 'a', 'b');
    const journal = new Journal(folder);
    expect(fs.statSync(folder).mode & 0o777).toBe(0o700);
    expect(fs.statSync(journal.path).mode & 0o777).toBe(0o600);
    journal.remove();
  });

  test('tells the place and the way out when its folder cannot be made', () => {
    const file = path.join(temporaryFolder(), 'file');
    fs.writeFileSync(file, '');
    expect(() => new Journal(path.join(file, 'journals'))).toThrow(
      expect.objectContaining({
        code: 'PERMISSION_DENIED',
        message: expect.stringMatching(/file\/journals.*choose/),
      }),
    );
  });

  test('notices that someone has removed its file', () => {
    const journal = new Journal(temporaryFolder());
    expect(journal.isRemoved).toBe(false);
    fs.rmSync(journal.path);
    expect(journal.isRemoved).toBe(true);
    journal.close();
  });

  test('read in small chunks gives every record once', () => {
    const journal = new Journal(temporaryFolder());
    for (let step = 0; step < 100; step++) append(journal, metricRecord(step));
    const records: LogRecord[] = [];
    const ends: number[] = [];
    for (let position = 0; position < journal.end; ) {
      const chunk = journal.read(position, { maxBytes: 300, onRecord: (_, end) => ends.push(end) });
      expect(chunk.records.length).toBeLessThan(5);
      records.push(...chunk.records);
      position = chunk.end;
    }
    expect(records).toEqual(Array.from({ length: 100 }, (_, step) => metricRecord(step)));
    expect(ends).toHaveLength(100);
    expect(ends.at(-1)).toBe(journal.end);
    journal.remove();
  });

  test('gives a record that is longer than a chunk as a whole', () => {
    const journal = new Journal(temporaryFolder());
    const record: LogRecord = { op: 'tag', runId: 'r', key: 'k', value: randomBytes(1_500_000).toString('hex') };
    append(journal, metricRecord(0));
    append(journal, record);
    const first = journal.read(0);
    expect([...first.records, ...journal.read(first.end).records]).toEqual([metricRecord(0), record]);
    journal.remove();
  });
});

describe('a journal that was torn', () => {
  function torn(text: string): number {
    const file = path.join(temporaryFolder(), createJournalName());
    fs.writeFileSync(file, text);
    return fs.openSync(file, 'r');
  }
  const line = JSON.stringify(metricRecord(1));

  test('keeps back a line without its end', () => {
    const fd = torn(`${line}\n${line.slice(0, 20)}`);
    expect(readRecords(fd, 0)).toEqual({ records: [metricRecord(1)], end: line.length + 1 });
    expect(readRecords(fd, line.length + 1).records).toEqual([]);
    fs.closeSync(fd);
  });

  test('passes over a broken line between others', () => {
    const text = `${line}\n${line.slice(0, 20)}\n\n${line}\n`;
    const fd = torn(text);
    expect(readRecords(fd, 0)).toEqual({ records: [metricRecord(1), metricRecord(1)], end: text.length });
    fs.closeSync(fd);
  });
});

describe('the name of a journal', () => {
  test('tells its process', () => {
    const name = createJournalName();
    expect(name).not.toBe(createJournalName());
    const owner = parseJournalName(name);
    expect(owner?.pid).toBe(process.pid);
    expect(owner && isOfThisProcess(owner)).toBe(true);
    expect(owner && isGone(owner, Number.POSITIVE_INFINITY)).toBe(false);
  });

  test.each(['rejected.jsonl', 'x.jsonl', 'a-1-2-zz.jsonl', `${createJournalName()}.tmp`])(
    '%s is none',
    (name) => {
      expect(parseJournalName(name)).toBeNull();
    },
  );

  test('of a process that has ended says so, also when its number is used again', () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    const self = parseJournalName(createJournalName());
    if (self === null) throw new Error('no owner');
    expect(isGone({ ...self, pid }, 0)).toBe(true);
    if (process.platform === 'linux') expect(isGone({ ...self, startTicks: self.startTicks + 1 }, 0)).toBe(true);
  });

  test('of another machine counts as ended after a day of silence', () => {
    const owner = { hostname: `not-${os.hostname()}`, pid: process.pid, startTicks: 1 };
    expect(isGone(owner, FOREIGN_IDLE_MS)).toBe(false);
    expect(isGone(owner, FOREIGN_IDLE_MS + 1)).toBe(true);
  });
});

test('the journals of others in a folder are opened, and no other file', () => {
  const folder = temporaryFolder();
  const own = new Journal(folder);
  const other = new Journal(folder);
  append(other, metricRecord(7));
  fs.writeFileSync(path.join(folder, 'rejected.jsonl'), '{}\n');
  const opened = openForeignJournals(folder, [own.id]);
  expect(opened.map(({ id }) => id)).toEqual([other.id]);
  const [journal] = opened;
  expect(journal).toBeInstanceOf(ForeignJournal);
  expect(journal?.isAbandoned()).toBe(false);
  expect(journal?.read(0).records).toEqual([metricRecord(7)]);
  journal?.close();
  expect(openForeignJournals(path.join(folder, 'missing'))).toEqual([]);
});
