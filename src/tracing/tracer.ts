import { AutologError, checkFunction, invalidParameter } from '../errors.ts';
import { reportFailure } from '../failures.ts';
import { timeOrderedHex } from '../random-id.ts';
import { requireSource } from '../require-source.ts';
import { activeSpan, withActiveSpan } from './active-span.ts';
import type { LiveSpan, SpanEnd, SpanOptions, SpanTwin } from './live-span.ts';
import type { LiveTrace, TraceDestination } from './live-trace.ts';
import { endAsItIs, forgetOpen, keepOpen, MAX_OPEN_SPANS, tellEviction } from './open-traces.ts';
import { type TracePlace, tracePlace } from './trace-place.ts';
import { tracingConfig } from './tracing-config.ts';

export {
  activeSpan,
  activeSpanEntry,
  createSpanScope,
  deeperSpan,
  enteredSpan,
  fillActiveSpan,
  followScope,
  type SpanScope,
  type SpanScopeOptions,
  scopeSpan,
  scopeSubject,
  withActiveSpan,
  withTwin,
} from './active-span.ts';
export { endOpenTraces } from './open-traces.ts';

/** Says where the next trace belongs. */
export type DestinationProvider = () => Omit<TraceDestination, 'onEnd'>;

let provideDestination: DestinationProvider | undefined;

/** Connects tracing with the store side; called by the composition of the package. */
export function connectTracing(provider: DestinationProvider): void {
  provideDestination = provider;
}

let classes: (typeof import('./live-span.ts') & typeof import('./live-trace.ts')) | undefined;

function liveClasses() {
  classes ??= {
    ...requireSource<typeof import('./live-span.ts')>('tracing/live-span'),
    ...requireSource<typeof import('./live-trace.ts')>('tracing/live-trace'),
  };
  return classes;
}

/** Begins a span under `parent` (by default the active span), or a new trace; the caller ends it. */
export function startSpan(options: SpanOptions, parent: LiveSpan | null = activeSpan()): LiveSpan {
  if (tracingConfig().openTelemetry === 'share') return startShared(options, parent);
  if (parent !== null) return beginSpan(parent.trace, parent, options);
  return beginRoot(tracePlace(), options);
}

/** Begins a span that another tracer has too. */
export function startTwin(options: SpanOptions, parent: LiveSpan | TracePlace, twin: SpanTwin): LiveSpan {
  return 'spanId' in parent ? beginSpan(parent.trace, parent, options, twin) : beginRoot(parent, options, twin);
}

function startShared(options: SpanOptions, parent: LiveSpan | null): LiveSpan {
  const { startTwinOf } = requireSource<typeof import('./shared-spans.ts')>('tracing/shared-spans');
  let started: ReturnType<typeof startTwinOf> = {};
  try {
    started = startTwinOf(options, parent);
  } catch (error) {
    reportFailure("beginning a span with the program's own tracer", error);
  }
  const { twin, place = tracePlace() } = started;
  if (parent !== null) return beginSpan(parent.trace, parent, options, twin);
  return beginRoot(place, options, twin);
}

function beginRoot(place: TracePlace, options: SpanOptions, twin?: SpanTwin): LiveSpan {
  const { link } = place;
  const linked = link === undefined ? options : { ...options, links: [...(options.links ?? []), link] };
  return beginSpan(startTrace(place, options.samplingRatio), null, linked, twin);
}

function beginSpan(trace: LiveTrace, parent: LiveSpan | null, options: SpanOptions, twin?: SpanTwin): LiveSpan {
  const span = new (liveClasses().LiveSpan)(trace, parent, options, twin);
  trace.spanStarted(span);
  const surplus = trace.surplusSpan(MAX_OPEN_SPANS);
  if (surplus !== undefined) endSurplus(surplus);
  return span;
}

function endSurplus(span: LiveSpan): void {
  const why = `more than ${MAX_OPEN_SPANS} spans of its trace were under way`;
  endAsItIs(span, why);
  tellEviction('ending a span that the program did not end', why);
}

/**
 * Runs a function in a span, ends it with the function's outcome and returns what it returned. What goes wrong once the
 * function has begun is reported only.
 *
 * @throws {AutologError} when there is no store for the trace, no name or no function; nothing was called then.
 *
 * @example
 * const answer = await withSpan({ name: 'answer', type: 'CHAIN' }, async (span) => { … });
 */
export function withSpan<R>(options: SpanOptions, fn: (span: LiveSpan) => R): R {
  checkName(options);
  checkFunction(`Cannot begin the span '${options.name}'`, fn, 'pass what it is the span of');
  const span = startSpan(options);
  let result: R;
  try {
    result = withActiveSpan(span, () => fn(span));
  } catch (error) {
    failSafely(span, error);
    throw error;
  }
  if (!(result instanceof Promise)) {
    endSafely(span, { outputs: span.outputs ?? result });
    return result;
  }
  return result.then(
    (value: unknown) => {
      endSafely(span, { outputs: span.outputs ?? value });
      return value;
    },
    (error: unknown) => {
      failSafely(span, error);
      throw error;
    },
  ) as R;
}

/**
 * Begins a span that the caller ends by `span.end()`; it is the active one nowhere. Its parent is the active span, unless
 * another one is given, or null for a new trace.
 *
 * @throws {AutologError} when there is no store for the trace, or no name.
 *
 * @example
 * const span = startSpan({ name: 'stream', inputs });
 * socket.once('close', () => span.end({ outputs }));
 */
export function startManualSpan(options: SpanOptions, parent: LiveSpan | null = activeSpan()): LiveSpan {
  checkName(options);
  return startSpan(options, parent);
}

function checkName(options: SpanOptions): void {
  if (typeof options?.name === 'string' && options.name !== '') return;
  throw invalidParameter("Cannot begin a span: it has no name; pass { name: 'answer' } before the function.");
}

/** Ends a span with an outcome of the program's; its own outcome goes on. */
export function endSafely(span: LiveSpan, end: SpanEnd): void {
  try {
    span.end(end);
  } catch (error) {
    reportFailure('recording a span', error);
  }
}

/** Ends a span with what the program has thrown; that goes on. */
export function failSafely(span: LiveSpan, thrown: unknown): void {
  try {
    span.fail(thrown);
  } catch (error) {
    reportFailure('recording a span', error);
  }
}

function startTrace(place: TracePlace, samplingRatio?: number): LiveTrace {
  const { LiveTrace } = liveClasses();
  const start = place.traceId === undefined ? { ...place, traceId: `tr-${timeOrderedHex()}` } : place;
  if (!isSampled(start, samplingRatio)) return new LiveTrace(UNRECORDED, { ...start, isRecorded: false });
  if (provideDestination === undefined)
    throw new AutologError(
      'INTERNAL_ERROR',
      "Cannot start a trace: tracing is not connected to a store; import 'autolog' or 'autolog/integration'.",
    );
  const trace = new LiveTrace({ ...provideDestination(), onEnd: forgetOpen }, start);
  keepOpen(trace);
  return trace;
}

const UNRECORDED: TraceDestination = {
  sink: { append: () => undefined },
  experiment: { id: '0' },
  metadata: {},
  onEnd: () => undefined,
};

/** What began elsewhere follows the decision there; else it is taken by the id, so that all who know it agree. */
function isSampled({ traceId = '', isSampled: isSampledThere }: TracePlace, ownRatio?: number): boolean {
  const { isEnabled, samplingRatio } = tracingConfig();
  if (!isEnabled) return false;
  if (isSampledThere !== undefined) return isSampledThere;
  const ratio = ownRatio ?? samplingRatio;
  // As OpenTelemetry's TraceIdRatioBased: the lower 64 bits of the id, of which 52 tell enough.
  return ratio >= 1 || Number.parseInt(traceId.slice(-16, -3), 16) < ratio * 2 ** 52;
}
