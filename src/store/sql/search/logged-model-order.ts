import type { LoggedModelSortKey } from '../../search/clause.ts';
import type { SortColumn } from './order.ts';
import type { SearchDialect } from './search-dialect.ts';
import { and, join, raw, type SqlText, sql } from './sql-text.ts';

const TIMES: Readonly<Record<string, string>> = {
  creation_timestamp: 'creation_timestamp_ms',
  last_updated_timestamp: 'last_updated_timestamp_ms',
};
const NULLABLE = new Set(['model_type', 'source_run_id', 'status_message', 'lifecycle_stage']);

/** An attribute as filters compare it; a status is its name. */
export function modelColumn(
  key: string,
  dialect: SearchDialect,
): { readonly expression: SqlText; readonly kind: 'text' | 'number' } {
  if (key === 'status') return { expression: STATUS, kind: 'text' };
  if (key === 'experiment_id') return { expression: dialect.toText(raw('m.experiment_id')), kind: 'text' };
  const time = TIMES[key];
  return time === undefined
    ? { expression: raw(`m.${key}`), kind: 'text' }
    : { expression: raw(`m.${time}`), kind: 'number' };
}

/** Makes the order complete: the latest models come first, ids tell equals apart. */
export function toModelOrder(keys: readonly LoggedModelSortKey[]): readonly SortColumn[] {
  const columns = keys.map(({ entity, key, isAscending }, index): SortColumn => {
    if (entity === 'metric') {
      return { expression: raw(`s${index}.metric_value`), kind: 'number', isAscending, nulls: 'last' };
    }
    const isNumber = key in TIMES || key === 'status' || key === 'experiment_id';
    return {
      expression: raw(`m.${TIMES[key] ?? key}`),
      kind: isNumber ? 'number' : key === 'model_id' ? 'id' : 'text',
      isAscending,
      nulls: NULLABLE.has(key) ? 'last' : 'none',
    };
  });
  const has = (name: string) => keys.some(({ entity, key }) => entity === 'attribute' && key === name);
  if (!has('creation_timestamp')) columns.push({ ...CREATED, isAscending: false });
  if (!has('model_id')) columns.push({ ...ID, isAscending: true });
  return columns;
}

/** Joins the latest points of the metrics that models are sorted by. */
export function sortedMetrics(keys: readonly LoggedModelSortKey[], dialect: SearchDialect): SqlText {
  const joins = keys.map(({ entity, key, datasetName, datasetDigest }, index) => {
    if (entity !== 'metric') return raw('');
    const conditions = [dialect.equals(raw('metric_name'), key)];
    if (datasetName !== undefined) conditions.push(dialect.equals(raw('dataset_name'), datasetName));
    if (datasetDigest !== undefined) conditions.push(dialect.equals(raw('dataset_digest'), datasetDigest));
    const ranked = sql`SELECT model_id, metric_value, ROW_NUMBER() OVER (PARTITION BY model_id ORDER BY metric_timestamp_ms DESC, metric_step DESC, run_id ASC) AS place FROM logged_model_metrics WHERE ${and(conditions)}`;
    const alias = raw(`s${index}`);
    return sql` LEFT JOIN (${ranked}) AS ${alias} ON ${alias}.model_id = m.model_id AND ${alias}.place = 1`;
  });
  return join(joins, '');
}

const STATUS = raw(
  "CASE m.status WHEN 0 THEN 'UNSPECIFIED' WHEN 1 THEN 'PENDING' WHEN 2 THEN 'READY' WHEN 3 THEN 'UPLOAD_FAILED' ELSE '' END",
);
const CREATED = { expression: raw('m.creation_timestamp_ms'), kind: 'number', nulls: 'none' } as const;
const ID = { expression: raw('m.model_id'), kind: 'id', nulls: 'none' } as const;
