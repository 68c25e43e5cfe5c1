import { nowMs } from '../../clock.ts';
import type { Experiment, ExperimentRef, LifecycleStage } from '../../entities/experiment.ts';
import { validateExperimentId, validateExperimentName, validateExperimentTag } from '../../entities/validation.ts';
import { AutologError, invalidParameter } from '../../errors.ts';
import type { CreateExperimentOptions } from '../tracking-store.ts';
import { appendToLocation } from './artifact-location.ts';
import { all, allOf, first, type Operation, type Row, type Rows } from './operation.ts';

/**
 * Creates an experiment and returns its id.
 *
 * @throws {AutologError} RESOURCE_ALREADY_EXISTS for a name in use, also by a deleted experiment.
 */
export function* createExperiment(
  name: string,
  artifactRoot: string,
  options: CreateExperimentOptions = {},
): Operation<string> {
  validateExperimentName(name);
  const tags = Object.entries(options.tags ?? {});
  for (const [key, value] of tags) validateExperimentTag(key, value);
  const existing = yield* findExperimentByName(name);
  if (existing) {
    throw new AutologError(
      'RESOURCE_ALREADY_EXISTS',
      `Experiment(name=${name}) already exists${existing.lifecycleStage === 'deleted' ? ' in deleted state' : ''}; choose another name${existing.lifecycleStage === 'deleted' ? ' or restore it' : ''}.`,
    );
  }
  const id = String((yield* first(NEXT_ID))?.id);
  const location = options.artifactLocation ?? appendToLocation(artifactRoot, id);
  const now = nowMs();
  yield* all(INSERT_EXPERIMENT, Number(id), name, location, now, now);
  for (const [key, value] of tags) yield* all(UPSERT_TAG, key, value, Number(id));
  return id;
}

/**
 * Finds an experiment by id.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST.
 */
export function* getExperiment(experimentId: string): Operation<Experiment> {
  validateExperimentId(experimentId);
  const row = yield* first(`${SELECT_EXPERIMENT} WHERE experiment_id = ?`, Number(experimentId));
  if (!row) {
    throw new AutologError(
      'RESOURCE_DOES_NOT_EXIST',
      `No Experiment with id=${experimentId} exists; see its id and the tracking URI.`,
    );
  }
  return toExperiment(row, yield* readTags([Number(experimentId)]));
}

/** Finds an experiment by name, active or deleted. */
export function* findExperimentByName(name: string): Operation<Experiment | null> {
  const row = yield* first(`${SELECT_EXPERIMENT} WHERE name = ?`, name);
  return row ? toExperiment(row, yield* readTags([Number(row.experiment_id)])) : null;
}

/**
 * Finds the active experiment that a reference means; one that is named and missing is created.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST for an unknown id, INVALID_PARAMETER_VALUE for a deleted experiment.
 */
export function* resolveExperiment(ref: ExperimentRef, artifactRoot: string): Operation<Experiment> {
  if ('id' in ref) return checkActive(yield* getExperiment(ref.id));
  const found = yield* findExperimentByName(ref.name);
  if (found) return checkActive(found);
  return yield* getExperiment(yield* createExperiment(ref.name, artifactRoot));
}

/** Lists active experiments, newest first. */
export function* listExperiments(maxResults: number): Operation<readonly Experiment[]> {
  const rows = yield* all(
    `${SELECT_EXPERIMENT} WHERE lifecycle_stage = 'active' ORDER BY creation_time DESC, experiment_id DESC LIMIT ?`,
    maxResults,
  );
  const tags = yield* readTags(rows.map((row) => Number(row.experiment_id)));
  return rows.map((row) => toExperiment(row, tags));
}

/** Sets a tag of an active experiment. */
export function* setExperimentTag(experimentId: string, key: string, value: string): Operation<void> {
  validateExperimentTag(key, value);
  checkActive(yield* getExperiment(experimentId));
  yield* all(UPSERT_TAG, key, value, Number(experimentId));
}

/** Moves an experiment with all its runs to the bin, or takes them back. */
export function* setExperimentStage(experimentId: string, stage: LifecycleStage): Operation<void> {
  yield* getExperiment(experimentId);
  const now = nowMs();
  const id = Number(experimentId);
  yield* all(
    'UPDATE experiments SET lifecycle_stage = ?, last_update_time = ? WHERE experiment_id = ?',
    stage,
    now,
    id,
  );
  const deletedTime = stage === 'deleted' ? now : null;
  yield* all(
    'UPDATE runs SET lifecycle_stage = ?, deleted_time = ? WHERE experiment_id = ?',
    stage,
    deletedTime,
    id,
  );
}

const SELECT_EXPERIMENT = `SELECT experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time
 FROM experiments`;
const NEXT_ID = 'SELECT COALESCE(MAX(experiment_id), 0) + 1 AS id FROM experiments';
const INSERT_EXPERIMENT = `INSERT INTO experiments
 (experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time)
 VALUES (?, ?, ?, 'active', ?, ?)`;
const UPSERT_TAG = `INSERT INTO experiment_tags ("key", value, experiment_id) VALUES (?, ?, ?)
 ON CONFLICT ("key", experiment_id) DO UPDATE SET value = excluded.value`;
const SELECT_TAGS = 'SELECT experiment_id, "key", value FROM experiment_tags WHERE experiment_id IN (?)';

function* readTags(ids: readonly number[]): Operation<Rows> {
  return yield* allOf(SELECT_TAGS, ids);
}

function checkActive(experiment: Experiment): Experiment {
  if (experiment.lifecycleStage === 'active') return experiment;
  throw invalidParameter(
    `The experiment ${experiment.experimentId} ('${experiment.name}') must be in the 'active' state. Current state is deleted; restore it or choose another name.`,
  );
}

function toExperiment(row: Row, tags: Rows): Experiment {
  return {
    experimentId: String(row.experiment_id),
    name: String(row.name),
    artifactLocation: String(row.artifact_location),
    lifecycleStage: row.lifecycle_stage === 'deleted' ? 'deleted' : 'active',
    creationTime: row.creation_time === null ? null : Number(row.creation_time),
    lastUpdateTime: row.last_update_time === null ? null : Number(row.last_update_time),
    tags: Object.fromEntries(
      tags
        .filter((tag) => tag.experiment_id === row.experiment_id)
        .map((tag) => [String(tag.key), String(tag.value)]),
    ),
  };
}
