import type { Experiment, ExperimentRef } from '../../entities/experiment.ts';
import { AutologError } from '../../errors.ts';
import { appendToLocation } from './artifact-location.ts';
import type { Delivery } from './delivery.ts';
import { all, first, type Operation } from './operation.ts';

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
  const trace = { experimentId: Number(experiment.experimentId), finalized: false, ...times };
  yield* all(BEGIN_TRACE, traceId, trace.experimentId, times.startMs, times.endMs - times.startMs);
  yield* markTrace(traceId, experiment);
  delivery.traces.set(traceId, trace);
  return trace;
}

/** Stretches a trace that goes on to hold a span's times. */
export function* widenTrace(traceId: string, trace: KnownTrace, times: TraceTimes): Operation<void> {
  if (trace.finalized || (times.startMs >= trace.startMs && times.endMs <= trace.endMs)) return;
  trace.startMs = Math.min(trace.startMs, times.startMs);
  trace.endMs = Math.max(trace.endMs, times.endMs);
  yield* all(SET_TIMES, trace.startMs, trace.endMs - trace.startMs, traceId);
}

/** Sets the tags that say where a trace's artifacts and spans are. */
export function* markTrace(traceId: string, experiment: Experiment): Operation<void> {
  const location = appendToLocation(experiment.artifactLocation, 'traces', traceId, 'artifacts');
  yield* all(UPSERT_TRACE_TAG, 'mlflow.artifactLocation', location, traceId);
  yield* all(UPSERT_TRACE_TAG, SPANS_LOCATION, IN_STORE, traceId);
}

/** Sets a tag of a trace: key, value, trace id. */
export const UPSERT_TRACE_TAG = `INSERT INTO trace_tags ("key", value, request_id) VALUES (?, ?, ?)
 ON CONFLICT ("key", request_id) DO UPDATE SET value = excluded.value`;

/** Metadata of a trace whose own record has come. */
export const FINALIZED = 'mlflow.trace.infoFinalized';

const SPANS_LOCATION = 'mlflow.trace.spansLocation';
const IN_STORE = 'TRACKING_STORE';
const SELECT_TRACE = `SELECT t.experiment_id, t.timestamp_ms, t.execution_time_ms,
 (SELECT value FROM trace_tags WHERE request_id = t.request_id AND "key" = '${SPANS_LOCATION}') AS location,
 (SELECT value FROM trace_request_metadata WHERE request_id = t.request_id AND "key" = '${FINALIZED}') AS finalized
 FROM trace_info AS t WHERE t.request_id = ?`;
const BEGIN_TRACE = `INSERT INTO trace_info (request_id, experiment_id, timestamp_ms, execution_time_ms, status)
 VALUES (?, ?, ?, ?, 'IN_PROGRESS')`;
const SET_TIMES = 'UPDATE trace_info SET timestamp_ms = ?, execution_time_ms = ? WHERE request_id = ?';
