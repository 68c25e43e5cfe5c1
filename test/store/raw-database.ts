import { loadSqlite } from '../../src/store/sql/sqlite-module.ts';

/** Runs statements on a database file, beside the store. */
export function execute(file: string, ...statements: readonly string[]): void {
  const { DatabaseSync } = loadSqlite();
  const database = new DatabaseSync(file);
  for (const statement of statements) database.exec(statement);
  database.close();
}

/** Reads rows of a database file, beside the store; each as the list of its values. */
export function query(file: string, sql: string): unknown[][] {
  const { DatabaseSync } = loadSqlite();
  const database = new DatabaseSync(file);
  const rows = database.prepare(sql).all();
  database.close();
  return rows.map((row) => Object.values(row));
}

/**
 * What MLflow's migrations from 7d34483879f0 to dc11669786a5 (3.17.2) do to the tables that the store writes.
 *
 * Source: a database that MLflow 3.17.2 made.
 */
export const TO_MLFLOW_3_17: readonly string[] = [
  'ALTER TABLE trace_info ADD COLUMN db_payload_generation INTEGER DEFAULT 0 NOT NULL',
  'ALTER TABLE trace_info ADD COLUMN trace_name VARCHAR(4096)',
  'ALTER TABLE trace_info ADD COLUMN session_id VARCHAR(250)',
  ...[
    'input_tokens',
    'output_tokens',
    'total_tokens',
    'cache_read_input_tokens',
    'cache_creation_input_tokens',
    'cache_creation_input_tokens_above_1hr',
  ].map((column) => `ALTER TABLE trace_info ADD COLUMN ${column} BIGINT`),
  ...['trace_info', 'spans'].flatMap((table) =>
    ['input_cost', 'output_cost', 'total_cost'].map((column) => `ALTER TABLE ${table} ADD COLUMN ${column} FLOAT`),
  ),
  'ALTER TABLE spans ADD COLUMN model_name VARCHAR(500)',
  'ALTER TABLE spans ADD COLUMN model_provider VARCHAR(500)',
  'ALTER TABLE spans DROP COLUMN dimension_attributes',
  "UPDATE alembic_version SET version_num = 'dc11669786a5'",
];
