import { cutText, validateParam, validateTag } from '../../entities/validation.ts';
import { AutologError, invalidParameter } from '../../errors.ts';
import type { ParamRecord, TagRecord } from '../log-record.ts';
import type { Delivery } from './delivery.ts';
import { all, first, type Operation } from './operation.ts';
import { UPSERT_TAG } from './run-contents.ts';
import { requireActiveRun } from './run-state.ts';
import { MAX_RUN_NAME, RUN_NAME } from './runs.ts';
import { insertNew } from './statement.ts';

/**
 * Sets a param; the same value again changes nothing.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for another value.
 */
export function* logParam(record: ParamRecord, delivery: Delivery): Operation<void> {
  const { runId, key } = record;
  const value = validateParam(key, record.value);
  yield* delivery.activeRun(runId);
  // Inserted first: another process may do so at the same moment, where writers do not wait for each other.
  yield* all(INSERT_PARAM, key, value, runId);
  const known = yield* first(SELECT_PARAM, key, runId);
  // PostgreSQL keeps no NUL, see `toParameters`.
  if (known?.value !== value && known?.value !== value.replaceAll('\0', '\ufffd')) {
    throw invalidParameter(
      `Changing param values is not allowed. Param with key='${key}' was already logged with value='${known?.value}' for run ID='${runId}'. Attempted logging new value '${value}'; use another key or a nested run.`,
    );
  }
}

/**
 * Sets a tag of a run or deletes it; the tag of the name renames the run.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST for the deletion of a missing one.
 */
export function* setTag(record: TagRecord, delivery: Delivery): Operation<void> {
  const { runId, key } = record;
  const value = record.value === null ? null : validateTag(key, record.value);
  yield* delivery.activeRun(runId);
  if (value === null) return yield* deleteRunTag(runId, key);
  yield* all(UPSERT_TAG, key, value, runId);
  if (key === RUN_NAME)
    yield* all('UPDATE runs SET name = ? WHERE run_uuid = ?', cutText(value, MAX_RUN_NAME), runId);
}

/**
 * Deletes a tag of an active run.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST for a missing one.
 */
export function* deleteRunTag(runId: string, key: string): Operation<void> {
  yield* requireActiveRun(runId);
  if (!(yield* first(SELECT_TAG, key, runId))) {
    throw new AutologError(
      'RESOURCE_DOES_NOT_EXIST',
      `No tag with name: ${key} in run with id ${runId}; see the tags of the run.`,
    );
  }
  yield* all('DELETE FROM tags WHERE "key" = ? AND run_uuid = ?', key, runId);
}

const SELECT_PARAM = 'SELECT value FROM params WHERE "key" = ? AND run_uuid = ?';
const INSERT_PARAM = insertNew('params', ['key', 'value', 'run_uuid'], ['key', 'run_uuid']);
const SELECT_TAG = 'SELECT "key" FROM tags WHERE "key" = ? AND run_uuid = ?';
