import { nowMs } from '../../clock.ts';
import type { Dataset } from '../../entities/dataset.ts';
import type { ModelInput, ModelOutput } from '../../entities/run.ts';
import {
  validateDatasetInput,
  validateMetric,
  validateParam,
  validateParamKey,
  validateTag,
  validateTagKey,
} from '../../entities/validation.ts';
import { type AutologError, errorMessage, invalidParameter } from '../../errors.ts';
import type {
  InputRecord,
  MetricRecord,
  ModelInputRecord,
  ModelOutputRecord,
  ParamRecord,
  TagRecord,
} from '../../store/log-record.ts';
import { requireOptions } from '../check-argument.ts';
import { RUN_TAGS } from './run-tags.ts';

/** A dataset as a program names it: schema and profile may be left out. */
export type DatasetDescription = Omit<Dataset, 'schema' | 'profile'> &
  Partial<Pick<Dataset, 'schema' | 'profile'>>;

/** Where a point of a metric lies, and what it measures. */
export interface LogMetricOptions {
  /** @default 0 */
  readonly step?: number;
  /** Milliseconds since the Unix epoch. @default now */
  readonly timestamp?: number;
  /** Logged model that it measures. */
  readonly modelId?: string;
  /** Data that it was measured on. */
  readonly dataset?: DatasetDescription | Pick<Dataset, 'name' | 'digest'>;
}

/** What a dataset is to a run. */
export interface LogInputOptions {
  /** Its role, as "train" or "eval". */
  readonly context?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

/** @throws {AutologError} INVALID_PARAMETER_VALUE for a key over MLflow's limits, or a value without a text. */
export function toParamRecord(runId: string, key: string, value: unknown): ParamRecord {
  validateParamKey(key);
  return { op: 'param', runId, key, value: validateParam(key, toText(`param '${key}'`, value)) };
}

/** @throws {AutologError} INVALID_PARAMETER_VALUE for a key over MLflow's limits, or a value that is no number. */
export function toMetricRecord(
  runId: string,
  key: string,
  value: number,
  options: LogMetricOptions,
): MetricRecord {
  checkMetricOptions(options);
  const timestamp = options.timestamp ?? nowMs();
  const step = options.step ?? 0;
  validateMetric({ key, value, timestamp, step });
  const stored = Number.isFinite(value) ? value : (String(value) as 'NaN' | 'Infinity' | '-Infinity');
  const record: MetricRecord = { op: 'metric', runId, key, value: stored, timestamp, step };
  const { modelId, dataset } = options;
  if (modelId === undefined && dataset === undefined) return record;
  return { ...record, modelId, datasetName: dataset?.name, datasetDigest: dataset?.digest };
}

/** @throws {AutologError} INVALID_PARAMETER_VALUE for a key over MLflow's limits, or a value without a text. */
export function toTagRecord(runId: string, key: string, value: unknown): TagRecord {
  validateTagKey(key);
  return { op: 'tag', runId, key, value: validateTag(key, toText(`tag '${key}'`, value)) };
}

/** @throws {AutologError} INVALID_PARAMETER_VALUE for a key over MLflow's limits. */
export function toDeleteTagRecord(runId: string, key: string): TagRecord {
  validateTagKey(key);
  return { op: 'tag', runId, key, value: null };
}

/** @throws {AutologError} INVALID_PARAMETER_VALUE for a part that is over MLflow's limits. */
export function toInputRecord(
  runId: string,
  described: DatasetDescription,
  options: LogInputOptions,
): InputRecord {
  if (!isObject(described)) throw noObject('a dataset', described, '{ name, digest, sourceType, source, … }');
  requireOptions('Cannot log a dataset', options, "{ context: 'train' }");
  const dataset = { ...described, schema: described.schema ?? null, profile: described.profile ?? null };
  const { context, tags = {} } = options;
  const allTags = context === undefined ? { ...tags } : { ...tags, [RUN_TAGS.datasetContext]: context };
  validateDatasetInput({ dataset, tags: allTags });
  return { op: 'input', runId, dataset, tags: allTags };
}

/** @throws {AutologError} INVALID_PARAMETER_VALUE for what names no logged model. */
export function toModelInputRecord(runId: string, model: ModelInput): ModelInputRecord {
  return { op: 'modelInput', runId, modelId: requireModelId(model) };
}

/** @throws {AutologError} INVALID_PARAMETER_VALUE for what names no logged model, or a step that is no integer. */
export function toModelOutputRecord(
  runId: string,
  model: ModelInput & Partial<Pick<ModelOutput, 'step'>>,
): ModelOutputRecord {
  const modelId = requireModelId(model);
  const { step = 0 } = model;
  if (!Number.isSafeInteger(step))
    throw invalidParameter(`Cannot log the output ${modelId}: its step ${String(step)} is no integer; pass one.`);
  return { op: 'modelOutput', runId, modelId, step };
}

/** Gives each value its text; the store checks the rest. */
export function toTexts(what: string, values: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    toEntries(`${what}s`, values).map(([key, value]) => [key, toText(`${what} '${key}'`, value)]),
  );
}

/** Checks the tags of a run that begins, and gives each its text. */
export function toTags(tags: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    toEntries('tags', tags).map(([key, value]) => [key, validateTag(key, toText(`tag '${key}'`, value))]),
  );
}

/** @throws {AutologError} INVALID_PARAMETER_VALUE for what is no object of keys and values. */
export function toEntries<T>(what: string, values: Readonly<Record<string, T>>): [string, T][] {
  if (isObject(values)) return Object.entries(values);
  throw noObject(what, values, '{ key: value }');
}

/** @throws {AutologError} INVALID_PARAMETER_VALUE for a bare step, as Python's function takes it. */
export function checkMetricOptions(options: LogMetricOptions): void {
  if (!isObject(options)) throw noObject('a metric with these options', options, '{ step: 3 }');
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Map);
}

function requireModelId(model: ModelInput): string {
  if (isObject(model) && typeof model.modelId === 'string' && model.modelId !== '') return model.modelId;
  throw noObject('a model', model, "{ modelId: 'm-…' }");
}

function noObject(what: string, value: unknown, form: string): AutologError {
  const found = value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value;
  return invalidParameter(
    `Cannot log ${what}: expected an object as ${form}, found ${value instanceof Map ? 'a Map' : found}; pass one.`,
  );
}

/** Strings as they are, objects and arrays as JSON, all else as JavaScript prints it. */
function toText(what: string, value: unknown): string {
  try {
    return typeof value === 'object' && value !== null ? (JSON.stringify(value) ?? String(value)) : String(value);
  } catch (error) {
    throw invalidParameter(`Cannot log the ${what}: it has no text (${errorMessage(error)}); pass a string.`);
  }
}
