import type { SpanEvent, SpanLink, SpanStatus } from '../../entities/trace.ts';
import { invalidParameter } from '../../errors.ts';
import type { SpanRecord } from '../log-record.ts';

/**
 * A span as the text that MLflow keeps of it: ids in base64, times as integers, each attribute as a string of JSON.
 *
 * With Python's spaces after `:` and `,`, because MLflow's search compares this text with patterns.
 *
 * Source: mlflow/entities/span.py `to_dict`, read at 3.17.2.
 */
export function toSpanContent(record: SpanRecord): string {
  const { traceId, parentSpanId, status } = record;
  if (
    !/^tr-[0-9a-f]{32}$/.test(traceId) ||
    !SPAN_ID.test(record.spanId) ||
    !SPAN_ID.test(parentSpanId ?? record.spanId)
  ) {
    throw invalidParameter(
      `Cannot store the span '${record.name}' of the trace '${traceId}': an id is not hexadecimal.`,
    );
  }
  // By hand, because numbers do not hold nanoseconds.
  return `{"trace_id": "${toBase64(traceId.slice(3))}", "span_id": "${toBase64(record.spanId)}", \
"parent_span_id": ${parentSpanId === null ? 'null' : `"${toBase64(parentSpanId)}"`}, \
"name": ${JSON.stringify(record.name)}, "start_time_unix_nano": ${BigInt(record.startTimeUnixNano)}, \
"end_time_unix_nano": ${BigInt(record.endTimeUnixNano)}, "events": [${record.events.map(toEventText).join(', ')}], \
"status": {"code": "STATUS_CODE_${status.code}", "message": ${JSON.stringify(status.message)}}, \
"attributes": {${toAttributesText(traceId, record.attributes)}}, "links": [${(record.links ?? []).map(toLinkText).join(', ')}]}`;
}

function toEventText({ name, timeUnixNano, attributes }: SpanRecord['events'][number]): string {
  return `{"name": ${JSON.stringify(name)}, "time_unix_nano": ${BigInt(timeUnixNano)}, "attributes": ${toPythonJson(attributes)}}`;
}

function toLinkText({ traceId, spanId, attributes }: SpanLink): string {
  const given = Object.keys(attributes).length > 0 ? attributes : null;
  return toPythonJson({ trace_id: traceId, span_id: spanId, attributes: given });
}

function toAttributesText(traceId: string, attributes: SpanRecord['attributes']): string {
  const requestId = attributes[TRACE_ID] === undefined ? { [TRACE_ID]: traceId } : {};
  let text = '';
  for (const [key, value] of Object.entries({ ...requestId, ...attributes })) {
    if (value === undefined) continue;
    text += `${text === '' ? '' : ', '}${JSON.stringify(key)}: ${JSON.stringify(toPythonJson(value))}`;
  }
  return text;
}

const TRACE_ID = 'mlflow.traceRequestId';

/** The parts of a span that only its text holds. */
export interface SpanContent {
  readonly status: SpanStatus;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly events: readonly SpanEvent[];
  readonly links: readonly SpanLink[];
}

/** Reads the text of a span, whoever wrote it; what it lacks is empty, and one that makes no sense is empty as a whole. */
export function parseSpanContent(content: string): SpanContent {
  try {
    return toContent(JSON.parse(content, keepNanoseconds) as StoredSpan);
  } catch {
    // A SyntaxError, or a TypeError for another form: one span that somebody has spoilt must not hide the others.
    return { status: { code: 'UNSET', message: '' }, attributes: {}, events: [], links: [] };
  }
}

function toContent(span: StoredSpan): SpanContent {
  return {
    status: { code: toStatusCode(span.status?.code), message: span.status?.message ?? '' },
    attributes: Object.fromEntries(
      Object.entries(span.attributes ?? {}).map(([key, value]) => [key, parseAttribute(value)]),
    ),
    events: (span.events ?? []).map((event) => ({
      name: event.name,
      timeUnixNano: BigInt(event.time_unix_nano ?? event.timestamp ?? 0),
      attributes: event.attributes ?? {},
    })),
    links: (span.links ?? []).map((link) => ({
      traceId: toTraceId(link.trace_id),
      spanId: link.span_id,
      attributes: link.attributes ?? {},
    })),
  };
}

/** JSON with nothing but ASCII in it, as Python's `json.dumps` writes it. */
export function toAscii(json: string): string {
  return json.replaceAll(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** JSON as Python's `json.dumps` spaces it; what JSON cannot hold is null. */
export function toPythonJson(value: unknown): string {
  // In strings, line feeds are escaped: each one here stands between two parts.
  const text = JSON.stringify(value, null, 1) ?? 'null';
  return text.includes('\n') ? text.replaceAll(/,\n */g, ', ').replaceAll(/\n */g, '') : text;
}

const SPAN_ID = /^[0-9a-f]{16}$/;

interface StoredSpan {
  readonly status?: { readonly code?: string; readonly message?: string | null };
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly events?: readonly {
    readonly name: string;
    readonly time_unix_nano?: bigint | number;
    readonly timestamp?: bigint | number;
    readonly attributes?: Readonly<Record<string, unknown>> | null;
  }[];
  readonly links?: readonly {
    readonly trace_id: string;
    readonly span_id: string;
    readonly attributes?: Readonly<Record<string, unknown>> | null;
  }[];
}

/** Others may keep the bare digits, or a location before them. */
function toTraceId(id: string): string {
  const bare = id.slice(id.lastIndexOf('/') + 1);
  return bare.startsWith('tr-') ? bare : `tr-${bare}`;
}

function toBase64(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64');
}

// Nanoseconds exceed 2^53; the third argument holds a number's own text (V8 since Node 21).
function keepNanoseconds(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value) || !context?.source) return value;
  return /^-?\d+$/.test(context.source) ? BigInt(context.source) : value;
}

function toStatusCode(code: string | undefined): SpanStatus['code'] {
  if (code?.endsWith('OK')) return 'OK';
  return code?.endsWith('ERROR') ? 'ERROR' : 'UNSET';
}

function parseAttribute(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    // A SyntaxError: other writers keep plain text here.
    return value;
  }
}
