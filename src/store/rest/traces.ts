import type { Page } from '../../entities/page.ts';
import type { Trace, TraceInfo } from '../../entities/trace.ts';
import { TraceKey } from '../../entities/trace-keys.ts';
import { validateTag } from '../../entities/validation.ts';
import { invalidParameter } from '../../errors.ts';
import type { SearchTracesOptions } from '../search-options.ts';
import { toPythonJson } from '../sql/span-content.ts';
import type { DeleteTracesOptions, PromptVersionRef } from '../trace-store.ts';
import { checkTraceTagChange } from '../trace-tag-rules.ts';
import { isRefusal, type RestApi } from './rest-api.ts';
import { readStoredSpans } from './stored-spans.ts';
import { parseSpan, sortSpans, type WireSpan } from './wire/span.ts';
import { parseTraceInfo, toWireLocation, type WireTraceInfo, type WireTraceInfoV2 } from './wire/trace.ts';

const V2 = '/api/2.0/mlflow/traces';
const V3 = '/api/3.0/mlflow/traces';

/** Traces whose spans come with one answer. */
const GET_BATCH = 10;
/** Traces that one request deletes. */
const DELETE_BATCH = 100;

interface WireTrace {
  readonly trace_info: WireTraceInfo;
  readonly spans?: readonly WireSpan[];
}

/** Reads what is known of a trace; from servers before 3.0 by version 2 of the API. */
export async function getTraceInfo(api: RestApi, traceId: string): Promise<TraceInfo> {
  const id = encodeURIComponent(traceId);
  try {
    const { trace } = await api.get<{ trace: WireTrace }>(`${V3}/${id}`);
    return parseTraceInfo(trace.trace_info);
  } catch (error) {
    if (!isRefusal(error, 'ENDPOINT_NOT_FOUND')) throw error;
  }
  const answer = await api.get<{ trace_info: WireTraceInfoV2 }>(`${V2}/${id}/info`);
  return parseTraceInfo(answer.trace_info);
}

/** Reads a trace with its spans, from the server's database or its artifacts. */
export async function getTrace(api: RestApi, traceId: string): Promise<Trace> {
  try {
    const { trace } = await api.get<{ trace: WireTrace }>(`${V3}/get`, { trace_id: traceId, allow_partial: true });
    if (trace.spans?.length) return parseTrace(trace);
  } catch (error) {
    // Servers before 3.6 take "get" for the id of a trace.
    const isOld = error instanceof Error && error.message.includes("'get'");
    if (!isOld && !isRefusal(error, 'ENDPOINT_NOT_FOUND')) throw error;
  }
  const info = await getTraceInfo(api, traceId);
  return { info, spans: await readStoredSpans(api, traceId) };
}

/** Reads the traces that are there, in the order asked for. */
export async function getTraces(api: RestApi, traceIds: readonly string[]): Promise<readonly Trace[]> {
  const found = new Map<string, Trace>();
  for (let start = 0; start < traceIds.length; start += GET_BATCH) {
    const batch = traceIds.slice(start, start + GET_BATCH);
    for (const trace of await getBatch(api, batch)) found.set(trace.info.traceId, trace);
    // The server leaves out traces whose spans are not complete, or among the artifacts.
    for (const id of batch.filter((it) => !found.has(it))) {
      const trace = await getTrace(api, id).catch(nullIfUnknown);
      if (trace !== null) found.set(id, trace);
    }
  }
  return traceIds.flatMap((id) => found.get(id) ?? []);
}

/** Lists traces, without their spans. */
export async function searchTraces(api: RestApi, options: SearchTracesOptions): Promise<Page<TraceInfo>> {
  const { experimentIds, filter, orderBy, maxResults = 100, pageToken } = options;
  const shared = { filter, max_results: maxResults, order_by: orderBy, page_token: pageToken ?? undefined };
  type Answer = { traces?: (WireTraceInfo | WireTraceInfoV2)[]; next_page_token?: string };
  const toPage = ({ traces = [], next_page_token: token }: Answer) => ({
    items: traces.map(parseTraceInfo),
    nextPageToken: token || null,
  });
  try {
    return toPage(await api.post(`${V3}/search`, { locations: experimentIds.map(toWireLocation), ...shared }));
  } catch (error) {
    if (!isRefusal(error, 'ENDPOINT_NOT_FOUND')) throw error;
  }
  return toPage(await api.get(V2, { experiment_ids: experimentIds, ...shared }));
}

/** Deletes traces and returns how many. */
export async function deleteTraces(
  api: RestApi,
  experimentId: string,
  options: DeleteTracesOptions,
): Promise<number> {
  const path = `${V2}/delete-traces`;
  if (!('traceIds' in options)) {
    const { maxTimestampMs, maxTraces } = options;
    if (maxTraces !== undefined && !(Number.isSafeInteger(maxTraces) && maxTraces > 0))
      throw invalidParameter(`\`maxTraces\` must be a positive integer, received ${maxTraces}.`);
    const body = { experiment_id: experimentId, max_timestamp_millis: maxTimestampMs, max_traces: maxTraces };
    return (await api.post<{ traces_deleted?: number }>(path, body)).traces_deleted ?? 0;
  }
  if (options.traceIds.length === 0)
    throw invalidParameter('Either `maxTimestampMs` or `traceIds` must be specified.');
  let count = 0;
  for (let start = 0; start < options.traceIds.length; start += DELETE_BATCH) {
    const ids = options.traceIds.slice(start, start + DELETE_BATCH);
    const body = { experiment_id: experimentId, request_ids: ids };
    count += (await api.post<{ traces_deleted?: number }>(path, body)).traces_deleted ?? 0;
  }
  return count;
}

/** Sets a tag of a trace. */
export async function setTraceTag(api: RestApi, traceId: string, key: string, value: string): Promise<void> {
  checkTraceTagChange(key, 'set');
  await api.patch(`${V2}/${encodeURIComponent(traceId)}/tags`, { key, value: validateTag(key, value) });
}

/** Deletes a tag of a trace. */
export async function deleteTraceTag(api: RestApi, traceId: string, key: string): Promise<void> {
  checkTraceTagChange(key, 'deleted');
  await api.delete(`${V2}/${encodeURIComponent(traceId)}/tags`, { key });
}

/** Links traces to a run. */
export async function linkTracesToRun(api: RestApi, traceIds: readonly string[], runId: string): Promise<void> {
  await api.post(`${V2}/link-to-run`, { trace_ids: traceIds, run_id: runId });
}

/** Links versions of prompts to a trace. */
export async function linkPromptVersionsToTrace(
  api: RestApi,
  traceId: string,
  prompts: readonly PromptVersionRef[],
): Promise<void> {
  const versions = prompts.map(({ name, version }) => ({ name, version: String(version) }));
  await api.post(`${V2}/link-prompts`, { trace_id: traceId, prompt_versions: versions });
  // The server links them, and leaves the tag that its page shows to the client.
  const { tags } = await getTraceInfo(api, traceId);
  const linked = parseLinked(tags[TraceKey.linkedPrompts]);
  const added = versions.filter((it) => !linked.some((is) => is.name === it.name && is.version === it.version));
  if (added.length === 0) return;
  await setTraceTag(api, traceId, TraceKey.linkedPrompts, toPythonJson([...linked, ...added]));
}

async function getBatch(api: RestApi, traceIds: readonly string[]): Promise<readonly Trace[]> {
  try {
    const { traces = [] } = await api.get<{ traces?: WireTrace[] }>(`${V3}/batchGet`, { trace_ids: traceIds });
    return traces.filter((it) => it.spans?.length).map(parseTrace);
  } catch (error) {
    if (isRefusal(error, 'ENDPOINT_NOT_FOUND', 'RESOURCE_DOES_NOT_EXIST')) return [];
    throw error;
  }
}

function parseLinked(text: string | undefined): readonly PromptVersionRef[] {
  try {
    return JSON.parse(text ?? '[]') as PromptVersionRef[];
  } catch {
    // SyntaxError: the tag was cut, or is another one's.
    return [];
  }
}

function parseTrace({ trace_info: info, spans = [] }: WireTrace): Trace {
  return { info: parseTraceInfo(info), spans: sortSpans(spans.map(parseSpan)) };
}

function nullIfUnknown(error: unknown): null {
  if (isRefusal(error, 'RESOURCE_DOES_NOT_EXIST', 'NOT_FOUND')) return null;
  throw error;
}
