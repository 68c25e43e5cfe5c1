import { AutologError } from '../../../errors.ts';
import { all, first, type Operation } from '../operation.ts';
import { OLDER_REVISIONS } from './revisions.ts';
import { USED_COLUMNS } from './used-columns.ts';

/**
 * Where a database keeps what MLflow moved from rows into columns between 3.12 and 3.17.
 *
 * Source: mlflow/store/db_migrations/versions/75868b020152, read at 3.17.2.
 */
export interface SchemaShape {
  /** `trace_info` has columns for name, session, tokens and costs. */
  readonly traceColumns: boolean;
  /** Name, session, tokens and costs are rows of tags and metadata. */
  readonly traceRows: boolean;
  /** Tokens are rows of `trace_metrics` too. */
  readonly traceMetrics: boolean;
  /** `trace_info.db_payload_generation` counts the writes of spans. */
  readonly payloadGeneration: boolean;
  /** `spans` has columns for model and costs. */
  readonly spanColumns: boolean;
  /** `spans.dimension_attributes` holds the model. */
  readonly spanDimensions: boolean;
}

/**
 * Looks at what a database holds: MLflow's tables in a form that can be written, or nothing (null).
 *
 * Columns decide, not revisions: a newer MLflow's database is used as long as all columns that this package writes
 * are there and no new one demands a value.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for a database of something else, INVALID_STATE for one of an MLflow
 * that is too old or too new.
 */
export function* inspectSchema(file: string): Operation<SchemaShape | null> {
  const tables = yield* readTables();
  if (tables.size === 0) return null;
  if (!['experiments', 'runs', 'metrics', 'alembic_version'].every((table) => tables.has(table))) {
    throw new AutologError(
      'INVALID_PARAMETER_VALUE',
      `Cannot use the database '${file}': it holds other tables and is no MLflow database; choose another file.`,
    );
  }
  const flaw = findFlaw(tables);
  if (flaw) throw yield* refusal(file, flaw);
  return toShape(tables);
}

/** Columns by table, each with whether an insert has to give it a value. */
type TableColumns = ReadonlyMap<string, ReadonlyMap<string, boolean>>;

function* readTables(): Operation<TableColumns> {
  const rows = yield* all(
    `SELECT t.name AS table_name, c.name AS column_name, c."notnull" = 1 AND c.dflt_value IS NULL AS demanded
     FROM sqlite_master AS t, pragma_table_info(t.name) AS c
     WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite!_%' ESCAPE '!' AND t.name <> 'autolog_journals'`,
  );
  const tables = new Map<string, Map<string, boolean>>();
  for (const row of rows) {
    const name = String(row.table_name);
    const columns = tables.get(name) ?? new Map<string, boolean>();
    tables.set(name, columns.set(String(row.column_name), row.demanded === 1));
  }
  return tables;
}

function findFlaw(tables: TableColumns): string | undefined {
  for (const [table, used] of Object.entries(USED_COLUMNS)) {
    const columns = tables.get(table);
    if (!columns) return `lacks the table ${table}`;
    const missing = used.find((column) => !columns.has(column));
    if (missing) return `lacks the column ${table}.${missing}`;
    for (const [column, demanded] of columns) {
      if (demanded && !used.includes(column)) return `demands the unknown column ${table}.${column}`;
    }
  }
  return undefined;
}

function* refusal(file: string, flaw: string): Operation<AutologError> {
  const revision = String((yield* first('SELECT version_num FROM alembic_version'))?.version_num ?? 'unknown');
  const advice = OLDER_REVISIONS.has(revision)
    ? `it is an older MLflow's (revision ${revision}) and ${flaw}; copy it, then run \`mlflow db upgrade sqlite:///${file}\``
    : `it is a newer MLflow's (revision ${revision}) and ${flaw}; upgrade autolog or choose another file`;
  return new AutologError('INVALID_STATE', `Cannot use the database '${file}': ${advice}.`);
}

function toShape(tables: TableColumns): SchemaShape {
  const has = (table: string, column: string) => tables.get(table)?.has(column) ?? false;
  const traceColumns = has('trace_info', 'trace_name');
  const spanDimensions = has('spans', 'dimension_attributes');
  const moved = traceColumns && !spanDimensions;
  return {
    traceColumns,
    traceRows: !moved,
    traceMetrics: !moved && tables.has('trace_metrics'),
    payloadGeneration: has('trace_info', 'db_payload_generation'),
    spanColumns: has('spans', 'model_name'),
    spanDimensions,
  };
}
