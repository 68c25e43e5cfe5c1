import type { SpanLink } from '../../entities/trace.ts';
import type { SpanRecord } from '../log-record.ts';
import { ProtobufWriter } from './protobuf-writer.ts';

/** What the spans have in common. */
export interface EncodeSpansOptions {
  /** Attributes of the resource: `service.name` and the like. @default none */
  readonly resource?: Readonly<Record<string, unknown>>;
  /** The library that made the spans. @default autolog, without a version */
  readonly scope?: { readonly name: string; readonly version?: string };
}

/**
 * Encodes spans as OTLP's ExportTraceServiceRequest in protobuf: one resource, one scope.
 *
 * Attributes keep their structure: integers, doubles, booleans, lists and maps; null has no value. Ids that are not
 * hexadecimal are encoded as far as they are.
 *
 * Own code, because @opentelemetry/otlp-transformer brings the SDKs of logs and metrics and holds the API's version.
 * Source: opentelemetry/proto/trace/v1/trace.proto, read at 1.10.
 */
export function encodeSpans(spans: readonly SpanRecord[], options: EncodeSpansOptions = {}): Uint8Array {
  const { resource = {}, scope = { name: 'autolog' } } = options;
  const writer = new ProtobufWriter();
  writer.message(1, () => {
    writer.message(1, () => {
      writeAttributes(writer, 1, resource);
      writer.varint(2, 0);
    });
    writer.message(2, () => {
      writer.message(1, () => {
        writer.string(1, scope.name);
        if (scope.version) writer.string(2, scope.version);
      });
      for (const span of spans) writer.message(2, () => writeSpan(writer, span));
    });
  });
  return writer.finish();
}

/** A span within one process. */
const INTERNAL = 1;
/** Sampled, and it is known whether the parent is remote: it is not. */
const FLAGS = 0x101;
const STATUS_CODES = { UNSET: 0, OK: 1, ERROR: 2 } as const;

function writeSpan(writer: ProtobufWriter, span: SpanRecord): void {
  writer.bytes(1, toTraceIdBytes(span.traceId));
  writer.bytes(2, Buffer.from(span.spanId, 'hex'));
  if (span.parentSpanId) writer.bytes(4, Buffer.from(span.parentSpanId, 'hex'));
  writer.string(5, span.name);
  writer.varint(6, INTERNAL);
  writer.fixed64(7, BigInt(span.startTimeUnixNano));
  writer.fixed64(8, BigInt(span.endTimeUnixNano));
  writeAttributes(writer, 9, span.attributes);
  writer.varint(10, 0);
  for (const event of span.events) writer.message(11, () => writeEvent(writer, event));
  writer.varint(12, 0);
  for (const link of span.links ?? []) writer.message(13, () => writeLink(writer, link));
  writer.varint(14, 0);
  writer.message(15, () => {
    if (span.status.message) writer.string(2, span.status.message);
    writer.varint(3, STATUS_CODES[span.status.code]);
  });
  writer.fixed32(16, FLAGS);
}

function writeEvent(writer: ProtobufWriter, event: SpanRecord['events'][number]): void {
  writer.fixed64(1, BigInt(event.timeUnixNano));
  writer.string(2, event.name);
  writeAttributes(writer, 3, event.attributes);
  writer.varint(4, 0);
}

function writeLink(writer: ProtobufWriter, link: SpanLink): void {
  writer.bytes(1, toTraceIdBytes(link.traceId));
  writer.bytes(2, Buffer.from(link.spanId, 'hex'));
  writeAttributes(writer, 4, link.attributes);
  writer.varint(5, 0);
  writer.fixed32(6, FLAGS);
}

function writeAttributes(
  writer: ProtobufWriter,
  field: number,
  attributes: Readonly<Record<string, unknown>>,
): void {
  for (const [key, value] of Object.entries(attributes)) {
    writer.message(field, () => writeKeyValue(writer, key, value));
  }
}

function writeKeyValue(writer: ProtobufWriter, key: string, value: unknown): void {
  writer.string(1, key);
  writer.message(2, () => writeValue(writer, value));
}

function writeValue(writer: ProtobufWriter, value: unknown): void {
  if (typeof value === 'string') writer.string(1, value);
  else if (typeof value === 'boolean') writer.varint(2, value ? 1 : 0);
  else if (typeof value === 'number') writeNumber(writer, value);
  else if (value instanceof Uint8Array) writer.bytes(7, value);
  else if (Array.isArray(value)) {
    writer.message(5, () => {
      for (const item of value) writer.message(1, () => writeValue(writer, item));
    });
  } else if (typeof value === 'object' && value !== null) {
    writer.message(6, () => writeAttributes(writer, 1, value as Record<string, unknown>));
  }
}

function writeNumber(writer: ProtobufWriter, value: number): void {
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 63) writer.varint(3, value);
  else writer.double(4, value);
}

function toTraceIdBytes(traceId: string): Uint8Array {
  return Buffer.from(traceId.replace(/^tr-/, ''), 'hex');
}
