import { type ContextEntry, captureContext, createContextSlot } from '../context.ts';
import { AutologError, checkFunction, invalidParameter } from '../errors.ts';
import { reportFailure } from '../failures.ts';
import { requireSource } from '../require-source.ts';
import type { LiveSpan, SpanEnd, SpanOptions } from './live-span.ts';
import type { LiveTrace, TraceDestination } from './live-trace.ts';
import { endAsItIs, forgetOpen, keepOpen, MAX_OPEN_SPANS, tellEviction } from './open-traces.ts';

export { endOpenTraces } from './open-traces.ts';

/** Holds the active span of a context. */
interface SpanHolder {
  span: LiveSpan | null;
  /** Waits for the first span that asks to be the active one here. */
  isOpen: boolean;
  /** Whether the first that asks may follow the call of this context; then what it told. */
  follower?: object | null;
  readonly subject?: unknown;
}

/** A context whose active span a library's event brings, after the context was entered. */
export interface SpanScope {
  /** The span that was brought, or null as long as there is none. */
  readonly filledBy: LiveSpan | null;
  /** What `followScope` was given in it. */
  readonly follower: object | null;
  run<R>(fn: () => R): R;
}

const holderSlot = createContextSlot<SpanHolder>('autolog.activeSpan');

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

/** The span that new spans of this context become children of. */
export function activeSpan(): LiveSpan | null {
  let span = enteredSpan();
  while (span?.isEnded) span = span.parent;
  return span;
}

/** The span that this context was entered with, be it ended. */
export function enteredSpan(): LiveSpan | null {
  return holderSlot.get()?.span ?? null;
}

/** Runs a function, and all that it starts, with a span as the active one (null: none). */
export function withActiveSpan<R>(span: LiveSpan | null, fn: () => R): R {
  return holderSlot.with({ span, isOpen: false }, fn);
}

/** What `withBoth` sets to make a span the active one. */
export function activeSpanEntry(span: LiveSpan): ContextEntry {
  return holderSlot.entry({ span, isOpen: false });
}

/** How a scope begins. */
export interface SpanScopeOptions {
  /** Lets `followScope` say what is to be told of the call. @default false */
  readonly isFollowed?: boolean;
  /** What is called. */
  readonly subject?: unknown;
  /** The span above, where the active one does not lie deeper. */
  readonly above?: LiveSpan | undefined;
}

/** Makes a scope that has the present active span until `fillActiveSpan` is called in it. */
export function createSpanScope({ isFollowed, subject, above }: SpanScopeOptions = {}): SpanScope {
  const follower = isFollowed ? null : undefined;
  const span = above === undefined ? enteredSpan() : deeperSpan(above, activeSpan());
  const holder: SpanHolder = { span, isOpen: true, follower, subject };
  return {
    get filledBy() {
      return holder.isOpen ? null : holder.span;
    },
    get follower() {
      return holder.follower ?? null;
    },
    run: holderSlot.with(holder, captureContext),
  };
}

/**
 * Makes a span the active one of the surrounding scope, if it is the first that asks: a scope belongs to one call, and
 * what the call starts in its turn must not take its place.
 */
export function fillActiveSpan(span: LiveSpan): void {
  const holder = holderSlot.get();
  if (!holder?.isOpen) return;
  holder.span = span;
  holder.isOpen = false;
}

/** Sets the follower of the surrounding scope, if it has none yet, and returns the one it has; null outside of one. */
export function followScope(follower: object): object | null {
  const holder = holderSlot.get();
  if (holder?.follower === null) holder.follower = follower;
  return holder?.follower ?? null;
}

/** The span that was brought to the surrounding scope; null outside of one, and as long as there is none. */
export function scopeSpan(): LiveSpan | null {
  const holder = holderSlot.get();
  return holder !== undefined && 'subject' in holder && !holder.isOpen ? holder.span : null;
}

/** What the surrounding scope was made for. */
export function scopeSubject(): unknown {
  return holderSlot.get()?.subject;
}

/** The deeper of two spans when one lies within the other, else the first. */
export function deeperSpan(span: LiveSpan | null, other: LiveSpan | null): LiveSpan | null {
  if (span === null || other === null) return span ?? other;
  for (let each: LiveSpan | null = other; each !== null; each = each.parent) if (each === span) return other;
  return span;
}

/** Begins a span under `parent` (by default the active span), or a new trace; the caller ends it. */
export function startSpan(options: SpanOptions, parent: LiveSpan | null = activeSpan()): LiveSpan {
  const trace = parent === null ? startTrace() : parent.trace;
  const span = new (liveClasses().LiveSpan)(trace, parent, options);
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
  if (typeof options?.name !== 'string' || options.name === '') {
    throw invalidParameter("Cannot begin a span: it has no name; pass { name: 'answer' } before the function.");
  }
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

/** The function's own outcome goes on. */
function endSafely(span: LiveSpan, end: SpanEnd): void {
  try {
    span.end(end);
  } catch (error) {
    reportFailure('recording a span', error);
  }
}

function failSafely(span: LiveSpan, thrown: unknown): void {
  try {
    span.fail(thrown);
  } catch (error) {
    reportFailure('recording a span', error);
  }
}

function startTrace(): LiveTrace {
  if (provideDestination === undefined)
    throw new AutologError(
      'INTERNAL_ERROR',
      "Cannot start a trace: tracing is not connected to a store; import 'autolog' or 'autolog/integration'.",
    );
  const trace = new (liveClasses().LiveTrace)({ ...provideDestination(), onEnd: forgetOpen });
  keepOpen(trace);
  return trace;
}
