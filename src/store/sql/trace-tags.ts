import { TraceKey } from '../../entities/trace-keys.ts';
import { validateTraceTag } from '../../entities/validation.ts';
import { AutologError } from '../../errors.ts';
import { checkTraceTagChange } from '../trace-tag-rules.ts';
import { all, first, type Operation } from './operation.ts';
import type { SchemaShape } from './schema/verify.ts';
import { requireTrace, UPSERT_TRACE_TAG } from './trace-rows.ts';

/**
 * Sets a tag of a trace.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST for an unknown trace, INVALID_PARAMETER_VALUE for a tag that is
 * MLflow's own.
 */
export function* setTraceTag(traceId: string, key: string, value: string, shape: SchemaShape): Operation<void> {
  checkTraceTagChange(key, 'set');
  const stored = validateTraceTag(key, value);
  yield* requireTrace(traceId);
  if (key === TraceKey.name && shape.traceColumns) yield* all(SET_NAME, stored, traceId);
  if (key !== TraceKey.name || shape.traceRows) yield* all(UPSERT_TRACE_TAG, key, stored, traceId);
}

/**
 * Deletes a tag of a trace.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST for a missing one, INVALID_PARAMETER_VALUE for a tag that is
 * MLflow's own.
 */
export function* deleteTraceTag(traceId: string, key: string, shape: SchemaShape): Operation<void> {
  checkTraceTagChange(key, 'deleted');
  yield* requireTrace(traceId);
  const row = yield* first(SELECT_TAG, traceId, key);
  const named = key === TraceKey.name && shape.traceColumns && (yield* first(SELECT_NAME, traceId));
  if (!row && !named) {
    throw new AutologError(
      'RESOURCE_DOES_NOT_EXIST',
      `No trace tag with key '${key}' for trace with ID '${traceId}'; see the tags of the trace.`,
    );
  }
  if (named) yield* all(SET_NAME, null, traceId);
  if (row) yield* all('DELETE FROM trace_tags WHERE request_id = ? AND "key" = ?', traceId, key);
}

const SET_NAME = 'UPDATE trace_info SET trace_name = ? WHERE request_id = ?';
const SELECT_NAME = 'SELECT trace_name FROM trace_info WHERE request_id = ? AND trace_name IS NOT NULL';
const SELECT_TAG = 'SELECT "key" FROM trace_tags WHERE request_id = ? AND "key" = ?';
