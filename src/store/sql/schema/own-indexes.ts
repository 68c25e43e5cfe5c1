import type { DialectName } from '../dialect.ts';
import { all, first, type Operation } from '../operation.ts';
import { perDialect } from '../statement.ts';

/** An index of ours on a table of MLflow's: search walks it, and answers the same, only slower, without it. */
interface OwnIndex {
  readonly name: string;
  readonly table: string;
  /** Columns by engine; none where that engine goes without. */
  readonly columns: Readonly<Record<DialectName, string | null>>;
}

/**
 * Texts go into an index by their first characters only on a server: PostgreSQL refuses rows whose indexed values come
 * to more than 2,704 bytes, MySQL indexes of more than 3,072 and SQL Server of more than 1,700. A query on PostgreSQL
 * has to say `left(value, 250)` as well.
 */
const KEY_VALUE = {
  sqlite: '"key", value, run_uuid',
  postgresql: '"key", left(value, 250), run_uuid',
  mysql: '"key", value(250), run_uuid',
  mssql: null,
};

const OWN_INDEXES: readonly OwnIndex[] = [
  everywhere('autolog_runs_by_start', 'runs', 'experiment_id, lifecycle_stage, start_time, run_uuid'),
  everywhere('autolog_latest_metrics_by_value', 'latest_metrics', '"key", value, run_uuid'),
  { name: 'autolog_params_by_value', table: 'params', columns: KEY_VALUE },
  { name: 'autolog_tags_by_value', table: 'tags', columns: KEY_VALUE },
];

/** How many rows are indexed in an instant (0.1 s and less), so that opening a database may do it. */
const FEW_ROWS = 50_000;

/** Makes those of our indexes that are missing, and returns their names; with `onlyIfQuick` not on large tables. */
export function* makeOwnIndexes(
  dialect: DialectName,
  { onlyIfQuick }: { readonly onlyIfQuick: boolean },
): Operation<string[]> {
  const made: string[] = [];
  for (const { name, table, columns } of yield* missingOwnIndexes(dialect)) {
    if (onlyIfQuick && (yield* hasManyRows(table))) continue;
    yield* all(`CREATE INDEX ${name} ON ${table} (${columns[dialect]})`);
    made.push(name);
  }
  return made;
}

/** Those of our indexes that a database lacks. */
export function* missingOwnIndexes(dialect: DialectName): Operation<readonly OwnIndex[]> {
  const found = new Set((yield* all(INDEX_NAMES)).map(({ name }) => String(name)));
  return OWN_INDEXES.filter(({ name, columns }) => columns[dialect] !== null && !found.has(name));
}

function everywhere(name: string, table: string, columns: string): OwnIndex {
  return { name, table, columns: { sqlite: columns, postgresql: columns, mysql: columns, mssql: columns } };
}

function* hasManyRows(table: string): Operation<boolean> {
  const statement = perDialect((dialect) =>
    dialect === 'mssql'
      ? `SELECT 1 AS found FROM ${table} ORDER BY (SELECT NULL) OFFSET ${FEW_ROWS} ROWS FETCH NEXT 1 ROWS ONLY`
      : `SELECT 1 AS found FROM ${table} LIMIT 1 OFFSET ${FEW_ROWS}`,
  );
  return (yield* first(statement)) !== undefined;
}

const INDEX_NAMES = perDialect((dialect) => {
  switch (dialect) {
    case 'sqlite':
      return "SELECT name FROM sqlite_master WHERE type = 'index' AND name LIKE 'autolog%'";
    case 'postgresql':
      return `SELECT indexname AS "name" FROM pg_catalog.pg_indexes
        WHERE schemaname = current_schema() AND indexname LIKE 'autolog%'`;
    case 'mysql':
      return `SELECT DISTINCT index_name AS "name" FROM information_schema.statistics
        WHERE table_schema = DATABASE() AND index_name LIKE 'autolog%'`;
    case 'mssql':
      return `SELECT i.name AS name FROM sys.indexes i JOIN sys.tables t ON t.object_id = i.object_id
        WHERE t.schema_id = SCHEMA_ID() AND i.name LIKE 'autolog%'`;
  }
});
