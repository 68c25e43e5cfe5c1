import type { Span, Trace, TraceInfo, TraceState } from '../../entities/trace.ts';
import { cutText, validateExperimentId } from '../../entities/validation.ts';
import { AutologError } from '../../errors.ts';
import type { TraceRecord } from '../log-record.ts';
import type { Delivery } from './delivery.ts';
import { all, allOf, type Operation, type Row, type Rows } from './operation.ts';
import { groupRows, newestFirst, toRecord } from './rows.ts';
import type { SchemaShape } from './schema/verify.ts';
import { parseSpanContent } from './span-content.ts';
import {
  hasTraceColumn,
  metadataOfColumns,
  TRACE_COLUMNS,
  tagsOfColumns,
  toTokenMetrics,
  toTraceColumns,
} from './trace-columns.ts';
import { FINALIZED, findTrace, markTrace, UPSERT_TRACE_TAG } from './trace-rows.ts';

/** Stores what is known of a trace as a whole, before or after its spans. */
export function* logTrace(record: TraceRecord, delivery: Delivery): Operation<void> {
  const { traceId, requestTime, executionDuration, state } = record;
  const { shape } = delivery;
  const experiment = yield* delivery.experiment(record.experiment);
  const experimentId = Number(experiment.experimentId);
  const known = yield* findTrace(traceId, delivery);
  const previews = [record.requestPreview, record.responsePreview].map(
    (text) => text && cutText(text, MAX_PREVIEW),
  );
  yield* all(UPSERT_TRACE, traceId, experimentId, requestTime, executionDuration, state, ...previews);
  if (known && known.experimentId !== experimentId) yield* all(MOVE_SPANS, experimentId, traceId);
  yield* markTrace(traceId, experiment);
  for (const [key, value] of Object.entries(record.tags)) {
    if (shape.traceRows || !hasTraceColumn(key))
      yield* all(UPSERT_TRACE_TAG, key, cutText(value, MAX_VALUE), traceId);
  }
  for (const [key, value] of Object.entries({ ...record.metadata, [FINALIZED]: 'true' })) {
    if (shape.traceRows || !hasTraceColumn(key))
      yield* all(UPSERT_METADATA, key, cutText(value, MAX_VALUE), traceId);
  }
  if (shape.traceMetrics) {
    for (const [key, value] of toTokenMetrics(record.metadata))
      yield* all(UPSERT_TRACE_METRIC, traceId, key, value);
  }
  if (shape.traceColumns) yield* all(FILL_COLUMNS, ...toTraceColumns(record.tags, record.metadata), traceId);
  delivery.traces.set(traceId, { experimentId, finalized: true, startMs: requestTime, endMs: requestTime });
}

/**
 * Reads a trace with its spans.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST.
 */
export function* getTrace(traceId: string, shape: SchemaShape): Operation<Trace> {
  const rows = yield* all(`${selectTraces(shape)} WHERE request_id = ?`, traceId);
  const [info] = yield* toTraceInfos(rows);
  if (!info) {
    throw new AutologError(
      'RESOURCE_DOES_NOT_EXIST',
      `Trace with ID ${traceId} is not found; see its id and the tracking URI.`,
    );
  }
  const spans = yield* all(SELECT_SPANS, traceId);
  return { info, spans: spans.filter((row) => row.content !== '').map(toSpan) };
}

/** Lists the traces of experiments, newest first. */
export function* listTraces(
  experimentIds: readonly string[],
  maxResults: number,
  shape: SchemaShape,
): Operation<readonly TraceInfo[]> {
  for (const id of experimentIds) validateExperimentId(id);
  const rows = yield* allOf(
    `${selectTraces(shape)} WHERE experiment_id IN (?) ORDER BY timestamp_ms DESC, request_id LIMIT ${maxResults}`,
    [...new Set(experimentIds)].map(Number),
  );
  return yield* toTraceInfos(newestFirst(rows, 'timestamp_ms').slice(0, maxResults));
}

const MAX_PREVIEW = 1000;
const MAX_VALUE = 8000;

const UPSERT_TRACE = `INSERT INTO trace_info (request_id, experiment_id, timestamp_ms, execution_time_ms, status,
 request_preview, response_preview) VALUES (?, ?, ?, ?, ?, ?, ?)
 ON CONFLICT (request_id) DO UPDATE SET experiment_id = excluded.experiment_id, timestamp_ms = excluded.timestamp_ms,
  execution_time_ms = excluded.execution_time_ms, status = excluded.status,
  request_preview = COALESCE(excluded.request_preview, trace_info.request_preview),
  response_preview = COALESCE(excluded.response_preview, trace_info.response_preview)`;
const MOVE_SPANS = 'UPDATE spans SET experiment_id = ? WHERE trace_id = ?';
const UPSERT_METADATA = `INSERT INTO trace_request_metadata ("key", value, request_id) VALUES (?, ?, ?)
 ON CONFLICT ("key", request_id) DO UPDATE SET value = excluded.value`;
const UPSERT_TRACE_METRIC = `INSERT INTO trace_metrics (request_id, "key", value) VALUES (?, ?, ?)
 ON CONFLICT (request_id, "key") DO UPDATE SET value = excluded.value`;
const FILL_COLUMNS = `UPDATE trace_info SET ${TRACE_COLUMNS.map((column) => `${column} = COALESCE(?, ${column})`).join(', ')}
 WHERE request_id = ?`;
// Nanoseconds as text, because they exceed what a number holds.
const SELECT_SPANS = `SELECT trace_id, span_id, parent_span_id, name, content,
 CAST(start_time_unix_nano AS TEXT) AS start_nano, CAST(COALESCE(end_time_unix_nano, start_time_unix_nano) AS TEXT) AS end_nano
 FROM spans WHERE trace_id = ? ORDER BY start_time_unix_nano, parent_span_id IS NOT NULL, span_id`;
const SELECT_TAGS = 'SELECT request_id, "key", value FROM trace_tags WHERE request_id IN (?) ORDER BY "key"';
const SELECT_METADATA = `SELECT request_id, "key", value FROM trace_request_metadata
 WHERE request_id IN (?) ORDER BY "key"`;

function selectTraces(shape: SchemaShape): string {
  const columns = shape.traceColumns ? `, ${TRACE_COLUMNS.join(', ')}` : '';
  return `SELECT request_id, experiment_id, timestamp_ms, execution_time_ms, status, client_request_id,
 request_preview, response_preview${columns} FROM trace_info`;
}

function* toTraceInfos(rows: Rows): Operation<readonly TraceInfo[]> {
  const ids = rows.map((row) => String(row.request_id));
  const tags = groupRows(yield* allOf(SELECT_TAGS, ids), 'request_id');
  const metadata = groupRows(yield* allOf(SELECT_METADATA, ids), 'request_id');
  return rows.map((row) => {
    const id = String(row.request_id);
    return toTraceInfo(row, toRecord(tags.get(id)), toRecord(metadata.get(id)));
  });
}

function toTraceInfo(row: Row, tags: Record<string, string>, metadata: Record<string, string>): TraceInfo {
  return {
    traceId: String(row.request_id),
    experimentId: String(row.experiment_id),
    requestTime: Number(row.timestamp_ms),
    executionDuration: row.execution_time_ms === null ? null : Number(row.execution_time_ms),
    state: row.status as TraceState,
    requestPreview: row.request_preview === null ? null : String(row.request_preview),
    responsePreview: row.response_preview === null ? null : String(row.response_preview),
    clientRequestId: row.client_request_id === null ? null : String(row.client_request_id),
    metadata: { ...metadata, ...metadataOfColumns(row) },
    tags: { ...tags, ...tagsOfColumns(row) },
  };
}

function toSpan(row: Row): Span {
  return {
    traceId: String(row.trace_id),
    spanId: String(row.span_id),
    parentSpanId: row.parent_span_id === null ? null : String(row.parent_span_id),
    name: String(row.name ?? ''),
    startTimeUnixNano: BigInt(String(row.start_nano)),
    endTimeUnixNano: BigInt(String(row.end_nano)),
    ...parseSpanContent(String(row.content)),
  };
}
