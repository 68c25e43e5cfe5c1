import { TraceKey } from '../../../entities/trace-keys.ts';
import { invalidParameter } from '../../../errors.ts';
import type { SortKey, TraceEntity } from '../../search/clause.ts';
import type { SchemaShape } from '../schema/verify.ts';
import type { SortColumn } from './order.ts';
import type { SearchDialect } from './search-dialect.ts';
import { join, raw, type SqlText, sql } from './sql-text.ts';

/** One thing that traces are sorted by; a tag or metadata is a row of a table of its own. */
export interface TraceSortColumn extends SortColumn {
  readonly row?: { readonly table: string; readonly key: string; readonly alias: string };
}

/** The time at which a trace ended; where it goes on, at which it began. */
export const TRACE_END = '(t.timestamp_ms + COALESCE(t.execution_time_ms, 0))';

/** Makes the order complete: the latest traces come first, ids tell equals apart. */
export function toTraceOrder(
  keys: readonly SortKey<TraceEntity>[],
  shape: SchemaShape,
): readonly TraceSortColumn[] {
  const columns = keys.map((key, index) => toColumn(key, index, shape));
  const has = (name: string) => keys.some(({ entity, key }) => entity === 'attribute' && key === name);
  if (!has('timestamp_ms')) columns.push({ ...attribute('timestamp_ms'), isAscending: false });
  if (!has('request_id')) columns.push({ ...attribute('request_id'), isAscending: true });
  return columns;
}

/** Joins the tags and metadata that traces are sorted by. */
export function sortedTraceRows(columns: readonly TraceSortColumn[], dialect: SearchDialect): SqlText {
  const rows = columns.flatMap(({ row }) => row ?? []);
  const joins = rows.map(({ table, key, alias }) => {
    const isKey = dialect.equals(raw(`${alias}."key"`), key);
    return sql` LEFT JOIN ${raw(`${table} AS ${alias}`)} ON ${raw(`${alias}.request_id = t.request_id`)} AND ${isKey}`;
  });
  return join(joins, '');
}

/** The column that a newer database has for a tag or metadata. */
export function promotedColumn(entity: TraceEntity, key: string, shape: SchemaShape): SqlText | undefined {
  if (shape.traceRows) return undefined;
  if (entity === 'tag' && key === TraceKey.name) return raw('t.trace_name');
  return entity === 'metadata' && key === TraceKey.session ? raw('t.session_id') : undefined;
}

/** Names of a trace's numbers that are no text, in the order. */
const NUMBERS: Readonly<Record<string, string>> = {
  timestamp_ms: 't.timestamp_ms',
  execution_time_ms: 't.execution_time_ms',
  end_time_ms: TRACE_END,
  experiment_id: 't.experiment_id',
};

function toColumn(
  { entity, key, isAscending }: SortKey<TraceEntity>,
  index: number,
  shape: SchemaShape,
): TraceSortColumn {
  if (entity === 'attribute') return { ...attribute(key), isAscending };
  if (entity === 'metadata' && (key === TraceKey.usage || key === TraceKey.cost)) {
    throw invalidParameter(
      `Cannot search traces: they are not sorted by the metadata '${key}'; take another key.`,
    );
  }
  const promoted = promotedColumn(entity, key, shape);
  if (promoted) return { expression: promoted, kind: 'text', isAscending, nulls: 'last' };
  const table = entity === 'tag' ? 'trace_tags' : 'trace_request_metadata';
  const alias = `s${index}`;
  const expression = raw(`${alias}.value`);
  return { expression, kind: 'text', isAscending, nulls: 'last', row: { table, key, alias } };
}

function attribute(key: string): Omit<SortColumn, 'isAscending'> {
  const number = NUMBERS[key];
  const nulls = key === 'execution_time_ms' ? 'last' : 'none';
  const kind = number !== undefined ? 'number' : key === 'request_id' ? 'id' : 'text';
  return { expression: raw(number ?? `t.${key}`), kind, nulls };
}
