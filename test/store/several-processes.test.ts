import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { query } from './raw-database.ts';
import { openStore, temporaryFolder } from './records.ts';

const PROGRAM = path.join(import.meta.dirname, 'deliver-program.ts');
const RUNS = ['1'.repeat(32), '2'.repeat(32), '3'.repeat(32), '4'.repeat(32)];

test('four processes that make one database at once all find it complete', async () => {
  const file = path.join(temporaryFolder(), 'new', 'mlflow.db');
  const startAt = Date.now() + 1500;
  const refused = await Promise.all(RUNS.map((runId) => run(file, `journal-${runId}`, runId, 20, startAt)));
  expect(refused).toEqual(['[]', '[]', '[]', '[]']);
  expect(query(file, 'SELECT name FROM experiments ORDER BY experiment_id')).toEqual([['Default'], ['shared']]);
  expect(query(file, 'SELECT count(*) FROM alembic_version')).toEqual([[1]]);
  expect(query(file, 'SELECT run_uuid, count(*) FROM metrics GROUP BY run_uuid')).toEqual(
    RUNS.map((id) => [id, 20]),
  );
});

test('a journal that two processes deliver at once is stored exactly once', async () => {
  const file = path.join(temporaryFolder(), 'mlflow.db');
  const [runId = ''] = RUNS;
  const startAt = Date.now() + 1500;
  const refused = await Promise.all([
    run(file, 'one', runId, 5000, startAt),
    run(file, 'one', runId, 5000, startAt),
  ]);
  // Were a chunk stored twice, its first record, which begins the run, would be refused.
  expect(refused).toEqual(['[]', '[]']);
  expect(query(file, 'SELECT count(*) FROM metrics')).toEqual([[5000]]);
  expect(query(file, 'SELECT journal_id, position FROM autolog_journals')).toEqual([['one', 5001]]);
});

test('two connections of one process see each other’s writes', async () => {
  const file = path.join(temporaryFolder(), 'mlflow.db');
  const [first, second] = [openStore(file), openStore(file)];
  const id = await first.createExperiment('demo');
  expect((await second.getExperiment(id)).name).toBe('demo');
  await second.setExperimentTag(id, 'k', 'v');
  expect((await first.getExperiment(id)).tags).toEqual({ k: 'v' });
});

async function run(file: string, journal: string, runId: string, count: number, startAt: number): Promise<string> {
  const args = [PROGRAM, file, journal, runId, String(count), String(startAt)];
  const flags = process.features.typescript ? [] : ['--experimental-strip-types'];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, ...args]);
  return stdout;
}
