import fs from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { missingOwnIndexes } from '../../src/store/sql/schema/own-indexes.ts';
import { prepareSchema } from '../../src/store/sql/schema/prepare.ts';
import { REVISION } from '../../src/store/sql/schema/revisions.ts';
import { inspectSchema } from '../../src/store/sql/schema/verify.ts';
import { writeTables } from '../../src/store/sql/schema/write-table.ts';
import { SqliteEngine } from '../../src/store/sql/sqlite-engine.ts';
import { connectRaw } from '../support/raw-server.ts';
import { requireMlflow } from '../support/requirements.ts';
import { requireMariadb, requirePostgresql } from '../support/servers.ts';
import { listCatalog, listSqliteCatalog } from './catalog.ts';
import { python, runPython, toPythonUri, toUri } from './python.ts';

const mlflow = requireMlflow();
const postgresql = requirePostgresql();

describe.skipIf(mlflow.isMissing)(mlflow.title('The schema of a new SQLite database'), () => {
  it('is what MLflow’s own migrations make', async () => {
    const theirs = path.resolve('theirs.db');
    await migrate(toUri(theirs), REVISION);
    expect(listSqlite(makeSqlite('ours.db'))).toEqual(listSqlite(theirs));
  });

  it('is upgraded by MLflow to its newest, with our indexes on it', async () => {
    const theirs = path.resolve('theirs.db');
    await migrate(toUri(theirs), 'heads');
    const ours = makeSqlite('ours.db');
    await upgrade(toUri(ours));

    expect(listSqlite(ours)).toEqual(listSqlite(theirs));
    const engine = new SqliteEngine(ours);
    expect(engine.run(missingOwnIndexes('sqlite'))).toEqual([]);
    engine.close();
  });
});

describe.skipIf(mlflow.isMissing).each([
  ['PostgreSQL', postgresql],
  ['MariaDB', requireMariadb()],
] as const)(mlflow.title('The schema of a new database on %s'), (name, server) => {
  it.skipIf(server.isMissing)(server.title('is what MLflow’s own migrations make'), async () => {
    const theirs = await server.createDatabase();
    await migrate(theirs, REVISION);
    const ours = await open(await server.createDatabase());
    await ours.run(prepareSchema(targetOf(ours, name)));

    expect(await listCatalog(ours)).toEqual(await listCatalog(await open(theirs)));
  });

  it.skipIf(server.isMissing)(
    server.title('is upgraded by MLflow to its newest, with our indexes on it'),
    async () => {
      const theirs = await server.createDatabase();
      await migrate(theirs, 'heads');
      const uri = await server.createDatabase();
      const ours = await open(uri);
      await ours.run(prepareSchema(targetOf(ours, name)));
      await upgrade(uri);

      expect(await listCatalog(ours)).toEqual(await listCatalog(await open(theirs)));
      expect(await ours.run(missingOwnIndexes(ours.dialect))).toEqual([]);
      expect(await ours.run(inspectSchema(targetOf(ours, name)))).toMatchObject({
        traceColumns: true,
        traceRows: false,
        spanDimensions: false,
        assessmentColumns: true,
      });
    },
  );
});

describe.skipIf(mlflow.isMissing || postgresql.isMissing)(
  postgresql.title(mlflow.title('The schema of a new database on SQL Server (not run on a server)')),
  () => {
    it('is what MLflow’s own migrations compile to', async () => {
      const file = path.resolve('statements.json');
      fs.writeFileSync(file, JSON.stringify(writeTables('mssql')));
      const shadow = toPythonUri(await postgresql.createDatabase());
      const schemas = await runPython<SqlServerSchemas>('mssql_schema.py', shadow, REVISION, file);
      expect(Object.keys(schemas.mlflow.tables)).toHaveLength(47);
      expect(schemas.given).toEqual(schemas.mlflow);
    });
  },
);

type SqlServerSchemas = Readonly<
  Record<'mlflow' | 'given', { readonly tables: object; readonly indexes: object }>
>;

async function migrate(uri: string, revision: string): Promise<void> {
  await python(path.join(import.meta.dirname, 'python', 'migrate.py'), toPythonUri(uri), revision);
}

async function upgrade(uri: string): Promise<void> {
  await python('-m', 'mlflow', 'db', 'upgrade', toPythonUri(uri));
}

async function open(uri: string) {
  const server = await connectRaw(uri);
  onTestFinished(() => server.close());
  return server;
}

function targetOf({ dialect }: { readonly dialect: 'postgresql' | 'mysql' }, name: string) {
  return { dialect, name, artifactRoot: 'mlruns' };
}

function makeSqlite(name: string): string {
  const file = path.resolve(name);
  const engine = new SqliteEngine(file);
  engine.transaction(prepareSchema({ dialect: 'sqlite', name, artifactRoot: 'mlruns' }));
  engine.close();
  return file;
}

function listSqlite(file: string): string[] {
  const database = new DatabaseSync(file, { readOnly: true });
  onTestFinished(() => database.close());
  return listSqliteCatalog(database);
}
