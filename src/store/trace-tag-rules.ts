import { TraceKey } from '../entities/trace-keys.ts';
import { invalidParameter } from '../errors.ts';

/**
 * Checks that a tag of a trace may be changed.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for one that MLflow keeps for itself.
 */
export function checkTraceTagChange(key: string, change: 'set' | 'deleted'): void {
  // Without it, MLflow tries again what has failed.
  if (!IMMUTABLE.has(key) || (key === ARCHIVAL_FAILURE && change === 'deleted')) return;
  throw invalidParameter(`Tag '${key}' is immutable and cannot be ${change} on a trace.`);
}

const ARCHIVAL_FAILURE = 'mlflow.trace.archivalFailure';

/** Source: mlflow/utils/mlflow_tags.py `IMMUTABLE_TAGS`, read at 3.17.2. */
const IMMUTABLE: ReadonlySet<string> = new Set([
  'mlflow.user',
  TraceKey.artifactLocation,
  TraceKey.spansLocation,
  'mlflow.trace.archiveLocation',
  ARCHIVAL_FAILURE,
]);
