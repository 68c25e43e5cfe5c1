import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { resolveTrackingStore } from '../../src/store/store-uri.ts';
import { createRequirement, requireMlflow } from '../support/requirements.ts';
import { requireMariadb, requirePostgresql } from '../support/servers.ts';
import { fillStore } from './fill-store.ts';
import { python, runPython, toPythonUri, toUri } from './python.ts';
import { type PythonWords, readStore, type StoreWords, toStatistics, withoutLinks } from './store-words.ts';

const mlflow = requireMlflow();
const KINDS = ['experiments', 'runs', 'models', 'traces'] as const;

const databases = [
  ['SQLite', createRequirement(false, '', false), async (name: string) => toUri(path.resolve(`${name}.db`))],
  ['PostgreSQL', requirePostgresql(), () => requirePostgresql().createDatabase()],
  ['MariaDB', requireMariadb(), () => requireMariadb().createDatabase()],
] as const;

for (const [name, database, createDatabase] of databases) {
  const { isMissing, title } = mlflow.isMissing ? mlflow : database;

  describe.skipIf(isMissing)(title(`MLflow’s store on a database of ${name} that we have filled`), () => {
    const seen: { ours: StoreWords; theirs: PythonWords }[] = [];
    let before: StoreWords;
    let after: StoreWords;

    beforeAll(async () => {
      const uri = await createDatabase('ours');
      const store = resolveTrackingStore(uri);
      const deleted = [...(await fillStore(store, 1))];
      before = await readStore(store, deleted);
      await python('-m', 'mlflow', 'db', 'upgrade', toPythonUri(uri));
      after = await readStore(store, deleted);
      seen.push({ ours: after, theirs: await readByPython(uri) });
      deleted.push(...(await fillStore(store, 2)));
      seen.push({ ours: await readStore(store, deleted), theirs: await readByPython(uri) });
    });

    it.each(KINDS)('reads the %s as they were logged', (kind) => {
      expect(withoutLinks(seen[0]?.theirs[kind])).toEqual(seen[0]?.ours[kind]);
      expect(Object.keys(before[kind]).length).toBeGreaterThan(0);
    });

    it.each(KINDS)('leaves the %s as they were when it upgrades the database', (kind) => {
      expect(after[kind]).toEqual(before[kind]);
    });

    it.each(KINDS)('reads the %s that we have logged after the upgrade', (kind) => {
      expect(withoutLinks(seen[1]?.theirs[kind])).toEqual(seen[1]?.ours[kind]);
      expect(Object.keys(seen[1]?.ours[kind] ?? {}).length).toBeGreaterThan(Object.keys(before[kind]).length);
    });

    it('finds what traces are linked to', () => {
      for (const { ours, theirs } of seen) {
        const runs = Object.values(ours.runs).filter(({ info }) => info.run_name === 'renamed');
        const links = Object.values(theirs.traces);
        expect(links.flatMap((trace) => trace.linked_runs).toSorted()).toEqual(
          runs.map(({ info }) => info.run_id).toSorted(),
        );
        expect(new Set(links.flatMap((trace) => trace.linked_prompt_versions))).toEqual(
          new Set(['ask/1', 'first/3']),
        );
      }
    });

    it('finds the columns of its statistics filled', () => {
      for (const { ours, theirs } of seen) expect(theirs.statistics).toEqual(toStatistics(ours));
    });
  });

  describe.skipIf(isMissing)(title(`our store on a database of ${name} that MLflow’s store has filled`), () => {
    let ours: StoreWords;
    let theirs: PythonWords;

    beforeAll(async () => {
      const uri = await createDatabase('theirs');
      theirs = await runPython('store_entities.py', 'write', toPythonUri(uri), path.resolve('mlruns'));
      const deleted = Object.keys(theirs.models).filter((id) => theirs.models[id]?.name === 'third');
      ours = await readStore(resolveTrackingStore(uri), deleted);
    });

    it.each(KINDS)('reads the %s as MLflow does', (kind) => {
      expect(ours[kind]).toEqual(withoutLinks(theirs[kind]));
      expect(Object.keys(ours[kind]).length).toBeGreaterThan(0);
    });

    it('reads assessments of every kind', () => {
      const [trace] = Object.values(ours.traces);
      const names = Object.values(trace?.assessments ?? {}).map(({ name, valid }) => `${name} ${valid}`);
      expect(names.toSorted()).toEqual([
        'iss-1 true',
        'judged true',
        'of a span true',
        'quality false',
        'quality true',
        'the answer true',
        'twice true',
      ]);
    });
  });
}

function readByPython(uri: string): Promise<PythonWords> {
  return runPython('store_entities.py', 'read', toPythonUri(uri), path.resolve('mlruns'));
}
