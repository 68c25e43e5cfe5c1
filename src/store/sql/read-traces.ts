import type { Assessment } from '../../entities/assessment.ts';
import type { Span, Trace, TraceInfo, TraceState } from '../../entities/trace.ts';
import { readAssessments } from './assessment-rows.ts';
import { all, allOf, type Operation, type Row, type Rows } from './operation.ts';
import { groupRows, inOrderOf, toRecord } from './rows.ts';
import type { SchemaShape } from './schema/verify.ts';
import { parseSpanContent } from './span-content.ts';
import { metadataOfColumns, TRACE_COLUMNS, tagsOfColumns } from './trace-columns.ts';
import { unknownTrace } from './trace-rows.ts';

/**
 * Reads what is known of a trace as a whole.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST.
 */
export function* getTraceInfo(traceId: string, shape: SchemaShape): Operation<TraceInfo> {
  const [info] = yield* toTraceInfos(yield* all(`${selectTraces(shape)} WHERE request_id = ?`, traceId));
  if (!info) throw unknownTrace(traceId);
  return info;
}

/**
 * Reads a trace with its spans.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST.
 */
export function* getTrace(traceId: string, shape: SchemaShape): Operation<Trace> {
  const info = yield* getTraceInfo(traceId, shape);
  return { info, spans: toSpans(yield* allOf(SELECT_SPANS, [traceId])) };
}

/** Reads those of the traces that are there, in the order asked for. */
export function* getTraces(traceIds: readonly string[], shape: SchemaShape): Operation<readonly Trace[]> {
  const ids = [...new Set(traceIds)];
  const infos = yield* toTraceInfos(yield* allOf(`${selectTraces(shape)} WHERE request_id IN (?)`, ids));
  const byId = new Map(infos.map((info) => [info.traceId, info]));
  const spans = groupRows(yield* allOf(SELECT_SPANS, [...byId.keys()]), 'trace_id');
  return ids.flatMap((id) => {
    const info = byId.get(id);
    return info === undefined ? [] : [{ info, spans: toSpans(spans.get(id) ?? []) }];
  });
}

/** Reads what is known of those of the traces that are there, in the order asked for. */
export function* readTraceInfos(traceIds: readonly string[], shape: SchemaShape): Operation<readonly TraceInfo[]> {
  const rows = yield* allOf(`${selectTraces(shape)} WHERE request_id IN (?)`, traceIds);
  return yield* toTraceInfos(inOrderOf(traceIds, rows, 'request_id'));
}

/** Selects from `trace_info` the columns that `toTraceInfos` reads, without a condition. */
export function selectTraces(shape: SchemaShape): string {
  const columns = shape.traceColumns ? `, ${TRACE_COLUMNS.join(', ')}` : '';
  return `SELECT request_id, experiment_id, timestamp_ms, execution_time_ms, status, client_request_id,
 request_preview, response_preview${columns} FROM trace_info`;
}

/** Reads what belongs to rows of `trace_info`; in the order of the rows. */
export function* toTraceInfos(rows: Rows): Operation<readonly TraceInfo[]> {
  const ids = rows.map((row) => String(row.request_id));
  const tags = groupRows(yield* allOf(SELECT_TAGS, ids), 'request_id');
  const metadata = groupRows(yield* allOf(SELECT_METADATA, ids), 'request_id');
  const assessments = yield* readAssessments(ids);
  return rows.map((row) => {
    const id = String(row.request_id);
    return toTraceInfo(row, toRecord(tags.get(id)), toRecord(metadata.get(id)), assessments.get(id) ?? []);
  });
}

// Nanoseconds as text, because they exceed what a number holds.
const SELECT_SPANS = `SELECT trace_id, span_id, parent_span_id, name, content,
 CAST(start_time_unix_nano AS CHAR(20)) AS start_nano, CAST(COALESCE(end_time_unix_nano, start_time_unix_nano) AS CHAR(20)) AS end_nano
 FROM spans WHERE trace_id IN (?) ORDER BY start_time_unix_nano, span_id`;
const SELECT_TAGS = 'SELECT request_id, "key", value FROM trace_tags WHERE request_id IN (?) ORDER BY "key"';
const SELECT_METADATA = `SELECT request_id, "key", value FROM trace_request_metadata
 WHERE request_id IN (?) ORDER BY "key"`;

function toTraceInfo(
  row: Row,
  tags: Record<string, string>,
  metadata: Record<string, string>,
  assessments: readonly Assessment[],
): TraceInfo {
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
    assessments,
  };
}

/** A root that began in the same nanosecond as its children comes before them. */
function toSpans(rows: Rows): readonly Span[] {
  const spans = rows.filter((row) => row.content !== '').map(toSpan);
  return spans.toSorted(
    (a, b) =>
      Number(a.startTimeUnixNano - b.startTimeUnixNano) ||
      Number(a.parentSpanId !== null) - Number(b.parentSpanId !== null),
  );
}

function toSpan(row: Row): Span {
  return {
    traceId: String(row.trace_id),
    spanId: String(row.span_id),
    parentSpanId: row.parent_span_id === null ? null : String(row.parent_span_id),
    name: String(row.name ?? ''),
    startTimeUnixNano: toNano(row.start_nano),
    endTimeUnixNano: toNano(row.end_nano),
    ...parseSpanContent(String(row.content)),
  };
}

/** SQLite keeps any text in a column of integers; PostgreSQL fills the text up with blanks. */
function toNano(value: Row[string] | undefined): bigint {
  const text = String(value).trim();
  return /^-?\d+$/.test(text) ? BigInt(text) : 0n;
}
