import { AutologError } from '../../../errors.ts';
import { first, type Operation } from '../operation.ts';
import { readOwnVersion } from './own-schema.ts';
import { readTables, type TableColumns } from './read-tables.ts';
import { OLDER_REVISIONS, REVISION } from './revisions.ts';
import type { SchemaTarget } from './schema-target.ts';
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
  /** Costs of spans are rows of `span_metrics`. */
  readonly spanMetrics: boolean;
  /** `assessments` has columns for statistics. */
  readonly assessmentColumns: boolean;
  /** Tables of newer databases that name experiments or traces without a foreign key. */
  readonly looseTables: readonly string[];
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
export function* inspectSchema(target: SchemaTarget): Operation<SchemaShape | null> {
  const tables = yield* readTables();
  if ([...tables.keys()].every(isOwn)) return null;
  if ((yield* readOwnVersion(target)) === 0) return null;
  if (!['experiments', 'runs', 'metrics', 'alembic_version'].every((table) => tables.has(table))) {
    throw new AutologError(
      'INVALID_PARAMETER_VALUE',
      `Cannot use the database '${target.name}': it holds other tables and is no MLflow database; choose another ${kindOf(target)}.`,
    );
  }
  const flaw = findFlaw(tables);
  if (flaw) throw yield* refusal(target, flaw);
  return toShape(tables);
}

function isOwn(table: string): boolean {
  return table.startsWith('autolog_');
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

function* refusal(target: SchemaTarget, flaw: string): Operation<AutologError> {
  const revision = yield* readRevision();
  if (revision === null || OLDER_REVISIONS.has(revision)) {
    return new AutologError(
      'INVALID_STATE',
      `Detected out-of-date database schema in '${target.name}' (found version ${revision ?? 'None'}, but expected ${REVISION} or newer): it ${flaw}; take a backup, then run \`mlflow db upgrade ${toUri(target)}\`.`,
    );
  }
  return new AutologError(
    'INVALID_STATE',
    `Cannot use the database '${target.name}': it is a newer MLflow's (revision ${revision}) and ${flaw}; upgrade autolog or choose another ${kindOf(target)}.`,
  );
}

/** Revision that MLflow has stamped a database with; null where it has not. */
export function* readRevision(): Operation<string | null> {
  return toText((yield* first('SELECT version_num FROM alembic_version'))?.version_num);
}

/** Tracking URI of a database, as commands take it, without secrets. */
export function toUri({ dialect, name }: SchemaTarget): string {
  return dialect === 'sqlite' ? `sqlite:///${name.replaceAll('\\', '/')}` : name;
}

function toText(value: unknown): string | null {
  return value === undefined || value === null ? null : String(value);
}

function kindOf({ dialect }: SchemaTarget): string {
  return dialect === 'sqlite' ? 'file' : 'database';
}

const LOOSE_TABLES = [
  'sql_trace_rollup_rebuild_queue',
  'sql_trace_metric_daily_rollups',
  'sql_span_cost_daily_rollups',
  'sql_assessment_daily_rollups',
  'review_queue_items',
];

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
    spanMetrics: !moved && tables.has('span_metrics'),
    assessmentColumns: has('assessments', 'aggregate_value'),
    looseTables: LOOSE_TABLES.filter((table) => tables.has(table)),
  };
}
