import { cutText } from '../../entities/validation.ts';
import type { SpanRecord } from '../log-record.ts';
import type { Delivery } from './delivery.ts';
import { all, type Operation } from './operation.ts';
import { toPythonJson, toSpanContent } from './span-content.ts';
import { upsert } from './statement.ts';
import { findOrBeginTrace, widenTrace } from './trace-rows.ts';

/** Stores a span that ended; its trace begins with it (IN_PROGRESS) where the trace's own record has not come yet. */
export function* logSpan(record: SpanRecord, delivery: Delivery): Operation<void> {
  const { traceId, spanId, attributes } = record;
  const content = toSpanContent(record);
  const start = BigInt(record.startTimeUnixNano);
  const end = BigInt(record.endTimeUnixNano);
  const times = { startMs: Number(start / 1_000_000n), endMs: Number(end / 1_000_000n) };
  const trace = yield* findOrBeginTrace(record, times, delivery);
  yield* all(
    UPSERT_SPAN,
    traceId,
    trace.experimentId,
    spanId,
    record.parentSpanId,
    record.name,
    toDimension(attributes['mlflow.spanType']) ?? 'UNKNOWN',
    record.status.code,
    start,
    end,
    content,
  );
  if (delivery.shape.spanColumns) yield* fillColumns(record);
  if (delivery.shape.spanDimensions) yield* fillDimensions(record);
  if (delivery.shape.spanMetrics) yield* logCosts(record);
  if (delivery.shape.payloadGeneration) yield* all(COUNT_GENERATION, traceId);
  yield* widenTrace(traceId, trace, times, delivery.shape);
}

const SPAN_COLUMNS = [
  'trace_id',
  'experiment_id',
  'span_id',
  'parent_span_id',
  'name',
  'type',
  'status',
  'start_time_unix_nano',
  'end_time_unix_nano',
  'content',
];
const UPSERT_SPAN = upsert('spans', SPAN_COLUMNS, { key: ['trace_id', 'span_id'] });
const FILL_COLUMNS = `UPDATE spans SET model_name = ?, model_provider = ?, input_cost = ?, output_cost = ?, total_cost = ?
 WHERE trace_id = ? AND span_id = ?`;
const FILL_DIMENSIONS = 'UPDATE spans SET dimension_attributes = ? WHERE trace_id = ? AND span_id = ?';
const COUNT_GENERATION = `UPDATE trace_info SET db_payload_generation = db_payload_generation + 1 WHERE request_id = ?`;

const MODEL = 'mlflow.llm.model';
const PROVIDER = 'mlflow.llm.provider';

function* fillColumns({ traceId, spanId, attributes }: SpanRecord): Operation<void> {
  const costs = toCosts(attributes);
  const values = [
    toDimension(attributes[MODEL]),
    toDimension(attributes[PROVIDER]),
    ...COSTS.map((key) => costs[key] ?? null),
  ];
  if (values.every((value) => value === null)) return;
  yield* all(FILL_COLUMNS, ...values, traceId, spanId);
}

function* fillDimensions({ traceId, spanId, attributes }: SpanRecord): Operation<void> {
  const dimensions = Object.entries({
    [MODEL]: toDimension(attributes[MODEL]),
    [PROVIDER]: toDimension(attributes[PROVIDER]),
  });
  const known = dimensions.filter(([, value]) => value !== null);
  if (known.length > 0) yield* all(FILL_DIMENSIONS, toPythonJson(Object.fromEntries(known)), traceId, spanId);
}

function* logCosts({ traceId, spanId, attributes }: SpanRecord): Operation<void> {
  for (const [key, cost] of Object.entries(toCosts(attributes)))
    yield* all(UPSERT_COST, traceId, spanId, key, cost);
}

const COSTS = ['input_cost', 'output_cost', 'total_cost'];
const UPSERT_COST = upsert('span_metrics', ['trace_id', 'span_id', 'key', 'value'], {
  key: ['trace_id', 'span_id', 'key'],
});

function toCosts(attributes: SpanRecord['attributes']): Readonly<Record<string, number>> {
  const costs = Object.entries(attributes['mlflow.llm.cost'] ?? {});
  return Object.fromEntries(costs.filter(([key, value]) => COSTS.includes(key) && Number.isFinite(value)));
}

function toDimension(value: unknown): string | null {
  return typeof value === 'string' ? cutText(value, 500) : null;
}
