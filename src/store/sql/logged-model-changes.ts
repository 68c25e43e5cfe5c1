import { nowMs } from '../../clock.ts';
import { validateLoggedModelParam, validateLoggedModelTag } from '../../entities/validation.ts';
import { AutologError, invalidParameter } from '../../errors.ts';
import { requireModel } from './model-state.ts';
import { all, first, type Operation } from './operation.ts';
import { upsert } from './statement.ts';

/** Sets tags of a logged model. */
export function* setLoggedModelTags(modelId: string, tags: Readonly<Record<string, string>>): Operation<void> {
  const values = Object.entries(tags).map(([key, value]) => [key, validateLoggedModelTag(key, value)] as const);
  const experimentId = Number((yield* requireModel(modelId)).experiment_id);
  for (const [key, value] of values) yield* all(UPSERT_TAG, modelId, experimentId, key, value);
}

/**
 * Deletes a tag of a logged model.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST for a missing one.
 */
export function* deleteLoggedModelTag(modelId: string, key: string): Operation<void> {
  yield* requireModel(modelId);
  if (!(yield* first(SELECT_TAG, modelId, key))) {
    throw new AutologError(
      'RESOURCE_DOES_NOT_EXIST',
      `No tag with key '${key}' found for model with ID '${modelId}'; see the tags of the model.`,
    );
  }
  yield* all('DELETE FROM logged_model_tags WHERE model_id = ? AND tag_key = ?', modelId, key);
}

/**
 * Adds params to a logged model, all or none.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for one that is there.
 */
export function* logLoggedModelParams(modelId: string, params: Readonly<Record<string, string>>): Operation<void> {
  const values = Object.entries(params).map(
    ([key, value]) => [key, validateLoggedModelParam(key, value)] as const,
  );
  const experimentId = Number((yield* requireModel(modelId)).experiment_id);
  const known = yield* all('SELECT param_key FROM logged_model_params WHERE model_id = ?', modelId);
  const taken = known.find((row) => String(row.param_key) in params);
  if (taken) {
    throw invalidParameter(
      `Cannot log the param '${taken.param_key}' to the model ${modelId}: it has one of this name; take another name.`,
    );
  }
  for (const [key, value] of values) yield* all(INSERT_PARAM, modelId, experimentId, key, value);
}

/** Moves a logged model to the bin. */
export function* deleteLoggedModel(modelId: string): Operation<void> {
  yield* requireModel(modelId);
  yield* all(DELETE_MODEL, nowMs(), modelId);
}

const UPSERT_TAG = upsert('logged_model_tags', ['model_id', 'experiment_id', 'tag_key', 'tag_value'], {
  key: ['model_id', 'tag_key'],
});
const SELECT_TAG = 'SELECT tag_key FROM logged_model_tags WHERE model_id = ? AND tag_key = ?';
const INSERT_PARAM = `INSERT INTO logged_model_params (model_id, experiment_id, param_key, param_value)
 VALUES (?, ?, ?, ?)`;
const DELETE_MODEL = `UPDATE logged_models SET lifecycle_stage = 'deleted', last_updated_timestamp_ms = ?
 WHERE model_id = ?`;
