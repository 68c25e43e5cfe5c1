import type { Attributes, AttributeValue, Context, HrTime, Link, Span, Tracer } from '@opentelemetry/api';
import type { SpanRecord } from '../store/log-record.ts';
import { VERSION } from '../version.ts';
import { AttributeKey } from './attribute-keys.ts';
import { genAiAttributes } from './genai-attributes.ts';
import type { LiveSpan, NewSpanLink, SpanOptions, SpanTwin } from './live-span.ts';
import { contextWithSpan, enterOpenTelemetry, openTelemetry, spanInContext } from './open-telemetry.ts';
import { placeBeside, remotePlace, type TracePlace } from './trace-place.ts';
import { startUnmirrored } from './unmirrored.ts';

/** A span of the program's own tracer that goes with one of ours. */
interface StartedTwin {
  readonly twin?: OpenTelemetryTwin;
  /** Where a trace hangs that it begins. */
  readonly place?: TracePlace;
}

/** OpenTelemetry's numbers for the outcome of a span. */
const STATUS_CODES = { UNSET: 0, OK: 1, ERROR: 2 } as const;
const SAMPLED = 1;

/** Has the program's tracer begin a span for one of ours; empty where the program has registered none. */
export function startTwinOf(options: SpanOptions, parent: LiveSpan | null): StartedTwin {
  const { trace: provider, context: manager } = openTelemetry() ?? {};
  if (provider === undefined || manager === undefined) return {};
  const active = manager.active();
  const tracer = provider.getTracer('autolog', VERSION);
  const span = startUnmirrored(() => startIn(tracer, options, parentContext(active, parent)));
  const { traceId } = span.spanContext();
  const twin = new OpenTelemetryTwin(span);
  if (parent !== null || remotePlace() !== null) return { twin };
  return { twin, place: placeBeside(traceId, spanInContext(active)?.spanContext().spanId) };
}

function startIn(tracer: Tracer, options: SpanOptions, context: Context): Span {
  const { name, type = 'UNKNOWN', links = [], startTimeUnixNano } = options;
  return tracer.startSpan(
    name,
    {
      attributes: { [AttributeKey.type]: type },
      links: links.map(toLink),
      ...(startTimeUnixNano === undefined ? {} : { startTime: toHrTime(startTimeUnixNano) }),
    },
    context,
  );
}

/** A span of the program's that is active lies within the one of ours that was entered last. */
function parentContext(active: Context, parent: LiveSpan | null): Context {
  if (!(parent?.twin instanceof OpenTelemetryTwin)) return active;
  const span = spanInContext(active);
  const isForeign = span !== undefined && !isTwin(span);
  return isForeign ? active : contextWithSpan(active, parent.twin.span);
}

const allTwins = new WeakSet<Span>();

function isTwin(span: Span): boolean {
  return allTwins.has(span);
}

/** Goes with a span of ours, under the same id. */
export class OpenTelemetryTwin implements SpanTwin {
  readonly span: Span;
  readonly spanId: string;

  constructor(span: Span) {
    this.span = span;
    this.spanId = span.spanContext().spanId;
    allTwins.add(span);
  }

  enter<R>(fn: () => R): R {
    return enterOpenTelemetry(this.span, fn);
  }

  end(record: SpanRecord): void {
    const { span } = this;
    span.setAttributes(toOpenTelemetry({ ...record.attributes, ...genAiAttributes(record) }));
    for (const { name, attributes, timeUnixNano } of record.events) {
      span.addEvent(name, toOpenTelemetry(attributes), toHrTime(BigInt(timeUnixNano)));
    }
    const { code, message } = record.status;
    if (code !== 'UNSET') span.setStatus({ code: STATUS_CODES[code], ...(message === '' ? {} : { message }) });
    span.end(toHrTime(BigInt(record.endTimeUnixNano)));
  }
}

/** Its attributes hold no structures: those are written as JSON. */
function toOpenTelemetry(attributes: Readonly<Record<string, unknown>>): Attributes {
  const entries = Object.entries(attributes).map(([key, value]) => [key, toAttributeValue(value)]);
  return Object.fromEntries(entries) as Attributes;
}

function toAttributeValue(value: unknown): AttributeValue {
  const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return isPlain ? value : JSON.stringify(value);
}

function toLink({ traceId, spanId, attributes = {} }: NewSpanLink): Link {
  const context = { traceId: traceId.replace(/^tr-/, ''), spanId, traceFlags: SAMPLED };
  return { context, attributes: toOpenTelemetry(attributes) };
}

function toHrTime(unixNano: bigint): HrTime {
  return [Number(unixNano / 1_000_000_000n), Number(unixNano % 1_000_000_000n)];
}
