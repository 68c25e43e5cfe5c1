import type { Metric } from '../../entities/metric.ts';
import { validateMetricKey, validateMetricPoint } from '../../entities/validation.ts';
import type { MetricRecord } from '../log-record.ts';
import type { Delivery } from './delivery.ts';
import { requireModel } from './model-state.ts';
import { all, type Operation, type Row } from './operation.ts';
import { insertNew, upsert } from './statement.ts';

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
  if (record.modelId !== undefined) yield* logModelMetric(record, record.modelId, stored, delivery);
  const point: MetricRow = [key, stored, timestamp, runId, step, isNan];
  yield { sql: INSERT_METRIC, parameters: point };
  const series = `${runId} ${key}`;
  const latest = delivery.latestMetrics.get(series);
  if (!latest || isLater(point, latest)) delivery.latestMetrics.set(series, point);
}

/** MLflow keeps one value for a model, key, time, step and run, and no flag for NaN, which is 0 here. */
function* logModelMetric(
  { runId, key, timestamp, step, datasetName, datasetDigest }: MetricRecord,
  modelId: string,
  stored: number,
  delivery: Delivery,
): Operation<void> {
  if (!delivery.models.has(modelId)) {
    yield* requireModel(modelId);
    delivery.models.add(modelId);
  }
  const experimentId = yield* delivery.activeRun(runId);
  const dataset = [datasetName ?? null, datasetDigest ?? null];
  yield* all(INSERT_MODEL_METRIC, modelId, key, timestamp, step, stored, experimentId, runId, ...dataset);
}

/** Writes the latest points of the metrics that a delivery has stored; one for each, however many points there were. */
export function* writeLatestMetrics(delivery: Delivery): Operation<void> {
  for (const parameters of delivery.latestMetrics.values()) yield { sql: UPSERT_LATEST, parameters };
  delivery.latestMetrics.clear();
}

/** Values of a row of metrics: key, value, timestamp, run id, step, whether it is NaN. */
export type MetricRow = readonly [string, number, number, string, number, 0 | 1];

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
const COLUMNS = ['key', 'value', 'timestamp', 'run_uuid', 'step', 'is_nan'];
const INSERT_METRIC = insertNew('metrics', COLUMNS, COLUMNS);
const UPSERT_LATEST = upsert('latest_metrics', COLUMNS, {
  key: ['key', 'run_uuid'],
  ifGreater: ['step', 'timestamp', 'value'],
});
const INSERT_MODEL_METRIC = insertNew(
  'logged_model_metrics',
  [
    'model_id',
    'metric_name',
    'metric_timestamp_ms',
    'metric_step',
    'metric_value',
    'experiment_id',
    'run_id',
    'dataset_name',
    'dataset_digest',
  ],
  ['model_id', 'metric_name', 'metric_timestamp_ms', 'metric_step', 'run_id'],
);

function isLater(a: MetricRow, b: MetricRow): boolean {
  return a[4] !== b[4] ? a[4] > b[4] : a[2] !== b[2] ? a[2] > b[2] : a[1] > b[1];
}
