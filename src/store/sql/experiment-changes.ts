import { nowMs } from '../../clock.ts';
import type { LifecycleStage } from '../../entities/experiment.ts';
import { validateExperimentName, validateExperimentTag } from '../../entities/validation.ts';
import { AutologError } from '../../errors.ts';
import { deleteAssessmentsOfRuns } from './assessments.ts';
import {
  checkActive,
  findExperimentByName,
  getExperiment,
  nameTaken,
  UPSERT_EXPERIMENT_TAG,
} from './experiments.ts';
import { all, first, type Operation } from './operation.ts';

/**
 * Renames an active experiment.
 *
 * @throws {AutologError} INVALID_STATE for a deleted one, RESOURCE_ALREADY_EXISTS for a name in use.
 */
export function* renameExperiment(experimentId: string, newName: string): Operation<void> {
  validateExperimentName(newName);
  const experiment = yield* getExperiment(experimentId);
  if (experiment.lifecycleStage !== 'active') {
    throw new AutologError(
      'INVALID_STATE',
      `Cannot rename a non-active experiment: ${experimentId} ('${experiment.name}') is deleted; restore it first.`,
    );
  }
  const other = yield* findExperimentByName(newName);
  if (other && other.experimentId !== experimentId) throw nameTaken(other);
  yield* all(RENAME, newName, nowMs(), Number(experimentId));
}

/** Sets a tag of an active experiment. */
export function* setExperimentTag(experimentId: string, key: string, value: string): Operation<void> {
  validateExperimentTag(key, value);
  checkActive(yield* getExperiment(experimentId));
  yield* all(UPSERT_EXPERIMENT_TAG, key, value, Number(experimentId));
}

/**
 * Deletes a tag of an active experiment.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST for a missing one.
 */
export function* deleteExperimentTag(experimentId: string, key: string): Operation<void> {
  checkActive(yield* getExperiment(experimentId));
  if (!(yield* first(SELECT_TAG, Number(experimentId), key))) {
    throw new AutologError(
      'RESOURCE_DOES_NOT_EXIST',
      `No tag with name: ${key} in experiment with id ${experimentId}; see the tags of the experiment.`,
    );
  }
  yield* all('DELETE FROM experiment_tags WHERE experiment_id = ? AND "key" = ?', Number(experimentId), key);
}

/**
 * Moves an experiment with all its runs to the bin, or takes them back.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST for an unknown one, and for one that is there already.
 */
export function* setExperimentStage(experimentId: string, stage: LifecycleStage): Operation<void> {
  const experiment = yield* getExperiment(experimentId);
  if (experiment.lifecycleStage === stage) {
    throw new AutologError(
      'RESOURCE_DOES_NOT_EXIST',
      `No Experiment with id=${experimentId} exists among the ${stage === 'deleted' ? 'active' : 'deleted'} ones; it is ${stage}.`,
    );
  }
  const id = Number(experimentId);
  const now = nowMs();
  if (stage === 'deleted') {
    const runs = yield* all('SELECT run_uuid FROM runs WHERE experiment_id = ?', id);
    yield* deleteAssessmentsOfRuns(new Set(runs.map((row) => String(row.run_uuid))));
  }
  yield* all(SET_STAGE, stage, now, id);
  yield* all(SET_STAGE_OF_RUNS, stage, stage === 'deleted' ? now : null, id);
}

const RENAME = 'UPDATE experiments SET name = ?, last_update_time = ? WHERE experiment_id = ?';
const SELECT_TAG = 'SELECT "key" FROM experiment_tags WHERE experiment_id = ? AND "key" = ?';
const SET_STAGE = 'UPDATE experiments SET lifecycle_stage = ?, last_update_time = ? WHERE experiment_id = ?';
const SET_STAGE_OF_RUNS = 'UPDATE runs SET lifecycle_stage = ?, deleted_time = ? WHERE experiment_id = ?';
