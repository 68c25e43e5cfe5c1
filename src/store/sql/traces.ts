import { TraceKey } from '../../entities/trace-keys.ts';
import { cutPreview, cutText } from '../../entities/validation.ts';
import type { TraceRecord } from '../log-record.ts';
import type { Delivery } from './delivery.ts';
import { all, type Operation } from './operation.ts';
import { upsert } from './statement.ts';
import { hasTraceColumn, TRACE_COLUMNS, toTokenMetrics, toTraceColumns } from './trace-columns.ts';
import { linkPromptsOfTag } from './trace-links.ts';
import { findTrace, markTrace, UPSERT_TRACE_TAG } from './trace-rows.ts';

/** Stores what is known of a trace as a whole, before or after its spans. */
export function* logTrace(record: TraceRecord, delivery: Delivery): Operation<void> {
  const { traceId, requestTime, executionDuration, state } = record;
  const { shape } = delivery;
  const experiment = yield* delivery.experiment(record.experiment);
  const experimentId = Number(experiment.experimentId);
  const known = yield* findTrace(traceId, delivery);
  const previews = [record.requestPreview, record.responsePreview].map((text) => text && cutPreview(text));
  const clientId = record.clientRequestId === undefined ? null : cutText(record.clientRequestId, MAX_CLIENT_ID);
  yield* all(UPSERT_TRACE, traceId, experimentId, requestTime, executionDuration, state, ...previews, clientId);
  if (known && known.experimentId !== experimentId) yield* all(MOVE_SPANS, experimentId, traceId);
  if (known && shape.assessmentColumns) yield* all(MOVE_ASSESSMENTS, experimentId, requestTime, traceId);
  yield* markTrace(traceId, experiment);
  for (const [key, value] of Object.entries(record.tags)) {
    if (shape.traceRows || !hasTraceColumn(key))
      yield* all(UPSERT_TRACE_TAG, key, cutText(value, MAX_VALUE), traceId);
  }
  const prompts = record.tags[TraceKey.linkedPrompts];
  if (prompts !== undefined) yield* linkPromptsOfTag(traceId, prompts);
  for (const [key, value] of Object.entries({ ...record.metadata, [TraceKey.infoFinalized]: 'true' })) {
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

const MAX_VALUE = 8000;
const MAX_CLIENT_ID = 50;

const TRACE_INFO_COLUMNS = [
  'request_id',
  'experiment_id',
  'timestamp_ms',
  'execution_time_ms',
  'status',
  'request_preview',
  'response_preview',
  'client_request_id',
];
const UPSERT_TRACE = upsert('trace_info', TRACE_INFO_COLUMNS, {
  key: ['request_id'],
  keepIfNull: ['request_preview', 'response_preview', 'client_request_id'],
});
const MOVE_SPANS = 'UPDATE spans SET experiment_id = ? WHERE trace_id = ?';
const MOVE_ASSESSMENTS = 'UPDATE assessments SET experiment_id = ?, trace_timestamp_ms = ? WHERE trace_id = ?';
const UPSERT_METADATA = upsert('trace_request_metadata', ['key', 'value', 'request_id'], {
  key: ['key', 'request_id'],
});
const UPSERT_TRACE_METRIC = upsert('trace_metrics', ['request_id', 'key', 'value'], {
  key: ['request_id', 'key'],
});
const FILL_COLUMNS = `UPDATE trace_info SET ${TRACE_COLUMNS.map((column) => `${column} = COALESCE(?, ${column})`).join(', ')}
 WHERE request_id = ?`;
