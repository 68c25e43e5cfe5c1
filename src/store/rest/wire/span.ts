import type { Span } from '../../../entities/trace.ts';

/** A span in MLflow's REST API: OpenTelemetry's message in protobuf's JSON, ids in base64. */
export interface WireSpan {
  readonly trace_id: string;
  readonly span_id: string;
  readonly parent_span_id?: string;
  readonly name?: string;
  readonly start_time_unix_nano?: WireInteger;
  readonly end_time_unix_nano?: WireInteger;
  readonly status?: { readonly code?: string | number; readonly message?: string };
  readonly attributes?: readonly WireAttribute[];
  readonly events?: readonly {
    readonly name?: string;
    readonly time_unix_nano?: WireInteger;
    readonly attributes?: readonly WireAttribute[];
  }[];
  readonly links?: readonly {
    readonly trace_id: string;
    readonly span_id: string;
    readonly attributes?: readonly WireAttribute[];
  }[];
}

/** Beyond 2^53 a bigint, as `parseJson` reads it. */
type WireInteger = number | bigint | string;

interface WireAttribute {
  readonly key: string;
  readonly value?: WireValue;
}

interface WireValue {
  readonly string_value?: string;
  readonly bool_value?: boolean;
  readonly int_value?: WireInteger;
  readonly double_value?: number | string;
  readonly array_value?: { readonly values?: readonly WireValue[] };
  readonly kvlist_value?: { readonly values?: readonly WireAttribute[] };
  readonly bytes_value?: string;
}

/** Reads JSON; whole numbers beyond 2^53 become bigints. */
export function parseJson(text: string): unknown {
  // With a function it takes several times as long, and few answers hold nanoseconds.
  return /\d{16}/.test(text) ? JSON.parse(text, keepIntegers) : JSON.parse(text);
}

// The third argument holds a number's own text (V8 since Node 21).
function keepIntegers(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value) || !context?.source) return value;
  return /^-?\d+$/.test(context.source) ? BigInt(context.source) : value;
}

/** Reads a span. */
export function parseSpan(wire: WireSpan): Span {
  return {
    traceId: `tr-${toHex(wire.trace_id)}`,
    spanId: toHex(wire.span_id),
    parentSpanId: wire.parent_span_id ? toHex(wire.parent_span_id) : null,
    name: wire.name ?? '',
    startTimeUnixNano: BigInt(wire.start_time_unix_nano ?? 0),
    endTimeUnixNano: BigInt(wire.end_time_unix_nano ?? 0),
    status: { code: parseStatusCode(wire.status?.code), message: wire.status?.message ?? '' },
    attributes: parseAttributes(wire.attributes),
    events: (wire.events ?? []).map((event) => ({
      name: event.name ?? '',
      timeUnixNano: BigInt(event.time_unix_nano ?? 0),
      attributes: parseAttributes(event.attributes),
    })),
    links: (wire.links ?? []).map((link) => ({
      traceId: `tr-${toHex(link.trace_id)}`,
      spanId: toHex(link.span_id),
      attributes: parseAttributes(link.attributes),
    })),
  };
}

/** Sorts spans by their start; a parent comes before its children. */
export function sortSpans(spans: readonly Span[]): readonly Span[] {
  return [...spans].sort(
    (a, b) =>
      Number(a.startTimeUnixNano - b.startTimeUnixNano) ||
      Number(a.parentSpanId !== null) - Number(b.parentSpanId !== null) ||
      (a.spanId < b.spanId ? -1 : 1),
  );
}

function toHex(base64: string): string {
  return Buffer.from(base64, 'base64').toString('hex');
}

function parseStatusCode(code: string | number | undefined): Span['status']['code'] {
  if (code === 1 || code === 'STATUS_CODE_OK') return 'OK';
  return code === 2 || code === 'STATUS_CODE_ERROR' ? 'ERROR' : 'UNSET';
}

function parseAttributes(attributes: readonly WireAttribute[] = []): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, parseValue(value)]));
}

function parseValue(value: WireValue = {}): unknown {
  if (value.string_value !== undefined) return value.string_value;
  if (value.bool_value !== undefined) return value.bool_value;
  if (value.int_value !== undefined) return Number(value.int_value);
  if (value.double_value !== undefined) return Number(value.double_value);
  if (value.array_value !== undefined) return (value.array_value.values ?? []).map(parseValue);
  if (value.kvlist_value !== undefined) return parseAttributes(value.kvlist_value.values);
  return value.bytes_value ?? null;
}
