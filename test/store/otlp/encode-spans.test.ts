import { SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SpanRecord } from '../../../src/store/log-record.ts';
import { encodeSpans } from '../../../src/store/otlp/encode-spans.ts';

type Attributes = Readonly<Record<string, unknown>>;

const ID = fc
  .array(fc.constantFrom(...'0123456789abcdef'), { minLength: 16, maxLength: 16 })
  .map((it) => it.join(''));
const TRACE_ID = fc.tuple(ID, ID).map(([high, low]) => `tr-${high}${low}`);
const TIME = fc.bigInt({ min: 0n, max: 2n ** 63n }).map(String);
const VALUE = fc.letrec((tie) => ({
  value: fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.double(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;
const ATTRIBUTES = fc.dictionary(fc.string(), VALUE, { noNullPrototype: true, maxKeys: 6 });
const SPAN: fc.Arbitrary<SpanRecord> = fc.record({
  op: fc.constant('span' as const),
  experiment: fc.constant({ id: '1' }),
  traceId: TRACE_ID,
  spanId: ID,
  parentSpanId: fc.option(ID),
  name: fc.string(),
  startTimeUnixNano: TIME,
  endTimeUnixNano: TIME,
  status: fc.record({ code: fc.constantFrom('UNSET', 'OK', 'ERROR'), message: fc.string() }),
  attributes: ATTRIBUTES,
  events: fc.array(fc.record({ name: fc.string(), timeUnixNano: TIME, attributes: ATTRIBUTES }), { maxLength: 3 }),
  links: fc.array(fc.record({ traceId: TRACE_ID, spanId: ID, attributes: ATTRIBUTES }), { maxLength: 3 }),
});

describe('encodeSpans', () => {
  test('writes byte for byte what OpenTelemetry writes of the same spans', () => {
    fc.assert(
      fc.property(fc.array(SPAN, { minLength: 1, maxLength: 4 }), ATTRIBUTES, (spans, resource) => {
        const scope = { name: 'autolog', version: '1.2.3' };
        const ours = encodeSpans(spans, { resource, scope });
        expect(Buffer.from(ours).toString('hex')).toBe(encodeByOpenTelemetry(spans, resource, scope));
      }),
      { numRuns: 300 },
    );
  });

  test('writes messages that are longer than its first buffer', () => {
    const attributes = { text: 'ü'.repeat(100_000), bytes: new Uint8Array(70_000).fill(7), big: 2 ** 60 };
    const spans = [span({ attributes }), span({ attributes: { small: [1, [2.5, { a: 'b' }]] } })];
    const scope = { name: 'autolog' };
    const ours = encodeSpans(spans, { scope });
    expect(Buffer.from(ours).toString('hex')).toBe(encodeByOpenTelemetry(spans, {}, scope));
  });
});

function span(changes: Partial<SpanRecord>): SpanRecord {
  return {
    op: 'span',
    experiment: { id: '1' },
    traceId: `tr-${'ab'.repeat(16)}`,
    spanId: 'cd'.repeat(8),
    parentSpanId: null,
    name: 'chat',
    startTimeUnixNano: '1700000000123456789',
    endTimeUnixNano: '1700000001123456790',
    status: { code: 'OK', message: '' },
    attributes: {},
    events: [],
    ...changes,
  };
}

function encodeByOpenTelemetry(
  spans: readonly SpanRecord[],
  resource: Attributes,
  scope: { name: string },
): string {
  const shared = { resource: { attributes: resource }, instrumentationScope: scope };
  const readable = spans.map((it) => ({
    ...shared,
    spanContext: () => toContext(it.traceId, it.spanId),
    parentSpanContext: it.parentSpanId === null ? undefined : toContext(it.traceId, it.parentSpanId),
    name: it.name,
    kind: SpanKind.INTERNAL,
    startTime: toHrTime(it.startTimeUnixNano),
    endTime: toHrTime(it.endTimeUnixNano),
    attributes: it.attributes,
    events: it.events.map((event) => ({ ...event, time: toHrTime(event.timeUnixNano) })),
    links: (it.links ?? []).map((link) => ({
      attributes: link.attributes,
      context: toContext(link.traceId, link.spanId),
    })),
    status: { code: SpanStatusCode[it.status.code], message: it.status.message },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  }));
  const bytes = ProtobufTraceSerializer.serializeRequest(readable as never);
  return Buffer.from(bytes ?? []).toString('hex');
}

function toContext(traceId: string, spanId: string) {
  return { traceId: traceId.slice(3), spanId, traceFlags: TraceFlags.SAMPLED };
}

function toHrTime(nanoseconds: string): [number, number] {
  return [Number(BigInt(nanoseconds) / 1_000_000_000n), Number(BigInt(nanoseconds) % 1_000_000_000n)];
}
