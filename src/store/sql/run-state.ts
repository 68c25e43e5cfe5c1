import { AutologError, invalidParameter } from '../../errors.ts';
import { first, type Operation, type Row } from './operation.ts';

/** Stage and experiment of a run, undefined for an unknown one. */
export function* findRunStage(runId: string): Operation<Row | undefined> {
  return yield* first('SELECT lifecycle_stage, experiment_id FROM runs WHERE run_uuid = ?', runId);
}

/**
 * Checks that a run exists.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST.
 */
export function* requireRun(runId: string): Operation<Row> {
  const row = yield* findRunStage(runId);
  if (!row) throw unknownRun(runId);
  return row;
}

/**
 * Checks that a run is active and returns the id of its experiment.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST, or INVALID_PARAMETER_VALUE for a deleted run.
 */
export function* requireActiveRun(runId: string): Operation<number> {
  const row = yield* requireRun(runId);
  if (row.lifecycle_stage === 'active') return Number(row.experiment_id);
  throw invalidParameter(
    `The run ${runId} must be in the 'active' state. Current state is ${row.lifecycle_stage}; restore it or begin another run.`,
  );
}

/** The error of a run that is not there, in MLflow's words. */
export function unknownRun(runId: string): AutologError {
  return new AutologError(
    'RESOURCE_DOES_NOT_EXIST',
    `Run with id=${runId} not found; see its id and the tracking URI.`,
  );
}
