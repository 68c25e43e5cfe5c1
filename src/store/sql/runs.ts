import { nowMs } from '../../clock.ts';
import type { LifecycleStage } from '../../entities/experiment.ts';
import type { Run, RunStatus } from '../../entities/run.ts';
import { cutText, validateRunId, validateTag } from '../../entities/validation.ts';
import { AutologError, invalidParameter } from '../../errors.ts';
import type { CreateRunRecord, UpdateRunRecord } from '../log-record.ts';
import { appendToLocation } from './artifact-location.ts';
import { deleteAssessmentsOfRuns } from './assessments.ts';
import type { Delivery } from './delivery.ts';
import { all, allOf, type Operation, type Row, type Rows } from './operation.ts';
import { inOrderOf } from './rows.ts';
import { type RunContents, readRunContents, UPSERT_TAG } from './run-contents.ts';
import { findRunStage, requireRun, unknownRun } from './run-state.ts';

/**
 * Begins a run.
 *
 * @throws {AutologError} RESOURCE_ALREADY_EXISTS for an id in use, and for the experiment.
 */
export function* createRun(record: CreateRunRecord, delivery: Delivery): Operation<void> {
  const { runId, name, startTime } = record;
  validateRunId(runId);
  const tags = Object.entries({ ...record.tags, [RUN_NAME]: name });
  const values = tags.map(([key, value]) => validateTag(key, value));
  if (yield* findRunStage(runId)) {
    throw new AutologError(
      'RESOURCE_ALREADY_EXISTS',
      `Cannot begin the run ${runId}: it exists; take another id.`,
    );
  }
  const experiment = yield* delivery.experiment(record.experiment);
  const artifactUri = appendToLocation(experiment.artifactLocation, runId, 'artifacts');
  const user = cutText(record.userId, MAX_USER);
  yield* all(
    INSERT_RUN,
    runId,
    cutText(name, MAX_RUN_NAME),
    user,
    startTime,
    artifactUri,
    Number(experiment.experimentId),
  );
  for (const [index, [key]] of tags.entries()) yield* all(UPSERT_TAG, key, values[index] as string, runId);
}

/** Changes the status and end time of an active run. */
export function* updateRun(record: UpdateRunRecord, delivery: Delivery): Operation<void> {
  if (!STATUSES.has(record.status)) {
    throw invalidParameter(
      `Cannot set the run ${record.runId} to ${record.status}: take one of ${[...STATUSES].join(', ')}.`,
    );
  }
  yield* delivery.activeRun(record.runId);
  yield* all(
    'UPDATE runs SET status = ?, end_time = ? WHERE run_uuid = ?',
    record.status,
    record.endTime,
    record.runId,
  );
}

/**
 * Reads a run with all that was logged to it.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST.
 */
export function* getRun(runId: string): Operation<Run> {
  const rows = yield* all(`${SELECT_RUN} WHERE run_uuid = ?`, runId);
  const [run] = yield* toRuns(rows);
  if (!run) throw unknownRun(runId);
  return run;
}

/** Reads those of the runs that are there, in the order asked for. */
export function* readRuns(runIds: readonly string[]): Operation<readonly Run[]> {
  const rows = yield* allOf(`${SELECT_RUN} WHERE run_uuid IN (?)`, runIds);
  return yield* toRuns(inOrderOf(runIds, rows, 'run_uuid'));
}

/**
 * Moves a run to the bin, without what it has assessed, or takes it back.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST.
 */
export function* setRunStage(runId: string, stage: LifecycleStage): Operation<void> {
  yield* requireRun(runId);
  if (stage === 'deleted') yield* deleteAssessmentsOfRuns(new Set([runId]));
  const deletedTime = stage === 'deleted' ? nowMs() : null;
  yield* all(
    'UPDATE runs SET lifecycle_stage = ?, deleted_time = ? WHERE run_uuid = ?',
    stage,
    deletedTime,
    runId,
  );
}

/** Tag that repeats a run's name. */
export const RUN_NAME = 'mlflow.runName';

/** Characters that the column of a run's name holds; the tag holds more. */
export const MAX_RUN_NAME = 250;

const MAX_USER = 256;

const STATUSES: ReadonlySet<string> = new Set<RunStatus>(['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED']);
const SELECT_RUN = `SELECT run_uuid, name, experiment_id, user_id, status, start_time, end_time, artifact_uri, lifecycle_stage
 FROM runs`;
const INSERT_RUN = `INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status,
 start_time, end_time, deleted_time, source_version, lifecycle_stage, artifact_uri, experiment_id)
 VALUES (?, ?, 'UNKNOWN', '', '', ?, 'RUNNING', ?, NULL, NULL, '', 'active', ?, ?)`;

function* toRuns(rows: Rows): Operation<readonly Run[]> {
  const contents = yield* readRunContents(rows.map((row) => String(row.run_uuid)));
  return rows.map((row) => toRun(row, contents.get(String(row.run_uuid)) as RunContents));
}

function toRun(row: Row, contents: RunContents): Run {
  return {
    info: {
      runId: String(row.run_uuid),
      runName: String(row.name ?? ''),
      experimentId: String(row.experiment_id),
      userId: String(row.user_id ?? ''),
      status: row.status as RunStatus,
      startTime: Number(row.start_time),
      endTime: row.end_time === null ? null : Number(row.end_time),
      artifactUri: String(row.artifact_uri),
      lifecycleStage: row.lifecycle_stage === 'deleted' ? 'deleted' : 'active',
    },
    ...contents,
  };
}
