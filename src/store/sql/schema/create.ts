import { all, first, type Operation } from '../operation.ts';
import { INDEXES } from './indexes.ts';
import { OTHER_TABLES } from './other-tables.ts';
import { REVISION } from './revisions.ts';
import { TRACKING_TABLES } from './tracking-tables.ts';

/** Makes MLflow's whole schema in an empty database, with the rows that MLflow itself begins with. */
export function* createSchema(artifactRoot: string, now: number): Operation<void> {
  for (const [table, definitions] of Object.entries({ ...TRACKING_TABLES, ...OTHER_TABLES })) {
    yield* all(`CREATE TABLE ${table} (\n\t${definitions.join(',\n\t')}\n)`);
  }
  for (const index of INDEXES) yield* all(`CREATE ${index}`);
  yield* all(SECRETS_TRIGGER);
  yield* all(
    "INSERT INTO workspaces (name, description) VALUES ('default', 'Default workspace for legacy resources')",
  );
  yield* all(
    `INSERT INTO experiments (experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time)
     VALUES (0, 'Default', ?, 'active', ?, ?)`,
    `${artifactRoot}/0`,
    now,
    now,
  );
  yield* all('INSERT INTO alembic_version (version_num) VALUES (?)', REVISION);
}

/** Makes the one table that is ours, where it is missing: how far each journal has been delivered. */
export function* createJournalTable(): Operation<void> {
  yield* all(
    'CREATE TABLE IF NOT EXISTS autolog_journals (journal_id TEXT PRIMARY KEY, position INTEGER NOT NULL)',
  );
}

/** Whether the table of journals exists. */
export function* hasJournalTable(): Operation<boolean> {
  return (yield* first("SELECT 1 AS found FROM sqlite_master WHERE name = 'autolog_journals'")) !== undefined;
}

const SECRETS_TRIGGER = `CREATE TRIGGER prevent_secrets_aad_mutation BEFORE UPDATE ON secrets FOR EACH ROW
WHEN OLD.secret_id != NEW.secret_id OR OLD.secret_name != NEW.secret_name
BEGIN
  SELECT RAISE(ABORT, 'secret_id and secret_name are immutable (used as AAD in encryption)');
END`;
