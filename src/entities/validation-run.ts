import { invalidParameter } from '../errors.ts';
import type { Metric } from './metric.ts';
import { validateMetricKey, validateParamKey, validateTagKey } from './validation-key.ts';
import { limitValue, showValue } from './validation-text.ts';

const MAX_PARAM_VALUE = 6000;
const MAX_TAG_VALUE = 8000;
const MAX_BATCH = { metrics: 1000, params: 100, tags: 100, together: 1000 };
const RUN_ID = /^[a-zA-Z0-9][\p{L}\p{N}_-]{0,255}$/u;

/** What one call logs at once. */
interface Batch {
  readonly metrics: readonly unknown[];
  readonly params: readonly { readonly key: string }[];
  readonly tags: readonly unknown[];
}

/**
 * Checks a param and returns the value to store: cut to 6000 characters, unless MLFLOW_TRUNCATE_LONG_VALUES is false.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE.
 */
export function validateParam(key: string, value: string): string {
  validateParamKey(key);
  return limitValue(`param '${key}'`, value, MAX_PARAM_VALUE);
}

/**
 * Checks a tag and returns the value to store: cut to 8000 characters, unless MLFLOW_TRUNCATE_LONG_VALUES is false.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE.
 */
export function validateTag(key: string, value: string): string {
  validateTagKey(key);
  return limitValue(`tag '${key}'`, value, MAX_TAG_VALUE);
}

/**
 * Checks a point of a metric: any number, NaN and the infinities too.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE.
 */
export function validateMetric(metric: Metric): void {
  validateMetricKey(metric.key);
  validateMetricPoint(metric);
}

/**
 * Checks a point of a metric whose key is known to be well.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE.
 */
export function validateMetricPoint({ key, value, timestamp, step }: Metric): void {
  if (typeof value !== 'number') {
    throw invalidParameter(
      `Cannot log the metric '${key}': its value ${showValue(value)} is no number; pass a number.`,
    );
  }
  if (!Number.isSafeInteger(step)) {
    throw invalidParameter(
      `Cannot log the metric '${key}': its step ${showValue(step)} is no integer; pass an integer.`,
    );
  }
  if (!Number.isSafeInteger(timestamp) || timestamp < 0) {
    throw invalidParameter(
      `Cannot log the metric '${key}': its timestamp ${showValue(timestamp)} is no time; pass whole milliseconds since 1970.`,
    );
  }
}

/**
 * Checks how much one call logs at once, by the limits of MLflow's server: 1000 metrics, 100 params, 100 tags, and 1000
 * of all; no key of a param twice, be it with the same value.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE.
 */
export function validateBatch(batch: Batch): void {
  const { metrics, params, tags } = batch;
  checkCount('metrics', metrics.length, MAX_BATCH.metrics);
  checkCount('params', params.length, MAX_BATCH.params);
  checkCount('tags', tags.length, MAX_BATCH.tags);
  checkCount('metrics, params and tags', metrics.length + params.length + tags.length, MAX_BATCH.together);
  validateParamKeysUnique(params);
}

/**
 * Checks that no param is there twice.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE.
 */
export function validateParamKeysUnique(params: readonly { readonly key: string }[]): void {
  const seen = new Set<string>();
  const twice = params.find(({ key }) => seen.size === seen.add(key).size);
  if (twice === undefined) return;
  throw invalidParameter(
    `Cannot log a batch: the param ${showValue(twice.key)} is there more than once; give one value for each key.`,
  );
}

/**
 * Checks the id of a run.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE.
 */
export function validateRunId(runId: string): void {
  if (typeof runId === 'string' && RUN_ID.test(runId)) return;
  throw invalidParameter(`Invalid run ID ${showValue(runId)}: give 1 to 256 letters, digits, '_' or '-'.`);
}

/**
 * Checks a time that is stored of a run.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE.
 */
export function validateTime(what: string, time: number): void {
  if (Number.isSafeInteger(time) && time >= 0) return;
  throw invalidParameter(
    `Cannot set the ${what} of a run: ${showValue(time)} is no time; pass whole milliseconds since 1970.`,
  );
}

function checkCount(what: string, count: number, limit: number): void {
  if (count <= limit) return;
  throw invalidParameter(
    `Cannot log a batch: it can contain at most ${limit} ${what}, and has ${count}; split it up.`,
  );
}
