import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { failureCounts } from '../../src/failures.ts';
import type { LogRecord } from '../../src/store/log-record.ts';
import { Backlog } from '../../src/tracking/delivery/backlog.ts';
import { Journal } from '../../src/tracking/delivery/journal.ts';
import { createJournalName } from '../../src/tracking/delivery/journal-name.ts';
import { Writer } from '../../src/tracking/delivery/writer.ts';
import { createRequirement } from '../support/requirements.ts';
import { createRunRecord, metricRecord, openStore, RUN_ID, temporaryFolder } from './temporary-store.ts';

const BAD: LogRecord = { op: 'param', runId: 'f'.repeat(32), key: 'k', value: 'v' };

function quiet() {
  const spy = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  onTestFinished(() => spy.mockRestore());
  return () => spy.mock.calls.map(([text]) => String(text)).join('');
}

describe('a writer', () => {
  test('delivers by itself shortly after the first record', async () => {
    const store = openStore(temporaryFolder());
    const writer = new Writer(store);
    writer.append(createRunRecord());
    for (let step = 0; step < 5000; step++) writer.append(metricRecord(step));
    expect(writer.hasUndelivered).toBe(true);
    await vi.waitFor(() => expect(writer.hasUndelivered).toBe(false), { timeout: 10_000 });
    expect((await store.getMetricHistory(RUN_ID, 'm')).items).toHaveLength(5000);
    writer.closeNow();
  });

  test('has delivered everything when flush resolves, and flushNow returns', async () => {
    const store = openStore(temporaryFolder());
    const writer = new Writer(store);
    writer.append(createRunRecord());
    await writer.flush();
    expect((await store.getRun(RUN_ID)).info.runName).toBe('a');
    writer.append(metricRecord(1));
    writer.flushNow();
    expect((await store.getRun(RUN_ID)).metrics.m?.step).toBe(1);
    writer.closeNow();
  });

  test('removes its journal and the empty folders at its end, and begins anew after it', async () => {
    const folder = temporaryFolder();
    const store = openStore(folder, path.join(folder, '.autolog', 'mlflow.db'));
    const writer = new Writer(store);
    writer.append(createRunRecord());
    writer.closeNow();
    expect(fs.readdirSync(folder).sort()).toEqual(expect.not.arrayContaining(['.autolog']));
    writer.append(metricRecord(3));
    writer.closeNow();
    expect((await store.getRun(RUN_ID)).metrics.m?.step).toBe(3);
    expect(fs.existsSync(path.join(folder, '.autolog'))).toBe(false);
  });

  test('settles each record by itself, in the order of logging', async () => {
    const writer = new Writer(openStore(temporaryFolder()));
    const outcomes = await Promise.allSettled([
      writer.appendSettled(createRunRecord()),
      writer.appendSettled(BAD),
      writer.appendSettled({ op: 'param', runId: RUN_ID, key: 'k', value: 'v' }),
      writer.appendSettled({ op: 'param', runId: RUN_ID, key: 'k', value: 'v' }),
      writer.appendSettled({ op: 'param', runId: RUN_ID, key: 'k', value: 'w' }),
    ]);
    expect(outcomes.map((it) => (it.status === 'fulfilled' ? 'stored' : it.reason.code))).toEqual([
      'stored',
      'RESOURCE_DOES_NOT_EXIST',
      'stored',
      'stored',
      'INVALID_PARAMETER_VALUE',
    ]);
    writer.closeNow();
  });

  test('keeps what the store refuses beside the journals, and tells once for each kind', async () => {
    const told = quiet();
    const folder = temporaryFolder();
    const store = openStore(folder);
    const writer = new Writer(store);
    writer.append(createRunRecord());
    writer.append(BAD);
    writer.append({ ...BAD, key: 'other' });
    writer.append(metricRecord(1));
    await writer.flush();
    expect((await store.getRun(RUN_ID)).metrics.m?.step).toBe(1);
    const lines = fs.readFileSync(path.join(store.journalFolder, 'rejected.jsonl'), 'utf8').trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { code: 'RESOURCE_DOES_NOT_EXIST', record: BAD },
      { code: 'RESOURCE_DOES_NOT_EXIST', record: { ...BAD, key: 'other' } },
    ]);
    expect(told().match(/refused a record/g)).toHaveLength(1);
    writer.closeNow();
  });

  test('goes on in another journal when someone removes its folder', async () => {
    const store = openStore(temporaryFolder());
    const writer = new Writer(store);
    writer.append(createRunRecord());
    await writer.flush();
    fs.rmSync(store.journalFolder, { recursive: true });
    writer.append(metricRecord(1));
    await writer.flush();
    writer.append(metricRecord(2));
    const [journal = '', ...others] = fs.readdirSync(store.journalFolder);
    expect(others).toEqual([]);
    const [first = ''] = fs.readFileSync(path.join(store.journalFolder, journal), 'utf8').split('\n');
    expect(JSON.parse(first)).toEqual({ op: 'updateRun', runId: RUN_ID, status: 'RUNNING', endTime: null });
    await writer.flush();
    expect((await store.getMetricHistory(RUN_ID, 'm')).items.map(({ step }) => step)).toEqual([1, 2]);
    writer.closeNow();
  });

  test('throws at the first record when no journal can be made', () => {
    const file = path.join(temporaryFolder(), 'file');
    fs.writeFileSync(file, '');
    const writer = new Writer(openStore(temporaryFolder(), path.join(file, 'journals')));
    expect(() => writer.append(createRunRecord())).toThrow(expect.objectContaining({ code: 'PERMISSION_DENIED' }));
  });

  test('keeps everything while the store cannot be written, tells it once, and delivers later', async () => {
    const told = quiet();
    const folder = temporaryFolder();
    fs.mkdirSync(path.join(folder, 'mlflow.db'));
    const store = openStore(folder);
    const writer = new Writer(store);
    writer.append(createRunRecord());
    await expect(writer.flush()).rejects.toMatchObject({ code: expect.any(String) });
    await expect(writer.appendSettled(metricRecord(1))).rejects.toMatchObject({ code: expect.any(String) });
    expect(() => writer.flushNow()).toThrow();
    await sleep(1200);
    expect(told().match(/delivering to/g)).toHaveLength(1);
    fs.rmdirSync(path.join(folder, 'mlflow.db'));
    await writer.flush();
    expect((await store.getRun(RUN_ID)).metrics.m?.step).toBe(1);
    writer.closeNow();
  });
});

describe('what a dead process has left', () => {
  function leave(folder: string, records: readonly LogRecord[], tail = '', writtenAt = 5): string {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    const name = createJournalName().replace(`-${process.pid}-`, `-${pid}-`);
    const lines = records.map((record) => `${JSON.stringify(record)}\n`).join('');
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, name), lines + tail);
    fs.utimesSync(path.join(folder, name), writtenAt, writtenAt);
    return path.join(folder, name);
  }

  test('is delivered up to a torn line, its open run KILLED, the journal removed', async () => {
    const store = openStore(temporaryFolder());
    const file = leave(store.journalFolder, [createRunRecord(), metricRecord(4)], '{"op":"metr');
    await new Writer(store).flush();
    const run = await store.getRun(RUN_ID);
    expect(run.info).toMatchObject({ status: 'KILLED', endTime: 5000 });
    expect(run.metrics.m?.step).toBe(4);
    expect(fs.existsSync(file)).toBe(false);
  });

  test('is delivered once, though several writers find it', async () => {
    const folder = temporaryFolder();
    const stores = [openStore(folder), openStore(folder)];
    leave(stores[0]?.journalFolder ?? '', [createRunRecord(), metricRecord(4)]);
    await Promise.all(stores.map((store) => new Writer(store).flush()));
    expect((await stores[0]?.searchRuns({ experimentIds: ['0'] }))?.items).toHaveLength(1);
    expect(failureCounts()).not.toHaveProperty([expect.stringMatching(/createRun/)]);
  });

  test('leaves alone a run that another process has ended since', async () => {
    const store = openStore(temporaryFolder());
    const writer = new Writer(store);
    leave(store.journalFolder, [
      createRunRecord(),
      { op: 'updateRun', runId: RUN_ID, status: 'FINISHED', endTime: 3 },
    ]);
    leave(store.journalFolder, [{ op: 'updateRun', runId: 'e'.repeat(32), status: 'RUNNING', endTime: null }]);
    quiet();
    await writer.flush();
    expect((await store.getRun(RUN_ID)).info).toMatchObject({ status: 'FINISHED', endTime: 3 });
  });

  test('ends a run no earlier than it began, however coarse the times of files are', async () => {
    const store = openStore(temporaryFolder());
    leave(store.journalFolder, [createRunRecord()], '', 0);
    await new Writer(store).flush();
    expect((await store.getRun(RUN_ID)).info).toMatchObject({ status: 'KILLED', startTime: 1000, endTime: 1000 });
  });

  const TAKEN_UP: LogRecord = { op: 'updateRun', runId: RUN_ID, status: 'RUNNING', endTime: null };

  test('leaves a run RUNNING that this writer, or a process that lives, has taken up again', async () => {
    const store = openStore(temporaryFolder());
    leave(store.journalFolder, [createRunRecord()]);
    const other = new Journal(store.journalFolder);
    other.append(`${JSON.stringify(TAKEN_UP)}\n`);
    await new Writer(store).flush();
    expect((await store.getRun(RUN_ID)).info.status).toBe('RUNNING');
    other.remove();
    leave(store.journalFolder, [TAKEN_UP]);
    const writer = new Writer(store);
    writer.append(TAKEN_UP);
    await writer.flush();
    expect((await store.getRun(RUN_ID)).info.status).toBe('RUNNING');
    writer.closeNow();
  });

  test('ends a run that two of them had open when the last one was written', async () => {
    const store = openStore(temporaryFolder());
    leave(store.journalFolder, [TAKEN_UP], '', 9);
    leave(store.journalFolder, [createRunRecord()], '', 5);
    await new Writer(store).flush();
    expect((await store.getRun(RUN_ID)).info).toMatchObject({ status: 'KILLED', endTime: 9000 });
  });

  test('stays while the process lives', async () => {
    const store = openStore(temporaryFolder());
    const journal = new Journal(store.journalFolder);
    journal.append(`${JSON.stringify(createRunRecord())}\n`);
    await new Writer(store).flush();
    expect((await store.searchRuns({ experimentIds: ['0'] })).items).toEqual([]);
    expect(fs.existsSync(journal.path)).toBe(true);
    journal.remove();
  });
});

const smallDisk = mountSmallDisk();

describe.skipIf(smallDisk.isMissing)(smallDisk.title('on a disk that is full'), () => {
  afterAll(() => {
    spawnSync('umount', ['-l', smallDisk.folder]);
  });

  const filler = path.join(smallDisk.folder, 'filler');

  function fill(): void {
    const fd = fs.openSync(filler, 'w');
    try {
      for (;;) fs.writeSync(fd, Buffer.alloc(1024));
    } catch (error) {
      expect(error).toMatchObject({ code: 'ENOSPC' });
    } finally {
      fs.closeSync(fd);
    }
  }

  test('a journal takes records as a whole or not at all', () => {
    const journal = new Journal(smallDisk.folder);
    let count = 0;
    expect(() => {
      for (; ; count++) journal.append(`${JSON.stringify(metricRecord(count))}\n`);
    }).toThrow(
      expect.objectContaining({ code: 'RESOURCE_EXHAUSTED', message: expect.stringMatching(/make room/) }),
    );
    expect(fs.statSync(journal.path).size).toBe(journal.end);
    let seen = 0;
    for (let position = 0; position < journal.end; ) {
      const chunk = journal.read(position);
      seen += chunk.records.length;
      position = chunk.end;
    }
    expect(seen).toBe(count);
    journal.remove();
  });

  test('a writer keeps records in memory, throws nothing, tells it once, and loses none', async () => {
    const told = quiet();
    const store = openStore(temporaryFolder(), path.join(smallDisk.folder, 'journals'));
    const writer = new Writer(store);
    writer.append(createRunRecord());
    await writer.flush();
    fill();
    const waits = writer.appendSettled({ op: 'param', runId: RUN_ID, key: 'k', value: 'v'.repeat(5000) });
    for (let step = 0; step < 3000; step++) writer.append(metricRecord(step));
    expect(writer.hasUndelivered).toBe(true);
    await sleep(50);
    expect(told().match(/kept in memory/g)).toHaveLength(1);
    fs.rmSync(filler);
    await writer.flush();
    await waits;
    expect((await store.getMetricHistory(RUN_ID, 'm')).items).toHaveLength(3000);
    writer.closeNow();
  });
});

function mountSmallDisk() {
  const folder = temporaryFolder();
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', folder]).status === 0;
  return { ...createRequirement(!mounted, 'a small disk can only be mounted by root on Linux', false), folder };
}

describe('a backlog', () => {
  const line = (text: string, isMetric: boolean) => ({ line: text, isMetric, waiter: null });

  function contentOf(backlog: Backlog): string[] {
    const lines: string[] = [];
    backlog.drain((record) => lines.push(record.line));
    return lines;
  }

  test('over its limit gives up the oldest tenth of the metrics, and counts them', () => {
    const backlog = new Backlog({ records: 20 });
    backlog.add(line('param', false));
    for (let step = 0; step < 20; step++) backlog.add(line(String(step), true));
    expect(backlog.droppedCount).toBe(2);
    expect(contentOf(backlog)).toEqual(['param', ...Array.from({ length: 18 }, (_, step) => String(step + 2))]);
  });

  test('without metrics refuses the newest, and tells the one who waits for it', () => {
    const backlog = new Backlog({ characters: 10 });
    const errors: unknown[] = [];
    backlog.add(line('12345', false));
    backlog.add({
      line: '1234567',
      isMetric: false,
      waiter: { resolve: () => undefined, reject: (e) => errors.push(e) },
    });
    expect(errors).toMatchObject([{ code: 'RESOURCE_EXHAUSTED' }]);
    expect(contentOf(backlog)).toEqual(['12345']);
  });

  test('keeps what could not be written', () => {
    const backlog = new Backlog();
    for (const text of ['a', 'b', 'c']) backlog.add(line(text, true));
    const written: string[] = [];
    expect(() =>
      backlog.drain((record) => {
        if (record.line === 'b') throw new Error('full');
        written.push(record.line);
      }),
    ).toThrow('full');
    expect(written).toEqual(['a']);
    expect(contentOf(backlog)).toEqual(['b', 'c']);
  });
});
