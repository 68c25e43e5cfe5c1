import type { Metric } from '../../entities/metric.ts';
import { validateMetricKey, validateMetricPoint } from '../../entities/validation.ts';
import type { MetricRecord } from '../log-record.ts';
import type { Delivery } from './delivery.ts';
import { all, type Operation, type Row } from './operation.ts';
import { requireRun } from './run-state.ts';

/**
 * Adds a point to a metric; the same point again is ignored.
 *
 * As MLflow stores it: NaN as 0 with a flag, the infinities as the largest finite numbers. The latest point is the one
 * with the greatest step, then time, then value.
 */
export function* logMetric(record: MetricRecord, delivery: Delivery): Operation<void> {
  const { key, runId, timestamp, step } = record;
  const value = typeof record.value === 'string' ? (WORDS[record.value] as number) : record.value;
  if (!delivery.validKeys.has(key)) {
    validateMetricKey(key);
    delivery.validKeys.add(key);
  }
  validateMetricPoint({ key, value, timestamp, step });
  yield* delivery.activeRun(runId);
  const isNan = Number.isNaN(value) ? 1 : 0;
  const stored = isNan ? 0 : Math.max(-LARGEST, Math.min(LARGEST, value));
  const point: MetricRow = [key, stored, timestamp, runId, step, isNan];
  yield { sql: INSERT_METRIC, parameters: point };
  const series = `${runId} ${key}`;
  const latest = delivery.latestMetrics.get(series);
  if (!latest || isLater(point, latest)) delivery.latestMetrics.set(series, point);
}

/** Writes the latest points of the metrics that a delivery has stored; one for each, however many points there were. */
export function* writeLatestMetrics(delivery: Delivery): Operation<void> {
  for (const parameters of delivery.latestMetrics.values()) yield { sql: UPSERT_LATEST, parameters };
  delivery.latestMetrics.clear();
}

/** Values of a row of metrics: key, value, timestamp, run id, step, whether it is NaN. */
export type MetricRow = readonly [string, number, number, string, number, 0 | 1];

/**
 * Reads every point of a metric, by step, then time.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST for an unknown run.
 */
export function* getMetricHistory(runId: string, key: string): Operation<readonly Metric[]> {
  yield* requireRun(runId);
  return (yield* all(SELECT_HISTORY, runId, key)).map(toMetric);
}

/** A row of metrics as a point; the largest finite numbers, which MLflow stores for the infinities, as these. */
export function toMetric(row: Row): Metric {
  return {
    key: String(row.key),
    value: row.is_nan ? Number.NaN : toInfinity(Number(row.value)),
    timestamp: Number(row.timestamp),
    step: Number(row.step),
  };
}

/** Turns the largest finite numbers into the infinities that they are stored for. */
export function toInfinity(value: number): number {
  return Math.abs(value) === LARGEST ? value * 2 : value;
}

const LARGEST = Number.MAX_VALUE;
const WORDS: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};
const INSERT_METRIC = `INSERT INTO metrics ("key", value, timestamp, run_uuid, step, is_nan) VALUES (?, ?, ?, ?, ?, ?)
 ON CONFLICT DO NOTHING`;
const UPSERT_LATEST = `INSERT INTO latest_metrics ("key", value, timestamp, run_uuid, step, is_nan)
 VALUES (?, ?, ?, ?, ?, ?)
 ON CONFLICT ("key", run_uuid) DO UPDATE SET
   value = excluded.value, timestamp = excluded.timestamp, step = excluded.step, is_nan = excluded.is_nan
 WHERE (excluded.step, excluded.timestamp, excluded.value) > (step, timestamp, value)`;
const SELECT_HISTORY = `SELECT "key", value, timestamp, step, is_nan FROM metrics
 WHERE run_uuid = ? AND "key" = ? ORDER BY step, timestamp, value`;

function isLater(a: MetricRow, b: MetricRow): boolean {
  return a[4] !== b[4] ? a[4] > b[4] : a[2] !== b[2] ? a[2] > b[2] : a[1] > b[1];
}
