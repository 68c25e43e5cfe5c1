import type { LoggedModel, LoggedModelStatus } from '../../entities/logged-model.ts';
import { validateExperimentId, validateLoggedModelName } from '../../entities/validation.ts';
import { AutologError, invalidParameter } from '../../errors.ts';
import type { CreateModelRecord, FinalizeModelRecord } from '../log-record.ts';
import { appendToLocation } from './artifact-location.ts';
import { newId } from './datasets.ts';
import type { Delivery } from './delivery.ts';
import { getExperiment } from './experiments.ts';
import { toInfinity, writeLatestMetrics } from './metrics.ts';
import { all, allOf, first, type Operation, type Row, type Rows } from './operation.ts';
import { groupRows, newestFirst } from './rows.ts';

/** Begins a logged model in the experiment of its run; the run's params become the model's too. */
export function* createModel(record: CreateModelRecord, delivery: Delivery): Operation<void> {
  const { modelId, runId, name, modelType, creationTime: time } = record;
  validateLoggedModelName(name);
  const experimentId = yield* delivery.activeRun(runId);
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
  yield* all(COPY_RUN_PARAMS, modelId, experimentId, runId);
  for (const [key, value] of Object.entries(record.tags))
    yield* all(INSERT_TAG, modelId, experimentId, key, value);
}

/** Ends a model's upload; READY also makes it an output of its run and copies the run's latest metrics to it. */
export function* finalizeModel(record: FinalizeModelRecord, delivery: Delivery): Operation<void> {
  const { modelId, step, time } = record;
  const status = STATUS_NUMBERS[record.status];
  if (!status)
    throw invalidParameter(`Cannot set the model ${modelId} to ${record.status}: take READY or UPLOAD_FAILED.`);
  const model = yield* first(SELECT_RUN_OF_MODEL, modelId);
  if (!model) throw unknownModel(modelId);
  yield* all(
    'UPDATE logged_models SET status = ?, last_updated_timestamp_ms = ? WHERE model_id = ?',
    status,
    time,
    modelId,
  );
  if (record.status !== 'READY' || model.source_run_id === null) return;
  yield* all(INSERT_OUTPUT, newId(), model.source_run_id as string, modelId, step);
  yield* writeLatestMetrics(delivery);
  yield* all(COPY_RUN_METRICS, modelId, model.experiment_id as number, model.source_run_id as string);
}

/**
 * Reads a logged model that is not deleted.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST.
 */
export function* getLoggedModel(modelId: string): Operation<LoggedModel> {
  const rows = yield* all(`${SELECT_MODEL} WHERE lifecycle_stage <> 'deleted' AND model_id = ?`, modelId);
  const [model] = yield* toModels(rows);
  if (!model) throw unknownModel(modelId);
  return model;
}

/** Lists the logged models of experiments that are not deleted, newest first. */
export function* listLoggedModels(
  experimentIds: readonly string[],
  maxResults: number,
): Operation<readonly LoggedModel[]> {
  for (const id of experimentIds) validateExperimentId(id);
  const rows = yield* allOf(
    `${SELECT_MODEL} WHERE lifecycle_stage <> 'deleted' AND experiment_id IN (?)
     ORDER BY creation_timestamp_ms DESC, model_id LIMIT ${maxResults}`,
    [...new Set(experimentIds)].map(Number),
  );
  return yield* toModels(newestFirst(rows, 'creation_timestamp_ms').slice(0, maxResults));
}

const STATUS_NUMBERS: Readonly<Record<LoggedModelStatus, number>> = { PENDING: 1, READY: 2, UPLOAD_FAILED: 3 };
const STATUSES: Readonly<Record<number, LoggedModelStatus>> = { 2: 'READY', 3: 'UPLOAD_FAILED' };

const SELECT_RUN_OF_MODEL = 'SELECT experiment_id, source_run_id FROM logged_models WHERE model_id = ?';
const INSERT_MODEL = `INSERT INTO logged_models (model_id, experiment_id, name, artifact_location, creation_timestamp_ms,
 last_updated_timestamp_ms, status, lifecycle_stage, model_type, source_run_id)
 VALUES (?, ?, ?, ?, ?, ?, ?, 'active', ?, ?)`;
const INSERT_PARAM = `INSERT INTO logged_model_params (model_id, experiment_id, param_key, param_value)
 VALUES (?, ?, ?, ?)`;
const COPY_RUN_PARAMS = `INSERT INTO logged_model_params (model_id, experiment_id, param_key, param_value)
 SELECT ?, ?, "key", value FROM params WHERE run_uuid = ?
 ON CONFLICT (model_id, param_key) DO UPDATE SET param_value = excluded.param_value`;
const INSERT_TAG =
  'INSERT INTO logged_model_tags (model_id, experiment_id, tag_key, tag_value) VALUES (?, ?, ?, ?)';
const INSERT_OUTPUT = `INSERT INTO inputs (input_uuid, source_type, source_id, destination_type, destination_id, step)
 VALUES (?, 'RUN_OUTPUT', ?, 'MODEL_OUTPUT', ?, ?) ON CONFLICT DO NOTHING`;
const COPY_RUN_METRICS = `INSERT INTO logged_model_metrics (model_id, metric_name, metric_timestamp_ms, metric_step,
 metric_value, experiment_id, run_id)
 SELECT ?, "key", timestamp, step, value, ?, run_uuid FROM latest_metrics WHERE run_uuid = ? ON CONFLICT DO NOTHING`;
const SELECT_MODEL = `SELECT model_id, experiment_id, name, artifact_location, creation_timestamp_ms,
 last_updated_timestamp_ms, status, lifecycle_stage, model_type, source_run_id FROM logged_models`;
const SELECT_PARAMS = `SELECT model_id, param_key, param_value FROM logged_model_params
 WHERE model_id IN (?) ORDER BY param_key`;
const SELECT_TAGS =
  'SELECT model_id, tag_key, tag_value FROM logged_model_tags WHERE model_id IN (?) ORDER BY tag_key';
const SELECT_METRICS = `SELECT model_id, metric_name, metric_value, metric_timestamp_ms, metric_step
 FROM logged_model_metrics WHERE model_id IN (?) ORDER BY metric_name, metric_step, metric_timestamp_ms`;

function unknownModel(modelId: string): AutologError {
  return new AutologError(
    'RESOURCE_DOES_NOT_EXIST',
    `Logged model with ID '${modelId}' not found; see its id and the tracking URI.`,
  );
}

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
    })),
  };
}
