import { validateParam, validateTag } from '../../entities/validation.ts';
import { invalidParameter } from '../../errors.ts';
import type { ParamRecord, TagRecord } from '../log-record.ts';
import type { Delivery } from './delivery.ts';
import { all, first, type Operation } from './operation.ts';
import { UPSERT_TAG } from './run-contents.ts';
import { RUN_NAME } from './runs.ts';

/**
 * Sets a param; the same value again changes nothing.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for another value.
 */
export function* logParam(record: ParamRecord, delivery: Delivery): Operation<void> {
  const { runId, key } = record;
  const value = validateParam(key, record.value);
  yield* delivery.activeRun(runId);
  const known = yield* first(SELECT_PARAM, key, runId);
  if (!known) yield* all(INSERT_PARAM, key, value, runId);
  else if (known.value !== value) {
    throw invalidParameter(
      `Changing param values is not allowed. Param with key='${key}' was already logged with value='${known.value}' for run ID='${runId}'. Attempted logging new value '${value}'; use another key or a nested run.`,
    );
  }
}

/** Sets a tag of a run or deletes it; deleting a missing one changes nothing. The tag of the name renames the run. */
export function* setTag(record: TagRecord, delivery: Delivery): Operation<void> {
  const { runId, key } = record;
  const value = record.value === null ? null : validateTag(key, record.value);
  yield* delivery.activeRun(runId);
  if (value === null) {
    yield* all('DELETE FROM tags WHERE "key" = ? AND run_uuid = ?', key, runId);
    return;
  }
  yield* all(UPSERT_TAG, key, value, runId);
  if (key === RUN_NAME) yield* all('UPDATE runs SET name = ? WHERE run_uuid = ?', value, runId);
}

const SELECT_PARAM = 'SELECT value FROM params WHERE "key" = ? AND run_uuid = ?';
const INSERT_PARAM = 'INSERT INTO params ("key", value, run_uuid) VALUES (?, ?, ?)';
