import { AutologError, invalidParameter } from '../../errors.ts';
import { first, type Operation, type Row } from './operation.ts';
import { perDialect } from './statement.ts';

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
 * Checks that a run is active, keeps others from writing to it until the transaction ends, and returns the id of its
 * experiment.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST, or INVALID_PARAMETER_VALUE for a deleted run.
 */
export function* requireActiveRun(runId: string): Operation<number> {
  const row = yield* first(LOCK_RUN, runId);
  if (!row) throw unknownRun(runId);
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

/** Two who write the same tags in another order would wait for each other, which PostgreSQL finds out after a second. */
const LOCK_RUN = perDialect((dialect) => {
  const runs = dialect === 'mssql' ? 'runs WITH (UPDLOCK, ROWLOCK)' : 'runs';
  return `SELECT lifecycle_stage, experiment_id FROM ${runs} WHERE run_uuid = ?${LOCKS[dialect]}`;
});

const LOCKS = { sqlite: '', postgresql: ' FOR NO KEY UPDATE', mysql: ' FOR UPDATE', mssql: '' };
