import { TraceKey } from '../../entities/trace-keys.ts';
import { validateExperimentId } from '../../entities/validation.ts';
import { AutologError, invalidParameter } from '../../errors.ts';
import type { DeleteTracesOptions } from '../trace-store.ts';
import { all, allOf, type Operation } from './operation.ts';
import type { SchemaShape } from './schema/verify.ts';
import { perDialect } from './statement.ts';

/**
 * Deletes traces of an experiment with all that belongs to them, and returns how many.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for wrong options, INVALID_STATE for a trace in MLflow's archive.
 */
export function* deleteTraces(
  experimentId: string,
  options: DeleteTracesOptions,
  shape: SchemaShape,
): Operation<number> {
  validateExperimentId(experimentId);
  checkOptions(options);
  const ids = yield* selectTraceIds(Number(experimentId), options);
  yield* refuseArchived(ids);
  yield* removeTraces(ids, shape);
  return ids.length;
}

/** Removes the rows of traces; those that hang on them go by their foreign keys. */
export function* removeTraces(ids: readonly string[], shape: SchemaShape): Operation<void> {
  yield* allOf("DELETE FROM entity_associations WHERE source_type = 'trace' AND source_id IN (?)", ids);
  if (shape.looseTables.includes('review_queue_items'))
    yield* allOf("DELETE FROM review_queue_items WHERE item_type = 'trace' AND item_id IN (?)", ids);
  yield* allOf('DELETE FROM trace_info WHERE request_id IN (?)', ids);
}

function* selectTraceIds(experimentId: number, options: DeleteTracesOptions): Operation<readonly string[]> {
  if ('traceIds' in options) {
    const rows = yield* allOf(SELECT_BY_ID, [...new Set(options.traceIds)]);
    return rows.filter((row) => Number(row.experiment_id) === experimentId).map((row) => String(row.request_id));
  }
  const { maxTimestampMs, maxTraces } = options;
  const rows =
    maxTraces === undefined
      ? yield* all(SELECT_OLD, experimentId, maxTimestampMs)
      : yield* all(SELECT_OLDEST, experimentId, maxTimestampMs, maxTraces);
  return rows.map((row) => String(row.request_id));
}

/** MLflow's archive keeps their spans as files of its own, which would stay. */
function* refuseArchived(ids: readonly string[]): Operation<void> {
  const [archived] = yield* allOf(SELECT_ARCHIVED, ids);
  if (archived === undefined) return;
  throw new AutologError(
    'INVALID_STATE',
    `Cannot delete the trace ${archived.request_id}: its spans lie in MLflow's archive; delete it with MLflow.`,
  );
}

function checkOptions(options: DeleteTracesOptions): void {
  const hasIds = 'traceIds' in options && options.traceIds.length > 0;
  const hasTime = 'maxTimestampMs' in options && options.maxTimestampMs !== undefined;
  if (!hasIds && !hasTime) throw invalidParameter('Either `maxTimestampMs` or `traceIds` must be specified.');
  if (hasIds && hasTime) throw invalidParameter('Only one of `maxTimestampMs` and `traceIds` can be specified.');
  if (!('maxTraces' in options) || options.maxTraces === undefined) return;
  if (hasIds) throw invalidParameter("`maxTraces` can't be specified if `traceIds` is specified.");
  if (!Number.isSafeInteger(options.maxTraces) || options.maxTraces <= 0)
    throw invalidParameter(`\`maxTraces\` must be a positive integer, received ${options.maxTraces}.`);
}

const SELECT_BY_ID = 'SELECT request_id, experiment_id FROM trace_info WHERE request_id IN (?)';
const SELECT_OLD = 'SELECT request_id FROM trace_info WHERE experiment_id = ? AND timestamp_ms <= ?';
const SELECT_OLDEST = perDialect((dialect) => {
  const limit = dialect === 'mssql' ? 'OFFSET 0 ROWS FETCH NEXT ? ROWS ONLY' : 'LIMIT ?';
  return `${SELECT_OLD} ORDER BY timestamp_ms, request_id ${limit}`;
});
const SELECT_ARCHIVED = `SELECT request_id FROM trace_tags
 WHERE "key" = '${TraceKey.spansLocation}' AND value = 'ARCHIVE_REPO' AND request_id IN (?)`;
