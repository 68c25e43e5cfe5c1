import type { Metric } from '../../../entities/metric.ts';
import { invalidParameter } from '../../../errors.ts';
import type { SampleMetricOptions } from '../../run-store.ts';
import type { DialectName } from '../dialect.ts';
import { toMetric } from '../metrics.ts';
import { first, type Operation, type Row } from '../operation.ts';
import { isKey } from './metric-history.ts';
import { SEARCH_DIALECTS, type SearchDialect } from './search-dialect.ts';
import { and, or, raw, type SqlText, sql, toQuery } from './sql-text.ts';

const MAX_RUNS = 100;
const MAX_POINTS = 2500;

/**
 * Reads points of a metric of several runs, evenly thinned out over the points of each: at most `maxResults` of a run,
 * the first and the last among them.
 *
 * Source: `get_metric_history_bulk_interval` of mlflow/store/tracking/sqlalchemy_store.py, read at 3.17.2.
 */
export function* sampleMetricHistory(
  runIds: readonly string[],
  key: string,
  options: SampleMetricOptions,
  name: DialectName,
): Operation<readonly Metric[]> {
  const { maxResults = MAX_POINTS, startStep, endStep } = options;
  checkOptions(runIds, options);
  const dialect = SEARCH_DIALECTS[name];
  const points: Metric[] = [];
  for (const runId of runIds) {
    const conditions = [sql`p.run_uuid = ${runId}`, isKey(key, dialect)];
    if (startStep !== undefined) conditions.push(sql`p.step >= ${startStep}`);
    if (endStep !== undefined) conditions.push(sql`p.step <= ${endStep}`);
    for (const row of yield* sample(conditions, maxResults, dialect)) points.push({ ...toMetric(row), runId });
  }
  return points;
}

function checkOptions(
  runIds: readonly string[],
  { maxResults = 1, startStep, endStep }: SampleMetricOptions,
): void {
  if (runIds.length > MAX_RUNS) {
    throw invalidParameter(
      `Cannot sample a metric of ${runIds.length} runs: ${MAX_RUNS} are the most; ask in parts.`,
    );
  }
  if (!Number.isSafeInteger(maxResults) || maxResults < 1 || maxResults > MAX_POINTS) {
    throw invalidParameter(
      `Cannot sample ${maxResults} points of a metric: pass an integer from 1 to ${MAX_POINTS}.`,
    );
  }
  if ((startStep === undefined) === (endStep === undefined)) return;
  throw invalidParameter('Cannot sample a metric between steps: pass both startStep and endStep, or neither.');
}

/** So many points are numbered one by one; of more, SQLite looks the wanted ones up. */
const MANY = 50_000;

function* sample(conditions: readonly SqlText[], size: number, dialect: SearchDialect): Operation<readonly Row[]> {
  const points = sql`FROM metrics AS p WHERE ${and(conditions)}`;
  const { sql: text, parameters } = toQuery(sql`SELECT COUNT(*) AS points ${points}`);
  const count = Number((yield* first(text, ...parameters))?.points ?? 0);
  if (count === 0) return [];
  if (count > MANY && dialect.isToldPlans) return yield* lookUp(points, count, size);
  return yield toQuery(numbered(points, count, size));
}

const POINT = 'p."key" AS "key", p.value AS value, p.timestamp AS timestamp, p.step AS step, p.is_nan AS is_nan';
const IN_ORDER = 'p.step, p.timestamp, p.value, p.is_nan';

/** Numbers the points in order and takes those at the wanted places. */
function numbered(points: SqlText, count: number, size: number): SqlText {
  const all = sql`SELECT ${raw(POINT)}, ROW_NUMBER() OVER (ORDER BY ${raw(IN_ORDER)}) - 1 AS place ${points}`;
  const taken = count <= size ? raw('1 = 1') : or(toPlaces(count, size).map(toTerm));
  return sql`SELECT * FROM (${all}) AS p WHERE ${taken} ORDER BY p.place`;
}

/** Places that follow one another at equal distances. */
interface Places {
  readonly first: number;
  readonly distance: number;
  readonly count: number;
}

/**
 * The first place of each of `size` equal parts, the earlier of which have one more where they cannot be equal; but for
 * the last part, whose last place counts.
 */
function toPlaces(count: number, size: number): readonly Places[] {
  const distance = Math.floor(count / size);
  const longer = count % size;
  const last = { first: count - 1, distance: 1, count: 1 };
  if (size === 1) return [last];
  return [
    { first: 0, distance: distance + 1, count: longer },
    { first: longer * (distance + 1), distance, count: size - longer - 1 },
    last,
  ];
}

function toTerm({ first: from, distance, count }: Places): SqlText {
  const to = from + distance * count;
  return raw(`p.place >= ${from} AND p.place < ${to} AND (p.place - ${from}) % ${distance} = 0`);
}

/**
 * Looks the wanted points up by their steps, where steps follow one another at one distance; where they do not, by the
 * numbers that an index gives them, which for points of one step are in the order in which they came.
 */
function* lookUp(points: SqlText, count: number, size: number): Operation<readonly Row[]> {
  const ends = sql`SELECT (SELECT MIN(p.step) ${points}) AS low, (SELECT MAX(p.step) ${points}) AS high`;
  const [row] = yield toQuery(ends);
  const low = Number(row?.low);
  const distance = (Number(row?.high) - low) / (count - 1);
  const places = toPlaces(count, size).flatMap(({ first: from, distance: by, count: many }) =>
    Array.from({ length: many }, (_, index) => from + by * index),
  );
  if (Number.isInteger(distance) && distance > 0) {
    return yield toQuery(
      bySteps(
        points,
        places.map((place) => low + place * distance),
      ),
    );
  }
  const numbers = sql`SELECT p.rowid AS id, ROW_NUMBER() OVER (ORDER BY p.step) - 1 AS place ${points}`;
  const taken = or(toPlaces(count, size).map(toTerm));
  const ids = sql`SELECT p.id FROM (${numbers}) AS p WHERE ${taken}`;
  return yield toQuery(
    sql`SELECT ${raw(POINT)} FROM metrics AS p WHERE p.rowid IN (${ids}) ORDER BY ${raw(IN_ORDER)}`,
  );
}

/** The first point at each of these steps or after it. */
function bySteps(points: SqlText, steps: readonly number[]): SqlText {
  const wanted = sql`SELECT value AS step FROM json_each(${JSON.stringify(steps)})`;
  const found = sql`SELECT p.rowid ${points} AND p.step >= w.step ORDER BY p.step LIMIT 1`;
  const ids = sql`SELECT (${found}) FROM (${wanted}) AS w`;
  return sql`SELECT ${raw(POINT)} FROM metrics AS p WHERE p.rowid IN (${ids}) ORDER BY ${raw(IN_ORDER)}`;
}
