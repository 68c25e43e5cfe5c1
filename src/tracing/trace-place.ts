import { createContextSlot } from '../context.ts';
import type { NewSpanLink } from './live-span.ts';
import type { TraceStart } from './live-trace.ts';
import { openTelemetryContext, spanInContext } from './open-telemetry.ts';
import type { RemoteSpan } from './trace-context.ts';
import { tracingConfig } from './tracing-config.ts';

/** Where a new trace hangs. */
export interface TracePlace extends TraceStart {
  /** Whether the other process records its part; undefined where nobody has decided. */
  readonly isSampled?: boolean;
  /** The span of another tracer that the root has grown from. */
  readonly link?: NewSpanLink;
}

const remoteSlot = createContextSlot<RemotePlace | null>('autolog.remoteSpan');

/** A span of another process, and who records the trace as a whole. */
export interface RemotePlace {
  readonly span: RemoteSpan;
  readonly isRecordedThere: boolean;
}

/** Runs a function, and all that it starts, within a span of another process (null: none). */
export function withRemotePlace<R>(place: RemotePlace | null, fn: () => R): R {
  return remoteSlot.with(place, fn);
}

/** The span of another process that this context is within. */
export function remotePlace(): RemotePlace | null {
  return remoteSlot.get() ?? null;
}

/** Ids of OpenTelemetry's traces that were taken lately, the oldest first. */
const takenIds = new Set<string>();
const TAKEN_COUNT = 10_000;

/** Where a trace that begins in this context hangs. */
export function tracePlace(): TracePlace {
  const remote = remoteSlot.get();
  if (remote) return placeOf(remote);
  if (tracingConfig().openTelemetry === 'off') return {};
  const context = spanInContext(openTelemetryContext())?.spanContext();
  return context === undefined ? {} : placeBeside(context.traceId, context.spanId);
}

function placeOf({ span, isRecordedThere }: RemotePlace): TracePlace {
  if (!isRecordedThere) return placeBeside(span.traceId, span.spanId);
  return { traceId: `tr-${span.traceId}`, remoteParentId: span.spanId, isSampled: span.isSampled };
}

/**
 * The place of a trace that has grown from a span that MLflow does not get: its id where that is free, and a link. As a
 * parent, the missing span would leave the trace without a root.
 */
export function placeBeside(otelTraceId: string, spanId: string | undefined): TracePlace {
  const traceId = `tr-${otelTraceId}`;
  const link = spanId === undefined ? {} : { link: { traceId, spanId } };
  return takeId(traceId) ? { traceId, ...link } : link;
}

/** One trace of ours alone may have the id: two would be stored as one, with two roots. */
function takeId(traceId: string): boolean {
  if (takenIds.has(traceId)) return false;
  takenIds.add(traceId);
  for (const oldest of takenIds) {
    if (takenIds.size <= TAKEN_COUNT) break;
    takenIds.delete(oldest);
  }
  return true;
}
