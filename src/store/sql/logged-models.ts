import type { LoggedModel, LoggedModelStatus } from '../../entities/logged-model.ts';
import { validateLoggedModelName } from '../../entities/validation.ts';
import { AutologError, invalidParameter } from '../../errors.ts';
import type { CreateModelRecord, FinalizeModelRecord } from '../log-record.ts';
import { appendToLocation } from './artifact-location.ts';
import type { Delivery } from './delivery.ts';
import { getExperiment } from './experiments.ts';
import { toInfinity, writeMetrics } from './metrics.ts';
import { linkModelOutput } from './model-links.ts';
import { requireModel, unknownModel } from './model-state.ts';
import { all, allOf, first, type Operation, type Row, type Rows, type SqlValue } from './operation.ts';
import { groupRows, inOrderOf } from './rows.ts';
import { insertNew, upsert } from './statement.ts';

/** Begins a logged model in the experiment of its run; the run's params become the model's too. */
export function* createModel(record: CreateModelRecord, delivery: Delivery): Operation<void> {
  const { modelId, runId, name, modelType, creationTime: time } = record;
  validateLoggedModelName(name);
  const experimentId = yield* experimentOf(record, delivery);
  if (yield* first(SELECT_RUN_OF_MODEL, modelId)) {
    throw new AutologError(
      'RESOURCE_ALREADY_EXISTS',
      `Cannot begin the model ${modelId}: it exists; take another id.`,
    );
  }
  const experiment = yield* getExperiment(String(experimentId));
  const location = appendToLocation(experiment.artifactLocation, 'models', modelId, 'artifacts');
  yield* all(
    INSERT_MODEL,
    modelId,
    experimentId,
    name,
    location,
    time,
    time,
    STATUS_NUMBERS.PENDING,
    modelType,
    runId,
  );
  for (const [key, value] of Object.entries(record.params))
    yield* all(INSERT_PARAM, modelId, experimentId, key, value);
  if (runId !== null) {
    for (const { key, value } of yield* all(SELECT_RUN_PARAMS, runId))
      yield* all(UPSERT_PARAM, modelId, experimentId, key as string, value as string);
  }
  for (const [key, value] of Object.entries(record.tags))
    yield* all(INSERT_TAG, modelId, experimentId, key, value);
}

function* experimentOf({ runId, experiment }: CreateModelRecord, delivery: Delivery): Operation<number> {
  if (runId !== null) return yield* delivery.activeRun(runId);
  return Number((yield* delivery.experiment(experiment ?? { id: '0' })).experimentId);
}

/** Ends a model's upload; READY also makes it an output of its run and copies the run's latest metrics to it. */
export function* finalizeModel(record: FinalizeModelRecord, delivery: Delivery): Operation<void> {
  const { modelId, step, time } = record;
  const status = STATUS_NUMBERS[record.status];
  if (!status)
    throw invalidParameter(`Cannot set the model ${modelId} to ${record.status}: take READY or UPLOAD_FAILED.`);
  const model = yield* requireModel(modelId);
  yield* all(
    'UPDATE logged_models SET status = ?, last_updated_timestamp_ms = ? WHERE model_id = ?',
    status,
    time,
    modelId,
  );
  if (record.status !== 'READY' || model.source_run_id === null) return;
  yield* linkModelOutput(String(model.source_run_id), modelId, step);
  yield* writeMetrics(delivery);
  yield* copyRunMetrics(modelId, Number(model.experiment_id), String(model.source_run_id));
}

function* copyRunMetrics(modelId: string, experimentId: number, runId: string): Operation<void> {
  for (const { key, timestamp, step, value } of yield* all(SELECT_RUN_METRICS, runId)) {
    const point = [key, timestamp, step, value] as const;
    yield* all(INSERT_METRIC, modelId, ...(point as readonly SqlValue[]), experimentId, runId);
  }
}

/**
 * Reads a logged model; a deleted one only where that is allowed.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST.
 */
export function* getLoggedModel(modelId: string, allowDeleted = false): Operation<LoggedModel> {
  const [model] = yield* toModels(yield* all(`${SELECT_MODEL} WHERE model_id = ?`, modelId));
  if (!model || (model.lifecycleStage === 'deleted' && !allowDeleted)) throw unknownModel(modelId);
  return model;
}

/** Reads those of the logged models that are there, in the order asked for. */
export function* readLoggedModels(modelIds: readonly string[]): Operation<readonly LoggedModel[]> {
  const rows = yield* allOf(`${SELECT_MODEL} WHERE model_id IN (?)`, modelIds);
  return yield* toModels(inOrderOf(modelIds, rows, 'model_id'));
}

const STATUS_NUMBERS: Readonly<Record<LoggedModelStatus, number>> = { PENDING: 1, READY: 2, UPLOAD_FAILED: 3 };
const STATUSES: Readonly<Record<number, LoggedModelStatus>> = { 2: 'READY', 3: 'UPLOAD_FAILED' };

const SELECT_RUN_OF_MODEL = 'SELECT experiment_id, source_run_id FROM logged_models WHERE model_id = ?';
const INSERT_MODEL = `INSERT INTO logged_models (model_id, experiment_id, name, artifact_location, creation_timestamp_ms,
 last_updated_timestamp_ms, status, lifecycle_stage, model_type, source_run_id)
 VALUES (?, ?, ?, ?, ?, ?, ?, 'active', ?, ?)`;
const INSERT_PARAM = `INSERT INTO logged_model_params (model_id, experiment_id, param_key, param_value)
 VALUES (?, ?, ?, ?)`;
const SELECT_RUN_PARAMS = 'SELECT "key", value FROM params WHERE run_uuid = ?';
const UPSERT_PARAM = upsert('logged_model_params', ['model_id', 'experiment_id', 'param_key', 'param_value'], {
  key: ['model_id', 'param_key'],
});
const INSERT_TAG =
  'INSERT INTO logged_model_tags (model_id, experiment_id, tag_key, tag_value) VALUES (?, ?, ?, ?)';
const SELECT_RUN_METRICS = 'SELECT "key", timestamp, step, value FROM latest_metrics WHERE run_uuid = ?';
const INSERT_METRIC = insertNew(
  'logged_model_metrics',
  ['model_id', 'metric_name', 'metric_timestamp_ms', 'metric_step', 'metric_value', 'experiment_id', 'run_id'],
  ['model_id', 'metric_name', 'metric_timestamp_ms', 'metric_step', 'run_id'],
);
const SELECT_MODEL = `SELECT model_id, experiment_id, name, artifact_location, creation_timestamp_ms,
 last_updated_timestamp_ms, status, status_message, lifecycle_stage, model_type, source_run_id FROM logged_models`;
const SELECT_PARAMS = `SELECT model_id, param_key, param_value FROM logged_model_params
 WHERE model_id IN (?) ORDER BY param_key`;
const SELECT_TAGS =
  'SELECT model_id, tag_key, tag_value FROM logged_model_tags WHERE model_id IN (?) ORDER BY tag_key';
const SELECT_METRICS = `SELECT model_id, metric_name, metric_value, metric_timestamp_ms, metric_step, run_id,
 dataset_name, dataset_digest
 FROM logged_model_metrics WHERE model_id IN (?) ORDER BY metric_name, metric_step, metric_timestamp_ms, run_id`;

function* toModels(rows: Rows): Operation<readonly LoggedModel[]> {
  const ids = rows.map((row) => String(row.model_id));
  const params = groupRows(yield* allOf(SELECT_PARAMS, ids), 'model_id');
  const tags = groupRows(yield* allOf(SELECT_TAGS, ids), 'model_id');
  const metrics = groupRows(yield* allOf(SELECT_METRICS, ids), 'model_id');
  return rows.map((row) => {
    const id = String(row.model_id);
    return toModel(row, params.get(id) ?? [], tags.get(id) ?? [], metrics.get(id) ?? []);
  });
}

function toModel(row: Row, params: Rows, tags: Rows, metrics: Rows): LoggedModel {
  return {
    modelId: String(row.model_id),
    experimentId: String(row.experiment_id),
    name: String(row.name),
    artifactLocation: String(row.artifact_location),
    creationTime: Number(row.creation_timestamp_ms),
    lastUpdatedTime: Number(row.last_updated_timestamp_ms),
    status: STATUSES[Number(row.status)] ?? 'PENDING',
    statusMessage: row.status_message === null ? null : String(row.status_message),
    lifecycleStage: row.lifecycle_stage === 'deleted' ? 'deleted' : 'active',
    modelType: row.model_type === null ? null : String(row.model_type),
    sourceRunId: row.source_run_id === null ? null : String(row.source_run_id),
    params: Object.fromEntries(params.map((param) => [String(param.param_key), String(param.param_value)])),
    tags: Object.fromEntries(tags.map((tag) => [String(tag.tag_key), String(tag.tag_value)])),
    metrics: metrics.map((metric) => ({
      key: String(metric.metric_name),
      value: toInfinity(Number(metric.metric_value)),
      timestamp: Number(metric.metric_timestamp_ms),
      step: Number(metric.metric_step),
      modelId: String(row.model_id),
      runId: String(metric.run_id),
      ...(metric.dataset_name !== null && { datasetName: String(metric.dataset_name) }),
      ...(metric.dataset_digest !== null && { datasetDigest: String(metric.dataset_digest) }),
    })),
  };
}
