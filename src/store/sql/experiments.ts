import { nowMs } from '../../clock.ts';
import type { Experiment, ExperimentRef } from '../../entities/experiment.ts';
import {
  validateArtifactLocation,
  validateExperimentId,
  validateExperimentName,
  validateExperimentTag,
} from '../../entities/validation.ts';
import { AutologError, invalidParameter } from '../../errors.ts';
import { randomUuidHex } from '../../random-id.ts';
import type { CreateExperimentOptions } from '../experiment-store.ts';
import { appendToLocation } from './artifact-location.ts';
import { all, allOf, first, type Operation, type Row, type Rows } from './operation.ts';
import { groupRows, inOrderOf } from './rows.ts';
import { insertNew, upsert } from './statement.ts';

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
  if (options.artifactLocation !== undefined) validateArtifactLocation(options.artifactLocation);
  const tags = Object.entries(options.tags ?? {});
  for (const [key, value] of tags) validateExperimentTag(key, value);
  const existing = yield* findExperimentByName(name);
  if (existing) throw nameTaken(existing);
  const now = nowMs();
  // Tells this row from one that another process makes at the same moment, where writers do not wait for each other.
  const mark = randomUuidHex();
  // The database gives the id, as it does to MLflow: another one would not be known to its sequence.
  yield* all(INSERT_EXPERIMENT, name, mark, 'active', now, now);
  const created = yield* first(`${SELECT_EXPERIMENT} WHERE name = ?`, name);
  if (created?.artifact_location !== mark) throw nameTaken(toExperiment(created as Row, []));
  const id = String(created.experiment_id);
  yield* all(SET_LOCATION, options.artifactLocation ?? appendToLocation(artifactRoot, id), Number(id));
  for (const [key, value] of tags) yield* all(UPSERT_EXPERIMENT_TAG, key, value, Number(id));
  return id;
}

/** The error of a name that another experiment has. */
export function nameTaken({ name, lifecycleStage }: Experiment): AutologError {
  const isDeleted = lifecycleStage === 'deleted';
  return new AutologError(
    'RESOURCE_ALREADY_EXISTS',
    `Experiment(name=${name}) already exists${isDeleted ? ' in deleted state' : ''}; choose another name${isDeleted ? ' or restore it' : ''}.`,
  );
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
  try {
    return yield* getExperiment(yield* createExperiment(ref.name, artifactRoot));
  } catch (error) {
    // Another process was faster.
    const created = yield* findExperimentByName(ref.name);
    if (created === null || !isNameTaken(error)) throw error;
    return checkActive(created);
  }
}

/** Reads those of the experiments that are there, in the order asked for. */
export function* readExperiments(ids: readonly string[]): Operation<readonly Experiment[]> {
  const keys = ids.map(Number);
  const rows = inOrderOf(
    ids,
    yield* allOf(`${SELECT_EXPERIMENT} WHERE experiment_id IN (?)`, keys),
    'experiment_id',
  );
  const tags = groupRows(yield* readTags(keys), 'experiment_id');
  return rows.map((row) => toExperiment(row, tags.get(String(row.experiment_id)) ?? []));
}

/**
 * Checks that an experiment is active.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for a deleted one.
 */
export function checkActive(experiment: Experiment): Experiment {
  if (experiment.lifecycleStage === 'active') return experiment;
  throw invalidParameter(
    `The experiment ${experiment.experimentId} ('${experiment.name}') must be in the 'active' state. Current state is deleted; restore it or choose another name.`,
  );
}

/** Sets a tag of an experiment: key, value, experiment id. */
export const UPSERT_EXPERIMENT_TAG = upsert('experiment_tags', ['key', 'value', 'experiment_id'], {
  key: ['key', 'experiment_id'],
});

const SELECT_EXPERIMENT = `SELECT experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time
 FROM experiments`;
const SET_LOCATION = 'UPDATE experiments SET artifact_location = ? WHERE experiment_id = ?';
const INSERT_EXPERIMENT = insertNew(
  'experiments',
  ['name', 'artifact_location', 'lifecycle_stage', 'creation_time', 'last_update_time'],
  ['name'],
);
const SELECT_TAGS = 'SELECT experiment_id, "key", value FROM experiment_tags WHERE experiment_id IN (?)';

function* readTags(ids: readonly number[]): Operation<Rows> {
  return yield* allOf(SELECT_TAGS, ids);
}

function isNameTaken(error: unknown): boolean {
  return error instanceof AutologError && error.code === 'RESOURCE_ALREADY_EXISTS';
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
