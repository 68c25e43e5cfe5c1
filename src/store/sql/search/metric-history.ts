import type { Metric } from '../../../entities/metric.ts';
import type { Page } from '../../../entities/page.ts';
import { invalidParameter } from '../../../errors.ts';
import type { MetricHistoryOptions } from '../../run-store.ts';
import type { DialectName } from '../dialect.ts';
import { toMetric } from '../metrics.ts';
import { all, first, type Operation } from '../operation.ts';
import { requireRun } from '../run-state.ts';
import type { SortColumn } from './order.ts';
import { readPage } from './read-page.ts';
import { SEARCH_DIALECTS, type SearchDialect } from './search-dialect.ts';
import { and, raw, type SqlText, sql } from './sql-text.ts';

/**
 * Reads the points of a metric, by timestamp, then step, then value.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST for an unknown run.
 */
export function* getMetricHistory(
  runId: string,
  key: string,
  options: MetricHistoryOptions,
  name: DialectName,
): Operation<Page<Metric>> {
  const { maxResults, pageToken } = options;
  const dialect = SEARCH_DIALECTS[name];
  yield* requireRun(runId);
  if (maxResults === undefined && !pageToken) {
    const rows = yield* all(SELECT_ALL, runId, key);
    return { items: rows.filter((row) => row.key === key).map(toMetric), nextPageToken: null };
  }
  const isOfRun = yield* seriesOf(runId, Boolean(pageToken) && dialect.isToldPlans);
  const { rows, nextPageToken } = yield* readPage(
    {
      columns: toOrder(name),
      maxResults: checkMaxResults(maxResults),
      pageToken,
      request: ['history', runId, key],
      dialect,
    },
    (part) =>
      sql`SELECT ${raw(POINT)}, ${part.selection} FROM metrics AS p WHERE ${and([isOfRun, isKey(key, dialect), ...part.conditions])} ORDER BY ${part.order} ${part.limit}`,
  );
  return { items: rows.map(toMetric), nextPageToken };
}

/** Holds for rows of a metric. */
export function isKey(key: string, dialect: SearchDialect): SqlText {
  return dialect.equals(raw('p."key"'), key);
}

/** So many points are read and sorted for a page sooner than those of all runs are walked in order. */
const LONG = 100_000;

const POINT = 'p."key" AS "key", p.value AS value, p.timestamp AS timestamp, p.step AS step, p.is_nan AS is_nan';
const SELECT_ALL = `SELECT ${POINT} FROM metrics AS p WHERE p.run_uuid = ? AND p."key" = ?
 ORDER BY p.timestamp, p.step, p.value, p.is_nan`;
const SELECT_LENGTH = `SELECT COUNT(*) AS points FROM (SELECT 1 FROM metrics WHERE run_uuid = ? LIMIT ${LONG})`;

function toOrder(name: DialectName): readonly SortColumn[] {
  const isNan = name === 'postgresql' ? 'CAST(p.is_nan AS INTEGER)' : 'p.is_nan';
  return ['p.timestamp', 'p.step', 'p.value', isNan].map((expression) => ({
    expression: raw(expression),
    kind: 'number',
    isAscending: true,
    nulls: 'none',
  }));
}

/**
 * Holds for rows of a run. The `+` keeps SQLite from searching them by it: the table's key has a metric's points in
 * order, of all runs at that time, and a later page of a long series begins where the page before has ended.
 */
function* seriesOf(runId: string, isLaterPage: boolean): Operation<SqlText> {
  const length = isLaterPage ? Number((yield* first(SELECT_LENGTH, runId))?.points) : 0;
  return length < LONG ? sql`p.run_uuid = ${runId}` : sql`+p.run_uuid = ${runId}`;
}

function checkMaxResults(maxResults: number | undefined): number {
  if (maxResults === undefined) return 25_000;
  if (Number.isSafeInteger(maxResults) && maxResults > 0) return maxResults;
  throw invalidParameter(`Cannot read ${maxResults} points of a metric: maxResults must be a positive integer.`);
}
