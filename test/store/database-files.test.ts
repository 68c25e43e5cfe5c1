import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { LogRecord } from '../../src/store/log-record.ts';
import { createRequirement } from '../support/requirements.ts';
import { execute, query, TO_MLFLOW_3_17 } from './raw-database.ts';
import { createRun, deliver, journalOf, metric, openStore, RUN, temporaryFolder } from './records.ts';

test('a new database is made with its folder, in MLflow’s schema and write-ahead mode', async () => {
  const file = path.join(temporaryFolder(), 'a', 'b', 'mlflow.db');
  await openStore(file).searchExperiments();
  expect(query(file, 'SELECT version_num FROM alembic_version')).toEqual([['7d34483879f0']]);
  expect(
    query(file, "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'autolog%'"),
  ).toEqual([[48]]);
  expect(query(file, 'SELECT name FROM workspaces')).toEqual([['default']]);
  expect(query(file, 'PRAGMA journal_mode')).toEqual([['wal']]);
});

test('a closed store opens its file again at the next use', async () => {
  const store = openStore();
  deliver(store, createRun());
  store.close();
  expect((await store.getRun(RUN)).info.runId).toBe(RUN);
});

describe('a database that MLflow made', () => {
  test('without our tables gets them', () => {
    const file = madeDatabase();
    execute(file, 'DROP TABLE autolog_journals', 'DROP TABLE autolog_schema');
    expect(deliver(openStore(file), createRun())).toEqual([]);
  });

  test.each([
    ['more tables', 'CREATE TABLE label_schemas (schema_id VARCHAR(36) NOT NULL)'],
    ['an unknown revision', "UPDATE alembic_version SET version_num = 'f00df00df00d'"],
    ['a new column that may be null', 'ALTER TABLE runs ADD COLUMN colour TEXT'],
    ['a new column with a default', "ALTER TABLE runs ADD COLUMN colour TEXT DEFAULT 'red' NOT NULL"],
    ['a table lost that this package does not use', 'DROP TABLE trace_metrics'],
  ])('with %s is used', (_change, statement) => {
    const file = madeDatabase();
    execute(file, statement);
    expect(deliver(openStore(file), createRun(), metric(0, 1))).toEqual([]);
  });

  test('that MLflow upgrades while it is open is used on', async () => {
    const file = path.join(temporaryFolder(), 'mlflow.db');
    const store = openStore(file);
    deliver(store, createRun());
    await store.searchTraces({ experimentIds: ['1'] });
    execute(file, ...TO_MLFLOW_3_17);
    expect(deliver(store, metric(0, 1))).toEqual([]);
    expect((await store.searchTraces({ experimentIds: ['1'] })).items).toEqual([]);
  });

  test('and is older is refused with the command that upgrades it', async () => {
    const file = madeDatabase();
    execute(file, 'DROP TABLE spans', "UPDATE alembic_version SET version_num = '400f98739977'");
    await expect(openStore(file).searchExperiments()).rejects.toMatchObject({
      code: 'INVALID_STATE',
      message: `Detected out-of-date database schema in '${file}' (found version 400f98739977, but expected 7d34483879f0 or newer): it lacks the table spans; take a backup, then run \`mlflow db upgrade sqlite:///${file}\`.`,
    });
  });

  test.each([
    ['lost a column', 'ALTER TABLE runs DROP COLUMN source_version', /lacks the column runs.source_version/],
    ['demands a value', 'ALTER TABLE tags RENAME COLUMN value TO content', /lacks the column tags.value/],
    [
      'demands a value that is unknown',
      'DROP TABLE input_tags; CREATE TABLE input_tags (input_uuid TEXT, name TEXT, value TEXT, kind TEXT NOT NULL)',
      /demands the unknown column input_tags.kind/,
    ],
  ])('and is newer and %s is refused with advice to upgrade', async (_change, statement, message) => {
    const file = madeDatabase();
    execute(file, statement, "UPDATE alembic_version SET version_num = 'f00df00df00d'");
    const listing = openStore(file).searchExperiments();
    await expect(listing).rejects.toMatchObject({ code: 'INVALID_STATE' });
    await expect(openStore(file).searchExperiments()).rejects.toThrow(message);
    await expect(openStore(file).searchExperiments()).rejects.toThrow(/upgrade autolog/);
  });
});

describe('what is no MLflow database', () => {
  test('a file of text is refused and left as it was', async () => {
    const file = path.join(temporaryFolder(), 'mlflow.db');
    const text = 'This is the text of some other program.\n'.repeat(100);
    fs.writeFileSync(file, text);
    await expect(openStore(file).searchExperiments()).rejects.toMatchObject({
      code: 'INVALID_PARAMETER_VALUE',
      message: expect.stringMatching(/is not an MLflow database, nor any SQLite database; choose another file/),
    });
    expect(fs.readFileSync(file, 'utf8')).toBe(text);
  });

  test('another program’s SQLite file is refused and left as it was', async () => {
    const file = path.join(temporaryFolder(), 'notes.db');
    execute(file, 'CREATE TABLE notes (text TEXT)', "INSERT INTO notes VALUES ('hello')");
    const before = fs.readFileSync(file);
    await expect(openStore(file).searchExperiments()).rejects.toMatchObject({
      code: 'INVALID_PARAMETER_VALUE',
      message: expect.stringMatching(/it holds other tables and is no MLflow database; choose another file/),
    });
    expect(fs.readFileSync(file).equals(before)).toBe(true);
    expect(fs.readdirSync(path.dirname(file))).toEqual(['notes.db']);
  });

  test('a folder is refused', async () => {
    await expect(openStore(temporaryFolder()).searchExperiments()).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
    });
  });

  test('a path below a file is refused', async () => {
    const file = path.join(temporaryFolder(), 'file');
    fs.writeFileSync(file, '');
    await expect(openStore(path.join(file, 'mlflow.db')).searchExperiments()).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
      message: expect.stringMatching(/Cannot make the folder of the database .*; choose another place/),
    });
  });

  test('the refused use of a file can be tried again', async () => {
    const file = path.join(temporaryFolder(), 'mlflow.db');
    fs.writeFileSync(file, 'text, and more text, and so on');
    const store = openStore(file);
    await expect(store.searchExperiments()).rejects.toThrow();
    fs.rmSync(file);
    expect((await store.searchExperiments()).items).toHaveLength(1);
  });
});

const smallDisk = createRequirement(!canMount(), 'only root on Linux can mount a small disk', false);

test.skipIf(smallDisk.isMissing)(
  smallDisk.title('a full disk loses nothing: the rest is stored when there is space'),
  async () => {
    const folder = mountSmallDisk();
    onTestFinished(() => {
      spawnSync('umount', [folder]);
    });
    const file = path.join(folder, 'mlflow.db');
    const store = openStore(file);
    const ballast = path.join(folder, 'ballast');
    deliver(store, createRun());
    fillUp(ballast);
    const records: LogRecord[] = Array.from({ length: 20_000 }, (_, step) => metric(step, step));
    const journal = journalOf(records, 'j', 5000);
    expect(() => store.deliver(journal)).toThrow(
      expect.objectContaining({
        code: 'RESOURCE_EXHAUSTED',
        message: expect.stringMatching(/the disk is full; free some space/),
      }),
    );
    fs.rmSync(ballast);
    expect(store.deliver(journal)).toEqual([]);
    expect((await store.getMetricHistory(RUN, 'loss')).items).toHaveLength(20_000);
    store.close();
  },
);

const protectable = createRequirement(
  process.getuid?.() === 0 && !canMount(),
  'root may write read-only files, and cannot mount a disk here',
  false,
);

test.skipIf(protectable.isMissing)(protectable.title('a read-only file is refused'), () => {
  const file = process.getuid?.() === 0 ? databaseOnReadOnlyDisk() : madeDatabase();
  if (process.getuid?.() !== 0) fs.chmodSync(file, 0o444);
  expect(() => deliver(openStore(file), createRun())).toThrow(
    expect.objectContaining({
      code: 'PERMISSION_DENIED',
      message: expect.stringMatching(/read-only|cannot be opened/),
    }),
  );
});

/** Root may write a file whatever its mode, but not on a disk that is mounted read-only. */
function databaseOnReadOnlyDisk(): string {
  const folder = mountSmallDisk();
  onTestFinished(() => {
    // Lazily, as the store may be closed after this.
    spawnSync('umount', ['-l', folder]);
  });
  const file = madeDatabase(folder);
  spawnSync('mount', ['-o', 'remount,ro', folder]);
  return file;
}

function madeDatabase(folder = temporaryFolder()): string {
  const file = path.join(folder, 'mlflow.db');
  const store = openStore(file);
  store.forget('none');
  store.close();
  return file;
}

function canMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  try {
    spawnSync('umount', [mountSmallDisk()]);
    return true;
  } catch {
    // Thrown below: a container may forbid it even to root.
    return false;
  }
}

function mountSmallDisk(): string {
  const folder = fs.mkdtempSync(path.join(process.cwd(), 'small-disk-'));
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', folder]);
  if (status !== 0) throw new Error(`Cannot mount a small disk at ${folder}: ${stderr}`);
  return folder;
}

function fillUp(file: string): void {
  const block = Buffer.alloc(64 * 1024);
  try {
    for (;;) fs.appendFileSync(file, block);
  } catch {
    // ENOSPC: the disk is full, as it is meant to be.
  }
}
