import { TraceKey } from '../../entities/trace-keys.ts';
import { AutologError } from '../../errors.ts';
import { dispatch } from '../../http/dispatch.ts';
import { readHttpSettings } from '../../http/http-settings.ts';
import { toServerError } from '../../http/server-error.ts';
import { toPutHeaders } from '../../http/signed-upload.ts';
import type { SpanRecord } from '../log-record.ts';
import { toSpanContent } from '../sql/span-content.ts';
import type { DeliveryContext } from './delivery-context.ts';
import { isRefusal } from './rest-api.ts';
import { getTraceInfo } from './traces.ts';

/** What Databricks gives to read or write the spans of a trace with. */
interface Credential {
  readonly type?: string;
  readonly signed_uri: string;
  readonly headers?: readonly { readonly name: string; readonly value: string }[];
}

/**
 * Adds spans to the `traces.json` of their traces, for servers that keep none in their database: what is there is read,
 * and written again with them.
 */
export async function uploadSpans(spans: readonly SpanRecord[], context: DeliveryContext): Promise<void> {
  for (const [traceId, own] of Map.groupBy(spans, (span) => span.traceId)) {
    const id = context.ids.toServer(traceId);
    if (context.api.http.target.isDatabricks) await context.send(() => uploadToDatabricks(id, own, context));
    else await context.send(() => uploadToServer(id, own, context));
  }
}

async function uploadToServer(traceId: string, spans: readonly SpanRecord[], { api, call }: DeliveryContext) {
  const { tags } = await getTraceInfo(api, traceId);
  const location = tags[TraceKey.artifactLocation] ?? '';
  const [, folder] = /^mlflow-artifacts:\/(?:\/[^/]*\/)?(.*)$/.exec(location) ?? [];
  if (folder === undefined) {
    throw new AutologError(
      'INVALID_PARAMETER_VALUE',
      `Cannot store the spans of ${traceId}: its server keeps none in a database, and its artifacts (${location}) are not reached through it; upgrade it to MLflow 3.4.`,
    );
  }
  const file = [...folder.split('/').filter((it) => it !== ''), 'traces.json'].map(encodeURIComponent).join('/');
  const request = { path: `/api/2.0/mlflow-artifacts/artifacts/${file}`, isIdempotent: true, ...call } as const;
  const known = await readIfThere(() => api.http.requestText({ method: 'GET', ...request }));
  const headers = { 'content-type': 'application/json' };
  await api.http.requestText({ method: 'PUT', ...request, headers, body: merge(known, spans) });
}

async function uploadToDatabricks(traceId: string, spans: readonly SpanRecord[], { api, call }: DeliveryContext) {
  const path = `/api/2.0/mlflow/traces/${encodeURIComponent(traceId)}/credentials-for-data`;
  type Answer = { readonly credential_info: Credential };
  const known = await readIfThere(async () => {
    const { credential_info: credential } = await api.get<Answer>(`${path}-download`, {}, call);
    return transfer('GET', credential);
  });
  const { credential_info: credential } = await api.get<Answer>(`${path}-upload`, {}, call);
  await transfer('PUT', credential, merge(known, spans));
}

/** Reads or writes at an address that is signed: our own credentials are none of its business. */
async function transfer(method: 'GET' | 'PUT', credential: Credential, body?: string): Promise<string> {
  const { signed_uri: url, headers = [] } = credential;
  const own = Object.fromEntries(headers.map(({ name, value }) => [name, value]));
  const response = await dispatch({
    url,
    method,
    headers: { ...own, ...(method === 'PUT' && toPutHeaders(credential.type)) },
    body,
    timeoutMs: readHttpSettings().timeoutMs,
    tls: {},
  });
  const text = await response.text();
  if (response.status < 300) return text;
  throw toServerError(`${method} the spans of a trace at ${new URL(url).host}`, response.status, text);
}

async function readIfThere(read: () => Promise<string>): Promise<string | undefined> {
  try {
    return await read();
  } catch (error) {
    if (isRefusal(error, 'RESOURCE_DOES_NOT_EXIST', 'NOT_FOUND', 'ENDPOINT_NOT_FOUND')) return undefined;
    throw error;
  }
}

/** As text, because numbers do not hold nanoseconds; a span that is there already stays as it is. */
function merge(known: string | undefined, spans: readonly SpanRecord[]): string {
  const before = /^\s*\{\s*"spans"\s*:\s*\[(.*)\]\s*\}\s*$/s.exec(known ?? '')?.[1]?.trim() ?? '';
  const added = spans.filter(({ spanId }) => !before.includes(Buffer.from(spanId, 'hex').toString('base64')));
  return `{"spans": [${[...(before === '' ? [] : [before]), ...added.map(toSpanContent)].join(', ')}]}`;
}
