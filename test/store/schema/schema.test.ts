import path from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { Operation, Rows } from '../../../src/store/sql/operation.ts';
import { missingOwnIndexes } from '../../../src/store/sql/schema/own-indexes.ts';
import { migrateOwnSchema, OWN_VERSION } from '../../../src/store/sql/schema/own-schema.ts';
import { prepareSchema, readyShape, schemaVersion } from '../../../src/store/sql/schema/prepare.ts';
import { readTables } from '../../../src/store/sql/schema/read-tables.ts';
import { reportSchema, upgradeSchema } from '../../../src/store/sql/schema/report.ts';
import type { SchemaTarget } from '../../../src/store/sql/schema/schema-target.ts';
import { inspectSchema } from '../../../src/store/sql/schema/verify.ts';
import { SqliteEngine } from '../../../src/store/sql/sqlite-engine.ts';
import { perDialect } from '../../../src/store/sql/statement.ts';
import { connectRaw } from '../../support/raw-server.ts';
import { createRequirement } from '../../support/requirements.ts';
import { requireMariadb, requirePostgresql } from '../../support/servers.ts';

/** A database whose tables are looked after, each query by itself. */
interface Subject {
  readonly dialect: SchemaTarget['dialect'];
  run<T>(operation: Operation<T>): T | Promise<T>;
  close(): void | Promise<void>;
}

const postgresql = requirePostgresql();
const mariadb = requireMariadb();
const sqlite = createRequirement(false, '', true);

const ENGINES = [
  ['SQLite', sqlite, openSqlite],
  ['PostgreSQL', postgresql, async () => connectRaw(await postgresql.createDatabase())],
  ['MariaDB', mariadb, async () => connectRaw(await mariadb.createDatabase())],
] as const;

describe.each(ENGINES)('the schema on %s', (name, requirement, open) => {
  let subject: Subject;
  let target: SchemaTarget;
  const opened: Subject[] = [];
  const prepare = () => subject.run(prepareSchema(target));
  const ask = (sql: string) => subject.run(asking(sql));
  const title = (text: string) => requirement.title(text);

  beforeEach(async () => {
    if (requirement.isMissing) return;
    subject = await open();
    opened.push(subject);
    target = { dialect: subject.dialect, name: `the ${name}`, artifactRoot: '/artifacts' };
  });
  afterAll(async () => {
    for (const each of opened) await each.close();
  });

  describe.skipIf(requirement.isMissing)(title('of a new database'), () => {
    test('has MLflow’s 48 tables, its first rows and our tables', async () => {
      expect(await subject.run(readyShape(target))).toBeNull();
      const shape = await prepare();
      const tables = [...(await subject.run(readTables())).keys()];
      expect(tables.filter((table) => !table.startsWith('autolog_'))).toHaveLength(48);
      expect(tables).toContain('autolog_journals');
      expect(await ask('SELECT experiment_id, name, artifact_location FROM experiments')).toEqual([
        { experiment_id: 0, name: 'Default', artifact_location: '/artifacts/0' },
      ]);
      expect(await ask('SELECT name FROM workspaces')).toEqual([{ name: 'default' }]);
      expect(await ask('SELECT version_num FROM alembic_version')).toEqual([{ version_num: '7d34483879f0' }]);
      expect(await subject.run(missingOwnIndexes(subject.dialect))).toEqual([]);
      expect(await subject.run(readyShape(target))).toEqual(shape);
    });

    test('counts experiments from 1 on', async () => {
      await prepare();
      await ask("INSERT INTO experiments (name) VALUES ('next')");
      expect(await ask("SELECT experiment_id FROM experiments WHERE name = 'next'")).toEqual([
        { experiment_id: 1 },
      ]);
    });

    test('stays as it is when it is prepared again', async () => {
      await prepare();
      const version = await subject.run(schemaVersion());
      await prepare();
      expect(await subject.run(schemaVersion())).toBe(version);
      expect(await ask('SELECT version FROM autolog_schema WHERE version > 0')).toHaveLength(OWN_VERSION);
    });

    test('lets nobody change the name of a secret', async () => {
      await prepare();
      await ask(`INSERT INTO secrets (secret_id, secret_name, encrypted_value, wrapped_dek, kek_version, masked_value,
        created_at, last_updated_at) VALUES ('1', 'a', 'x', 'x', 1, '*', 0, 0)`);
      await expect(async () => ask("UPDATE secrets SET secret_name = 'b'")).rejects.toThrow(
        /immutable|breaks one of its constraints/,
      );
    });
  });

  describe.skipIf(requirement.isMissing)(title('of a database that MLflow has'), () => {
    test.each([
      ['more tables', 'CREATE TABLE label_schemas (schema_id VARCHAR(36) NOT NULL)'],
      ['an unknown revision', "UPDATE alembic_version SET version_num = 'f00df00df00d'"],
      ['a new column that may be null', 'ALTER TABLE runs ADD COLUMN colour VARCHAR(9)'],
      ['a new column with a default', "ALTER TABLE runs ADD COLUMN colour VARCHAR(9) DEFAULT 'red' NOT NULL"],
    ])('with %s is good', async (_change, statement) => {
      await prepare();
      await ask(statement);
      expect(await subject.run(inspectSchema(target))).toMatchObject({ spanDimensions: true });
    });

    test.each([
      [
        'older',
        '400f98739977',
        /^Detected out-of-date database schema in 'the .*' \(found version 400f98739977, but expected 7d34483879f0 or newer\): it lacks the table input_tags; take a backup, then run `mlflow db upgrade /,
      ],
      [
        'newer',
        'f00df00df00d',
        /it is a newer MLflow's \(revision f00df00df00d\) and lacks the table input_tags; upgrade autolog/,
      ],
    ])('and is %s and incomplete is refused', async (_age, revision, message) => {
      await prepare();
      await ask('DROP TABLE input_tags');
      await ask(`UPDATE alembic_version SET version_num = '${revision}'`);
      await expect(async () => prepare()).rejects.toThrow(message);
      const report = await subject.run(reportSchema(target));
      expect(report).toMatchObject({ revision, problem: expect.stringMatching(message) });
    });

    test('and that demands an unknown value is refused', async () => {
      await prepare();
      await ask('DROP TABLE input_tags');
      await ask(
        'CREATE TABLE input_tags (input_uuid VARCHAR(36), name VARCHAR(9), value VARCHAR(9), kind VARCHAR(9) NOT NULL)',
      );
      await expect(async () => prepare()).rejects.toThrow(/demands the unknown column input_tags.kind/);
    });

    test('and that a newer autolog has changed is refused', async () => {
      await prepare();
      await ask('INSERT INTO autolog_schema (version, made_at) VALUES (99, 0)');
      const message =
        /a newer autolog keeps its own tables there \(version 99, this one knows \d+\); upgrade autolog/;
      await expect(async () => subject.run(readyShape(target))).rejects.toThrow(message);
      await expect(async () => prepare()).rejects.toThrow(message);
    });

    test('gets our tables and the default experiment where they are missing', async () => {
      await prepare();
      await ask('DELETE FROM experiments');
      await ask('DROP TABLE autolog_schema');
      await ask('DROP TABLE autolog_journals');
      expect(await subject.run(readyShape(target))).toBeNull();
      await prepare();
      expect(await ask('SELECT * FROM autolog_journals')).toEqual([]);
      expect(await ask('SELECT experiment_id FROM experiments')).toEqual([{ experiment_id: 0 }]);
    });

    test('gets later versions of our tables, step by step and each once', async () => {
      await prepare();
      const step = (table: string) => perDialect(() => `CREATE TABLE autolog_${table} (id INTEGER)`);
      const steps = Array.from({ length: OWN_VERSION }, () => step('not_again'));
      await subject.run(migrateOwnSchema(target, 7, [...steps, step('second')]));
      await subject.run(migrateOwnSchema(target, 8, [...steps, step('second'), step('third'), step('fourth')]));
      const rows = await ask(`SELECT version, made_at FROM autolog_schema WHERE version > ${OWN_VERSION}`);
      expect(rows.map(({ version, made_at }) => [Number(version) - OWN_VERSION, Number(made_at)])).toEqual([
        [1, 7],
        [2, 8],
        [3, 8],
      ]);
      expect([...(await subject.run(readTables())).keys()]).not.toContain('autolog_not_again');
    });

    test('gets our indexes by an upgrade', async () => {
      await prepare();
      const name = 'autolog_runs_by_start';
      await ask(`DROP INDEX ${name}${subject.dialect === 'mysql' ? ' ON runs' : ''}`);
      expect(await subject.run(reportSchema(target))).toMatchObject({ problem: null, missingIndexes: [name] });
      expect(await subject.run(upgradeSchema(target))).toEqual({
        madeSchema: false,
        ownVersionBefore: OWN_VERSION,
        madeIndexes: [name],
      });
      expect(await subject.run(reportSchema(target))).toMatchObject({ missingIndexes: [] });
    });
  });

  describe.skipIf(requirement.isMissing)(title('of a database of something else'), () => {
    test('is refused and left as it is', async () => {
      await ask('CREATE TABLE plants (name VARCHAR(9))');
      const message =
        /^Cannot use the database 'the .*': it holds other tables and is no MLflow database; choose another/;
      await expect(async () => prepare()).rejects.toThrow(message);
      expect([...(await subject.run(readTables())).keys()]).toEqual(['plants']);
      expect(await subject.run(reportSchema(target))).toMatchObject({
        revision: null,
        problem: expect.stringMatching(message),
      });
    });
  });
});

describe.skipIf(mariadb.isMissing)(mariadb.title('a schema whose making was interrupted on MariaDB'), () => {
  test.each([1, 2, 3, 30, 50, 52, 56, 58, 60])('after %i statements is made to its end', async (count) => {
    const server = await connectRaw(await mariadb.createDatabase());
    const target = { dialect: 'mysql', name: 'half', artifactRoot: '/artifacts' } as const;
    const operation = prepareSchema(target);
    let step = operation.next();
    for (let done = 0; done < count && !step.done; ) {
      const { sql, parameters } = step.value;
      const text = typeof sql === 'string' ? sql : sql.textFor('mysql');
      step = operation.next(await server.query(text, parameters));
      if (!text.startsWith('SELECT')) done++;
    }
    expect(await server.run(readyShape(target))).toBeNull();
    await server.run(prepareSchema(target));
    expect(await server.run(readyShape(target))).not.toBeNull();
    expect(await server.query('SELECT experiment_id FROM experiments')).toEqual([{ experiment_id: 0 }]);
    expect((await server.run(readTables())).size).toBe(50);
    await server.close();
  });
});

function openSqlite(): Subject {
  const engine = new SqliteEngine(path.resolve(`${Math.random()}.db`));
  return { dialect: 'sqlite', run: (operation) => engine.run(operation), close: () => engine.close() };
}

function* asking(sql: string): Operation<Rows> {
  return yield { sql, parameters: [] };
}
