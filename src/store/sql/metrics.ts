import type { Metric } from '../../entities/metric.ts';
import { validateMetricKey, validateMetricPoint } from '../../entities/validation.ts';
import type { LogRecord, MetricRecord } from '../log-record.ts';
import type { Delivery } from './delivery.ts';
import { requireModel } from './model-state.ts';
import { all, type Operation, type Row } from './operation.ts';
import { insertNew, upsert } from './statement.ts';

/**
 * Takes a point of a metric, which `writeMetrics` writes; the same point again is ignored.
 *
 * As MLflow stores it: NaN as 0 with a flag, the infinities as the largest finite numbers. The latest point is the one
 * with the greatest step, then time, then value.
 */
export function* logMetric(record: MetricRecord, delivery: Delivery): Operation<void> {
  const { modelId, runId } = record;
  checkPoint(record, delivery);
  yield* delivery.activeRun(runId);
  if (modelId !== undefined) yield* logModelMetric(record, modelId, delivery);
  addPoint(record, delivery);
}

/**
 * As `logMetric`, for a point of whose run this delivery knows already, without a generator for each; false for another.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for a point that MLflow does not take.
 */
export function takeMetric(record: LogRecord, delivery: Delivery): boolean {
  if (record.op !== 'metric' || record.modelId !== undefined || !delivery.knowsRun(record.runId)) return false;
  checkPoint(record, delivery);
  addPoint(record, delivery);
  return true;
}

function checkPoint({ key, value, timestamp, step }: MetricRecord, { validKeys }: Delivery): void {
  if (!validKeys.has(key)) {
    validateMetricKey(key);
    validKeys.add(key);
  }
  validateMetricPoint({ key, value: toNumber(value), timestamp, step });
}

function addPoint({ key, value, timestamp, runId, step }: MetricRecord, { metrics }: Delivery): void {
  const point: MetricRow = [key, toStored(value), timestamp, runId, step, Number.isNaN(toNumber(value)) ? 1 : 0];
  const name = `${runId} ${key}`;
  const series = metrics.get(name);
  if (series === undefined) {
    metrics.set(name, { points: [point], latest: point });
    return;
  }
  series.points.push(point);
  if (isLater(point, series.latest)) series.latest = point;
}

function toNumber(value: MetricRecord['value']): number {
  return typeof value === 'string' ? (WORDS[value] as number) : value;
}

function toStored(value: MetricRecord['value']): number {
  const number = toNumber(value);
  return Number.isNaN(number) ? 0 : Math.max(-LARGEST, Math.min(LARGEST, number));
}

/** MLflow keeps one value for a model, key, time, step and run, and no flag for NaN, which is 0 here. */
function* logModelMetric(
  { runId, key, value, timestamp, step, datasetName, datasetDigest }: MetricRecord,
  modelId: string,
  delivery: Delivery,
): Operation<void> {
  if (!delivery.models.has(modelId)) {
    yield* requireModel(modelId);
    delivery.models.add(modelId);
  }
  const experimentId = yield* delivery.activeRun(runId);
  const dataset = [datasetName ?? null, datasetDigest ?? null];
  yield* all(INSERT_MODEL_METRIC, modelId, key, timestamp, step, toStored(value), experimentId, runId, ...dataset);
}

/**
 * Writes the points that a delivery holds, those of one metric together, as they lie in the tables; of each metric the
 * latest is written once more, however many points there were.
 */
export function* writeMetrics(delivery: Delivery): Operation<void> {
  const all = [...delivery.metrics.values()];
  delivery.metrics.clear();
  for (const { points } of all) for (const parameters of points) yield { sql: INSERT_METRIC, parameters };
  for (const { latest } of all) yield { sql: UPSERT_LATEST, parameters: latest };
}

/** Points of one metric of one run, in the order of logging, and the latest of them. */
export interface MetricSeries {
  readonly points: MetricRow[];
  latest: MetricRow;
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
