/** The part of OpenTelemetry's context manager that is used here; registered globally by `@opentelemetry/api`. */
interface ContextManager {
  active(): { setValue(key: symbol, value: unknown): unknown };
  with<T>(context: unknown, fn: () => T): T;
}

const API = Symbol.for('opentelemetry.js.api.1');
const SUPPRESS_TRACING = Symbol.for('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

/**
 * Calls a function so that OpenTelemetry's instrumentations make no spans of what it does: spans of the delivery of
 * spans would have to be delivered too, without end.
 *
 * Needs no package: where nobody has registered a context, nobody makes spans.
 */
export function untraced<T>(fn: () => T): T {
  const manager = (globalThis as { [API]?: { context?: ContextManager } })[API]?.context;
  if (manager === undefined) return fn();
  return manager.with(manager.active().setValue(SUPPRESS_TRACING, true), fn);
}
