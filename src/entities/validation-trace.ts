import { invalidParameter } from '../errors.ts';
import { TraceKey } from './trace-keys.ts';
import { validateTagKey } from './validation-key.ts';
import { checkLength, cutText, limitValue, showValue } from './validation-text.ts';

const MAX_METADATA_KEY = 250;
const MAX_VALUE = 8000;
const MAX_SESSION = 250;
const MAX_NAME = 4096;
const MAX_PREVIEW = 1000;
const MAX_LINKS = 100;
const IMMUTABLE_TAGS: readonly string[] = ['mlflow.user', TraceKey.artifactLocation];

/**
 * Checks a tag of a trace and returns the value to store: cut to 8000 characters, unless MLFLOW_TRUNCATE_LONG_VALUES is
 * false; a name has at most 4096.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE.
 */
export function validateTraceTag(key: string, value: string): string {
  validateTagKey(key);
  const stored = limitValue(`trace tag '${key}'`, value, MAX_VALUE);
  if (key === TraceKey.name) checkLength('Cannot name a trace: the name', stored, MAX_NAME);
  return stored;
}

/**
 * Checks that a tag of a trace may be changed or deleted.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for one that MLflow sets once.
 */
export function validateTraceTagIsMutable(key: string): void {
  if (!IMMUTABLE_TAGS.includes(key)) return;
  throw invalidParameter(`Cannot change the trace tag '${key}': MLflow sets it once; choose another key.`);
}

/**
 * Checks an entry of a trace's metadata and returns the value to store, cut to 8000 characters; the session has at most
 * 250.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE.
 */
export function validateTraceMetadata(key: string, value: string): string {
  if (key === '') throw invalidParameter('Cannot log metadata of a trace: its key is empty; give it a name.');
  checkLength('Cannot log metadata of a trace: its key', key, MAX_METADATA_KEY);
  if (key === TraceKey.session) checkLength('Cannot set the session of a trace: it', value, MAX_SESSION);
  return limitValue(`trace metadata '${key}'`, value, MAX_VALUE);
}

/** Cuts the preview of a trace's inputs or outputs to 1000 characters. */
export function cutPreview(preview: string): string {
  return cutText(preview, MAX_PREVIEW).toWellFormed();
}

/**
 * Checks how many traces one call links to a run: at most 100.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE.
 */
export function validateTraceLinks(traceIds: readonly string[]): void {
  if (!Array.isArray(traceIds)) throw invalidParameter('Cannot link traces to a run: pass a list of their ids.');
  if (traceIds.length > MAX_LINKS) {
    throw invalidParameter(
      `Cannot link ${traceIds.length} traces to a run: one call links at most ${MAX_LINKS}; split them up.`,
    );
  }
  const odd = traceIds.find((id) => typeof id !== 'string' || id === '');
  if (odd !== undefined) throw invalidParameter(`Cannot link the trace ${showValue(odd)} to a run: it is no id.`);
}
