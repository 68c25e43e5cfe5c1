import { TraceKey } from '../../entities/trace-keys.ts';
import { ServerError } from '../../http/server-error.ts';
import type { SpanRecord, TraceRecord } from '../log-record.ts';
import { encodeSpans } from '../otlp/encode-spans.ts';
import type { DeliveryContext } from './delivery-context.ts';
import { isRefusal } from './rest-api.ts';
import type { SpanPlace } from './span-place.ts';
import { uploadSpans } from './upload-spans.ts';
import { toWireTrace, toWireTraceV2, type WireTraceInfoV2 } from './wire/trace.ts';

const V2 = '/api/2.0/mlflow/traces';

/** Delivers traces, and then their spans: those of an experiment together. */
export async function deliverTraces(
  records: readonly (TraceRecord | SpanRecord)[],
  place: SpanPlace,
  context: DeliveryContext,
): Promise<void> {
  const traces = records.filter((it) => it.op === 'trace');
  const spans = records.filter((it) => it.op === 'span');
  await settleAll(traces.map((record) => context.attempt(record, () => logTrace(record, context))));
  const groups = Map.groupBy(spans, ({ experiment }) => JSON.stringify(experiment));
  await settleAll([...groups.values()].map((group) => logSpans(group, place, context)));
}

/** Waits until all have ended, also where one fails: nothing goes on behind the back of whoever waits. */
export async function settleAll(jobs: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(jobs)).find((it) => it.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

async function logTrace(record: TraceRecord, context: DeliveryContext): Promise<void> {
  const { api, call } = context;
  const experimentId = await context.experimentId(record.experiment);
  const metadata = { ...record.metadata };
  for (const key of [TraceKey.sourceRun, TraceKey.modelId]) {
    if (metadata[key] !== undefined) metadata[key] = await context.toServer(metadata[key]);
  }
  const body = { trace: { trace_info: toWireTrace(record, experimentId, metadata) } };
  try {
    await context.send(() => api.post('/api/3.0/mlflow/traces', body, call));
    return;
  } catch (error) {
    if (!isRefusal(error, 'ENDPOINT_NOT_FOUND')) throw error;
  }
  await logTraceV2(record, experimentId, metadata, context);
}

/** Servers before 3.0 give traces their ids themselves. */
async function logTraceV2(
  record: TraceRecord,
  experimentId: string,
  metadata: TraceRecord['metadata'],
  context: DeliveryContext,
): Promise<void> {
  const { api, call, ids } = context;
  const { start, end } = toWireTraceV2(record, experimentId, metadata);
  if (typeof ids.find(record.traceId) !== 'string') {
    const options = { ...call, isIdempotent: false };
    const answer = await context.send(() => api.post<{ trace_info: WireTraceInfoV2 }>(V2, start, options));
    ids.note(record.traceId, answer.trace_info.request_id);
  }
  const path = `${V2}/${encodeURIComponent(ids.toServer(record.traceId))}`;
  await context.send(() => api.patch(path, { request_id: ids.toServer(record.traceId), ...end }, call));
}

async function logSpans(
  records: readonly SpanRecord[],
  place: SpanPlace,
  context: DeliveryContext,
): Promise<void> {
  await context.attemptAll(records, async (some) => {
    const [first] = some;
    if (first === undefined) return;
    const experimentId = await context.experimentId(first.experiment);
    if (await place.isDatabase(context.api)) {
      try {
        await context.send(() => sendSpans(experimentId, some, context));
        return;
      } catch (error) {
        if (!isWithoutSpans(error)) throw error;
        place.useArtifacts();
      }
    }
    await uploadSpans(some, context);
  });
}

async function sendSpans(
  experimentId: string,
  spans: readonly SpanRecord[],
  { api, call }: DeliveryContext,
): Promise<void> {
  await api.http.requestText({
    method: 'POST',
    path: '/v1/traces',
    headers: { 'content-type': 'application/x-protobuf', 'x-mlflow-experiment-id': experimentId },
    body: encodeSpans(spans.map(withSafeTexts)),
    isIdempotent: true,
    ...call,
  });
}

/** MLflow's server takes text that is JSON itself for what was encoded twice, and decodes it once. */
function withSafeTexts(span: SpanRecord): SpanRecord {
  const attributes = Object.entries(span.attributes).map(([key, value]) => [
    key,
    typeof value === 'string' && isJson(value) ? JSON.stringify(value) : value,
  ]);
  return { ...span, attributes: Object.fromEntries(attributes) };
}

function isJson(text: string): boolean {
  if (!/^\s*["{[]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    // SyntaxError: plain text.
    return false;
  }
}

/** 501: the server's store keeps no spans. */
function isWithoutSpans(error: unknown): boolean {
  return error instanceof ServerError && (error.status === 501 || error.code === 'ENDPOINT_NOT_FOUND');
}
