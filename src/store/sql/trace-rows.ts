import type { Experiment, ExperimentRef } from '../../entities/experiment.ts';
import { TraceKey } from '../../entities/trace-keys.ts';
import { AutologError } from '../../errors.ts';
import { appendToLocation } from './artifact-location.ts';
import type { Delivery } from './delivery.ts';
import { all, first, type Operation, type Row } from './operation.ts';
import type { SchemaShape } from './schema/verify.ts';
import { insertNew, upsert } from './statement.ts';

/** A trace as a delivery knows it. */
export interface KnownTrace {
  readonly experimentId: number;
  /** Whether its own record has come: spans do not change its times any more then. */
  readonly finalized: boolean;
  startMs: number;
  endMs: number;
}

/** Milliseconds since the Unix epoch. */
export interface TraceTimes {
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * Finds the trace of a record.
 *
 * @throws {AutologError} INVALID_STATE for one whose spans MLflow has moved out of the database.
 */
export function* findTrace(traceId: string, delivery: Delivery): Operation<KnownTrace | undefined> {
  const known = delivery.traces.get(traceId);
  if (known) return known;
  const row = yield* first(SELECT_TRACE, traceId);
  if (!row) return undefined;
  if (row.location !== null && row.location !== IN_STORE) {
    throw new AutologError(
      'INVALID_STATE',
      `Cannot add to the trace ${traceId}: its spans lie in ${row.location}, not in the database; begin another trace.`,
    );
  }
  const startMs = Number(row.timestamp_ms);
  const trace = {
    experimentId: Number(row.experiment_id),
    finalized: row.finalized !== null,
    startMs,
    endMs: startMs + Number(row.execution_time_ms ?? 0),
  };
  delivery.traces.set(traceId, trace);
  return trace;
}

/**
 * Checks that a trace exists, and returns its experiment and time.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST.
 */
export function* requireTrace(traceId: string): Operation<Row> {
  const row = yield* first('SELECT experiment_id, timestamp_ms FROM trace_info WHERE request_id = ?', traceId);
  if (row) return row;
  throw unknownTrace(traceId);
}

/** The error of a trace that is not there, in MLflow's words. */
export function unknownTrace(traceId: string): AutologError {
  return new AutologError(
    'RESOURCE_DOES_NOT_EXIST',
    `Trace with ID '${traceId}' not found; see its id and the tracking URI.`,
  );
}

/** Finds the trace of a span, or begins it in the span's experiment, IN_PROGRESS. */
export function* findOrBeginTrace(
  record: { readonly traceId: string; readonly experiment: ExperimentRef },
  times: TraceTimes,
  delivery: Delivery,
): Operation<KnownTrace> {
  const { traceId } = record;
  const known = yield* findTrace(traceId, delivery);
  if (known) return known;
  const experiment = yield* delivery.experiment(record.experiment);
  const { startMs, endMs } = times;
  // Another process may begin it at the same moment, where writers do not wait for each other.
  yield* all(BEGIN_TRACE, traceId, Number(experiment.experimentId), startMs, endMs - startMs, 'IN_PROGRESS');
  yield* markTrace(traceId, experiment);
  return (yield* findTrace(traceId, delivery)) as KnownTrace;
}

/** Stretches a trace that goes on to hold a span's times. */
export function* widenTrace(
  traceId: string,
  trace: KnownTrace,
  { startMs, endMs }: TraceTimes,
  shape: SchemaShape,
): Operation<void> {
  if (trace.finalized || (startMs >= trace.startMs && endMs <= trace.endMs)) return;
  yield* all(WIDEN, endMs, endMs, startMs, startMs, startMs, startMs, traceId);
  if (startMs < trace.startMs && shape.assessmentColumns) yield* all(MOVE_ASSESSMENTS, startMs, traceId);
  trace.startMs = Math.min(trace.startMs, startMs);
  trace.endMs = Math.max(trace.endMs, endMs);
}

/** Sets the tags that say where a trace's artifacts and spans are. */
export function* markTrace(traceId: string, experiment: Experiment): Operation<void> {
  const location = appendToLocation(experiment.artifactLocation, 'traces', traceId, 'artifacts');
  yield* all(UPSERT_TRACE_TAG, TraceKey.artifactLocation, location, traceId);
  yield* all(UPSERT_TRACE_TAG, TraceKey.spansLocation, IN_STORE, traceId);
}

/** Sets a tag of a trace: key, value, trace id. */
export const UPSERT_TRACE_TAG = upsert('trace_tags', ['key', 'value', 'request_id'], {
  key: ['key', 'request_id'],
});

const IN_STORE = 'TRACKING_STORE';
const SELECT_TRACE = `SELECT t.experiment_id, t.timestamp_ms, t.execution_time_ms,
 (SELECT value FROM trace_tags WHERE request_id = t.request_id AND "key" = '${TraceKey.spansLocation}') AS location,
 (SELECT value FROM trace_request_metadata WHERE request_id = t.request_id AND "key" = '${TraceKey.infoFinalized}') AS finalized
 FROM trace_info AS t WHERE t.request_id = ?`;
const BEGIN_TRACE = insertNew(
  'trace_info',
  ['request_id', 'experiment_id', 'timestamp_ms', 'execution_time_ms', 'status'],
  ['request_id'],
);
// The time last: MySQL's assignments see those before them. In the database, for what others have set meanwhile.
const START = 'CASE WHEN timestamp_ms > ? THEN ? ELSE timestamp_ms END';
const END = 'timestamp_ms + COALESCE(execution_time_ms, 0)';
const WIDEN = `UPDATE trace_info SET execution_time_ms = CASE WHEN ${END} > ? THEN ${END} ELSE ? END - ${START},
 timestamp_ms = ${START} WHERE request_id = ?`;
const MOVE_ASSESSMENTS = 'UPDATE assessments SET trace_timestamp_ms = ? WHERE trace_id = ?';
