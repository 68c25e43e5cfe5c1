import { AutologError } from '../../../errors.ts';
import { all, first, type Operation } from '../operation.ts';
import { insertNew, perDialect, type Statement } from '../statement.ts';
import { hasTable } from './read-tables.ts';
import type { SchemaTarget } from './schema-target.ts';

/**
 * Notes that the schema is being made, before its first table.
 *
 * So a database in which MySQL was interrupted can be told from one that somebody else is making.
 */
export function* beginOwnSchema(now: number): Operation<void> {
  yield* all(CREATE_VERSIONS);
  yield* all(INSERT_VERSION, 0, now);
}

/**
 * Brings our own tables to the version that this package knows, one step after the other, and records each.
 *
 * @throws {AutologError} INVALID_STATE where a newer autolog has been.
 */
export function* migrateOwnSchema(target: SchemaTarget, now: number, steps = MIGRATIONS): Operation<void> {
  yield* all(CREATE_VERSIONS);
  const version = (yield* readOwnVersion(target, steps.length)) ?? 0;
  for (const [index, statement] of steps.entries()) {
    if (index < version) continue;
    yield* all(statement);
    yield* all(INSERT_VERSION, index + 1, now);
  }
}

/** Whether our own tables are there, in the version that this package knows. */
export function* hasOwnSchema(target: SchemaTarget): Operation<boolean> {
  return (yield* readOwnVersion(target)) === OWN_VERSION;
}

/**
 * Reads the version of our own tables: 0 while the schema is being made, null where there are none.
 *
 * @throws {AutologError} INVALID_STATE for one that is newer than this package knows.
 */
export function* readOwnVersion(target: SchemaTarget, known = OWN_VERSION): Operation<number | null> {
  if (!(yield* hasTable('autolog_schema'))) return null;
  const row = yield* first('SELECT MAX(version) AS version FROM autolog_schema');
  const version = row?.version == null ? null : Number(row.version);
  if (version === null || version <= known) return version;
  throw new AutologError(
    'INVALID_STATE',
    `Cannot use the database '${target.name}': a newer autolog keeps its own tables there (version ${version}, this one knows ${known}); upgrade autolog.`,
  );
}

const CREATE_VERSIONS = create('autolog_schema', 'version INTEGER NOT NULL PRIMARY KEY, made_at BIGINT NOT NULL');
const INSERT_VERSION = insertNew('autolog_schema', ['version', 'made_at'], ['version']);

/**
 * One statement for each version, forward only. What stands here stays as it is: databases have been made by it. Each
 * may be run again, because MySQL commits it before its version is recorded.
 */
const MIGRATIONS: readonly Statement[] = [
  // How far each journal has been delivered.
  create('autolog_journals', 'journal_id VARCHAR(255) NOT NULL PRIMARY KEY, position BIGINT NOT NULL'),
];

/** Version of the tables that are ours alone. */
export const OWN_VERSION = MIGRATIONS.length;

function create(table: string, columns: string): Statement {
  return perDialect((dialect) =>
    dialect === 'mssql'
      ? `IF OBJECT_ID('${table}') IS NULL CREATE TABLE ${table} (${columns})`
      : `CREATE TABLE IF NOT EXISTS ${table} (${columns})`,
  );
}
