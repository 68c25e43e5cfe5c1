// Types alone: a copy of ours would refuse what a program has registered with an older one, and take 10 ms to load.
import type { Context, ContextManager, Span, TracerProvider } from '@opentelemetry/api';

/** What the packages of OpenTelemetry share, whichever copies of its API a program loads (since version 1.0). */
interface OpenTelemetryGlobal {
  readonly context?: ContextManager;
  readonly trace?: TracerProvider;
}

const GLOBAL = Symbol.for('opentelemetry.js.api.1');
const SPAN = Symbol.for('OpenTelemetry Context Key SPAN');
const SUPPRESSED = Symbol.for('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

/** What the program has registered; undefined where it has nothing. */
export function openTelemetry(): OpenTelemetryGlobal | undefined {
  return (globalThis as { [GLOBAL]?: OpenTelemetryGlobal })[GLOBAL];
}

/** The program's context of OpenTelemetry, where it has registered one. */
export function openTelemetryContext(): Context | undefined {
  return openTelemetry()?.context?.active();
}

/** The span in a context, if it has ids. */
export function spanInContext(context: Context | undefined): Span | undefined {
  const span = context?.getValue(SPAN) as Span | undefined;
  return span !== undefined && /^0*$/.test(span.spanContext().traceId) ? undefined : span;
}

/** A context with a span as the active one. */
export function contextWithSpan(context: Context, span: Span): Context {
  return context.setValue(SPAN, span);
}

/** Runs a function with a span as the active one of OpenTelemetry. */
export function enterOpenTelemetry<R>(span: Span, fn: () => R): R {
  const manager = openTelemetry()?.context;
  return manager === undefined ? fn() : manager.with(contextWithSpan(manager.active(), span), fn);
}

/** Runs a function of which the program's instrumentations take no notice. */
export function unseenByOpenTelemetry<R>(fn: () => R): R {
  const manager = openTelemetry()?.context;
  return manager === undefined ? fn() : manager.with(manager.active().setValue(SUPPRESSED, true), fn);
}
