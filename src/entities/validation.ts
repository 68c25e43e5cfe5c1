import { invalidParameter } from '../errors.ts';
import type { DatasetInput } from './dataset.ts';
import type { Metric } from './metric.ts';

const MAX_KEY = 250;
const MAX_PARAM_VALUE = 6000;
const MAX_TAG_VALUE = 8000;
const MAX_EXPERIMENT_NAME = 500;
const MAX_EXPERIMENT_TAG_VALUE = 5000;

/**
 * Checks the key of a metric.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE. Source of all limits here: mlflow/utils/validation.py, read at 3.17.2.
 */
export function validateMetricKey(key: string): void {
  validateKey('metric', key);
}

/**
 * Checks the key of a param.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE.
 */
export function validateParamKey(key: string): void {
  validateKey('param', key);
}

/**
 * Checks the key of a tag.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE.
 */
export function validateTagKey(key: string): void {
  validateKey('tag', key);
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
 * Checks a tag of an experiment; its value is never cut.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE.
 */
export function validateExperimentTag(key: string, value: string): void {
  validateTagKey(key);
  checkLength(`Cannot set the experiment tag '${key}': its value`, value, MAX_EXPERIMENT_TAG_VALUE);
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
      `Cannot log the metric '${key}': its value ${show(value)} is no number; pass a number.`,
    );
  }
  if (!Number.isSafeInteger(step)) {
    throw invalidParameter(
      `Cannot log the metric '${key}': its step ${show(step)} is no integer; pass an integer.`,
    );
  }
  if (!Number.isSafeInteger(timestamp) || timestamp < 0) {
    throw invalidParameter(
      `Cannot log the metric '${key}': its timestamp ${show(timestamp)} is no time; pass whole milliseconds since 1970.`,
    );
  }
}

/**
 * Checks the name of an experiment.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE.
 */
export function validateExperimentName(name: string): void {
  if (typeof name !== 'string' || name === '') {
    throw invalidParameter(`Invalid experiment name: ${show(name)}; give a string that is not empty.`);
  }
  checkLength('Invalid experiment name: it', name, MAX_EXPERIMENT_NAME);
}

/**
 * Checks the id of an experiment: decimal digits.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE.
 */
export function validateExperimentId(experimentId: string): void {
  if (typeof experimentId === 'string' && /^\d{1,15}$/.test(experimentId)) return;
  throw invalidParameter(
    `Invalid experiment ID ${show(experimentId)}: it must be an integer, as a string of digits; look it up by name.`,
  );
}

/**
 * Checks the id of a run.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE.
 */
export function validateRunId(runId: string): void {
  if (typeof runId === 'string' && /^[a-zA-Z0-9][\w-]{0,255}$/.test(runId)) return;
  throw invalidParameter(`Invalid run ID ${show(runId)}: give 1 to 256 letters, digits, '_' or '-'.`);
}

/**
 * Checks a time that is stored of a run.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE.
 */
export function validateTime(what: string, time: number): void {
  if (Number.isSafeInteger(time) && time >= 0) return;
  throw invalidParameter(
    `Cannot set the ${what} of a run: ${show(time)} is no time; pass whole milliseconds since 1970.`,
  );
}

/**
 * Checks a dataset and its tags.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE.
 */
export function validateDatasetInput({ dataset, tags }: DatasetInput): void {
  for (const [field, limit, needed] of DATASET_FIELDS) {
    const value = dataset[field];
    if (value === null && !needed) continue;
    if (typeof value !== 'string') {
      throw invalidParameter(`Cannot log a dataset: its ${field} ${show(value)} is no string; pass a string.`);
    }
    checkLength(`Cannot log the dataset '${dataset.name}': its ${field}`, value, limit);
  }
  for (const [key, value] of Object.entries(tags)) {
    checkLength(`Cannot log the dataset '${dataset.name}': its tag's key`, key, 255);
    checkLength(`Cannot log the dataset '${dataset.name}': its tag '${key}'`, value, 500);
  }
}

/**
 * Checks the name of a logged model.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE.
 */
export function validateLoggedModelName(name: string): void {
  if (typeof name === 'string' && name !== '' && !/[/:.%"']/.test(name)) return;
  throw invalidParameter(
    `Invalid model name ${show(name)}: it must not be empty nor hold / : . % " or '; rename it.`,
  );
}

/** Cuts text to so many characters, never through one. */
export function cutText(text: string, limit: number): string {
  if (text.length <= limit) return text;
  if (!SURROGATE.test(text.slice(0, 2 * limit))) return text.slice(0, limit);
  return Array.from(text.slice(0, 2 * limit))
    .slice(0, limit)
    .join('');
}

const SURROGATE = /[\ud800-\udfff]/;

const DATASET_FIELDS = [
  ['name', 500, true],
  ['digest', 36, true],
  ['sourceType', 36, true],
  ['source', 65_535, true],
  ['schema', 1_048_575, false],
  ['profile', 16_777_215, false],
] as const;

const WINDOWS = process.platform === 'win32';
const KEY = WINDOWS ? /^[/\p{L}\p{N}_.\- ]+$/u : /^[/\p{L}\p{N}_.\- :]+$/u;

function validateKey(kind: string, key: string): void {
  if (typeof key !== 'string' || key === '') {
    throw invalidParameter(
      `Cannot log a ${kind}: its key ${show(key)} is no name; give a string that is not empty.`,
    );
  }
  if (!KEY.test(key)) {
    throw invalidParameter(
      `Cannot log the ${kind} ${show(key)}: keys may only contain letters, digits, _ - . / spaces${WINDOWS ? '' : ' and :'}; rename it.`,
    );
  }
  // MLflow treats keys as paths of files in places, so each must be its own normal form.
  if (key.startsWith('..') || key.split('/').some((part) => part === '' || part === '.' || part === '..')) {
    throw invalidParameter(
      `Cannot log the ${kind} ${show(key)}: as a path of files it would lead elsewhere; rename it without empty, '.' or '..' parts.`,
    );
  }
  checkLength(`Cannot log the ${kind} '${key.slice(0, 60)}…': its key`, key, MAX_KEY);
}

function limitValue(what: string, value: string, limit: number): string {
  if (typeof value !== 'string')
    throw invalidParameter(`Cannot log the ${what}: its value is no string; pass a string.`);
  if (value.length <= limit) return value.toWellFormed();
  const cut = cutText(value, limit);
  if (cut.length === value.length || truncatesLongValues()) return cut.toWellFormed();
  throw invalidParameter(
    `Cannot log the ${what}: its value exceeds the maximum length of ${limit} characters; shorten it or set MLFLOW_TRUNCATE_LONG_VALUES=true.`,
  );
}

function truncatesLongValues(): boolean {
  return !['false', '0'].includes(process.env.MLFLOW_TRUNCATE_LONG_VALUES?.toLowerCase() ?? 'true');
}

function checkLength(what: string, text: string, limit: number): void {
  if (typeof text !== 'string') throw invalidParameter(`${what} is no string; pass a string.`);
  if (text.length <= limit || cutText(text, limit).length === text.length) return;
  throw invalidParameter(`${what} exceeds the maximum length of ${limit} characters; shorten it.`);
}

function show(value: unknown): string {
  if (typeof value === 'string') return `'${value.slice(0, 300)}'`;
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
