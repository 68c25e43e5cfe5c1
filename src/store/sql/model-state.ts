import { AutologError } from '../../errors.ts';
import { first, type Operation, type Row } from './operation.ts';

/**
 * Checks that a logged model exists, be it deleted, and returns its experiment and source run.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST.
 */
export function* requireModel(modelId: string): Operation<Row> {
  const row = yield* first('SELECT experiment_id, source_run_id FROM logged_models WHERE model_id = ?', modelId);
  if (!row) throw unknownModel(modelId);
  return row;
}

/** The error of a logged model that is not there, in MLflow's words. */
export function unknownModel(modelId: string): AutologError {
  return new AutologError(
    'RESOURCE_DOES_NOT_EXIST',
    `Logged model with ID '${modelId}' not found; see its id and the tracking URI.`,
  );
}
