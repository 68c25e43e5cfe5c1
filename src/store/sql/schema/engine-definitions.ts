import type { DialectName } from '../dialect.ts';

/** What one engine has in place of a definition: another text, several, or nothing (an empty list). */
export type EngineDefinitions = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/**
 * Where MLflow's migrations leave a server with something else than the translated text: by table, then by the first
 * word of the definition (a column's name, `CHECK` for a constraint without a name, `also` for what is there besides).
 *
 * Source: the databases that the migrations of MLflow 3.17.2 make, run to 7d34483879f0 on PostgreSQL 15 and MariaDB
 * 10.11; for SQL Server, the statements that they compile to.
 */
export const ENGINE_DEFINITIONS: Readonly<Record<DialectName, EngineDefinitions>> = {
  sqlite: {},
  postgresql: {
    experiments: { experiment_id: 'experiment_id SERIAL NOT NULL' },
    metrics: { CHECK: [] },
    latest_metrics: { CHECK: [] },
  },
  mysql: {
    experiments: { experiment_id: 'experiment_id INTEGER NOT NULL AUTO_INCREMENT' },
    metrics: { CHECK: ['CHECK (is_nan IN (0, 1))', 'CHECK (is_nan IN (0, 1))'] },
    // MySQL makes this index for the foreign key by itself, and would drop it again for our index on the same column.
    runs: { also: 'INDEX experiment_id (experiment_id)' },
    datasets: { dataset_schema: 'dataset_schema MEDIUMTEXT', dataset_profile: 'dataset_profile MEDIUMTEXT' },
    spans: { content: 'content LONGTEXT NOT NULL' },
    budget_policies: { budget_amount: 'budget_amount FLOAT NOT NULL' },
    endpoint_model_mappings: { weight: 'weight FLOAT NOT NULL' },
    jobs: { job_name: 'job_name VARCHAR(500)' },
    model_version_tags: { also: 'INDEX name (name, version)' },
    registered_model_tags: { also: 'INDEX name (name)' },
  },
  mssql: {
    experiments: { experiment_id: 'experiment_id INTEGER NOT NULL IDENTITY' },
    metrics: { CHECK: [] },
    latest_metrics: { CHECK: [] },
  },
};
