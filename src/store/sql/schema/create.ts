import type { DialectName } from '../dialect.ts';
import { all, first, type Operation } from '../operation.ts';
import { insertNew, perDialect } from '../statement.ts';
import { REVISION } from './revisions.ts';
import { writeSecretsTrigger } from './secrets-trigger.ts';
import { writeTables } from './write-table.ts';

/**
 * Makes MLflow's whole schema in an empty database, with the rows that MLflow itself begins with.
 *
 * Where it stopped half-way, which only MySQL leaves behind, it goes on.
 */
export function* createSchema(dialect: DialectName, artifactRoot: string, now: number): Operation<void> {
  for (const statement of writeTables(dialect)) yield* all(statement);
  for (const statement of writeSecretsTrigger(dialect)) yield* all(statement);
  yield* all(DEFAULT_WORKSPACE);
  yield* createDefaultExperiment(dialect, artifactRoot, now);
  yield* all(REVISION_ROW, REVISION);
}

/** Makes the experiment that every store has, as MLflow does where there is none at all: its migrations make none. */
export function* createDefaultExperiment(
  dialect: DialectName,
  artifactRoot: string,
  now: number,
): Operation<void> {
  const counted = yield* first('SELECT COUNT(*) AS found FROM experiments');
  if (Number(counted?.found) > 0) return;
  if (dialect === 'mysql') yield* all('SET @autolog_sql_mode = @@SESSION.sql_mode');
  if (dialect === 'mysql')
    yield* all("SET SESSION sql_mode = CONCAT(@@SESSION.sql_mode, ',NO_AUTO_VALUE_ON_ZERO')");
  yield* all(DEFAULT_EXPERIMENT, `${artifactRoot}/0`, now, now);
  if (dialect === 'mysql') yield* all('SET SESSION sql_mode = @autolog_sql_mode');
}

const REVISION_ROW = insertNew('alembic_version', ['version_num'], ['version_num']);

const DEFAULT_WORKSPACE = perDialect((dialect) => {
  const unlessThere = dialect === 'mysql' ? ' ON DUPLICATE KEY UPDATE name = name' : '';
  return `INSERT INTO workspaces (name, description) VALUES ('default', 'Default workspace for legacy resources')${unlessThere}`;
});

/** The first experiment has id 0, which generated ids never are; on SQL Server one request must say so and insert. */
const DEFAULT_EXPERIMENT = perDialect((dialect) => {
  const insert = `INSERT INTO experiments (experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time)
     VALUES (0, 'Default', ?, 'active', ?, ?)`;
  if (dialect !== 'mssql') return insert;
  return `SET IDENTITY_INSERT experiments ON; ${insert}; SET IDENTITY_INSERT experiments OFF`;
});
