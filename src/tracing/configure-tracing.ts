import { requireSource } from '../require-source.ts';
import { changeTracing, checkTracingOptions, type TracingOptions, tracingConfig } from './tracing-config.ts';

/**
 * Changes how traces are recorded from now on, and returns a function that puts back what was before.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for options that mean nothing.
 *
 * @example
 * configureTracing({ spanProcessors: [(span) => span.setInputs('[left out]')] });
 */
export function configureTracing(options: TracingOptions): () => void {
  checkTracingOptions(options);
  const { propagateTo } = options;
  if (propagateTo !== undefined && (typeof propagateTo === 'function' || propagateTo.length > 0)) {
    requireSource<typeof import('./propagate-fetch.ts')>('tracing/propagate-fetch').installFetchPropagation();
  }
  return changeTracing(options);
}

/** Stops recording traces that begin from now on; the functions in spans run as before. */
export function disableTracing(): void {
  changeTracing({ isEnabled: false });
}

/** Records traces again. */
export function enableTracing(): void {
  changeTracing({ isEnabled: true });
}

/** Whether traces that begin now are recorded, sampling aside. */
export function isTracingEnabled(): boolean {
  return tracingConfig().isEnabled;
}
