import type { Span } from '../../entities/trace.ts';
import { isRefusal, type RestApi } from './rest-api.ts';
import { sortSpans } from './wire/span.ts';

/** A span as MLflow keeps it in `traces.json`: ids in base64, each attribute a string of JSON. */
interface StoredSpan {
  readonly trace_id: string;
  readonly span_id: string;
  readonly parent_span_id?: string | null;
  readonly name?: string;
  readonly start_time_unix_nano?: number | bigint;
  readonly end_time_unix_nano?: number | bigint | null;
  readonly status?: { readonly code?: string; readonly message?: string | null };
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly events?: readonly {
    readonly name: string;
    readonly time_unix_nano?: number | bigint;
    readonly attributes?: Readonly<Record<string, unknown>>;
  }[];
}

/** Reads the spans of a trace that lie among the server's artifacts; none where there are none. */
export async function readStoredSpans(api: RestApi, traceId: string): Promise<readonly Span[]> {
  try {
    const path = '/ajax-api/2.0/mlflow/get-trace-artifact';
    const { spans = [] } = await api.get<{ spans?: StoredSpan[] }>(path, { request_id: traceId });
    return sortSpans(spans.map((span) => parseStoredSpan(span, traceId)));
  } catch (error) {
    if (isRefusal(error, 'RESOURCE_DOES_NOT_EXIST', 'NOT_FOUND', 'ENDPOINT_NOT_FOUND')) return [];
    throw error;
  }
}

function parseStoredSpan(span: StoredSpan, traceId: string): Span {
  const start = BigInt(span.start_time_unix_nano ?? 0);
  return {
    traceId,
    spanId: toHex(span.span_id),
    parentSpanId: span.parent_span_id ? toHex(span.parent_span_id) : null,
    name: span.name ?? '',
    startTimeUnixNano: start,
    endTimeUnixNano: BigInt(span.end_time_unix_nano ?? start),
    status: { code: toStatusCode(span.status?.code), message: span.status?.message ?? '' },
    attributes: Object.fromEntries(
      Object.entries(span.attributes ?? {}).map(([key, value]) => [key, parseAttribute(value)]),
    ),
    events: (span.events ?? []).map((event) => ({
      name: event.name,
      timeUnixNano: BigInt(event.time_unix_nano ?? 0),
      attributes: event.attributes ?? {},
    })),
    links: [],
  };
}

function toHex(base64: string): string {
  return Buffer.from(base64, 'base64').toString('hex');
}

function toStatusCode(code = ''): Span['status']['code'] {
  if (code.endsWith('OK')) return 'OK';
  return code.endsWith('ERROR') ? 'ERROR' : 'UNSET';
}

function parseAttribute(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    // SyntaxError: other writers keep plain text here.
    return value;
  }
}
