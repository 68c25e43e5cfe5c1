import type { LoggedModel } from '../../entities/logged-model.ts';
import { validateLoggedModelName } from '../../entities/validation.ts';
import { invalidParameter } from '../../errors.ts';
import { requireOptions } from '../check-argument.ts';
import { setActiveModelId } from '../runs/active-model.ts';
import { createExternalModel, getLoggedModel, searchLoggedModels } from './logged-models.ts';

/** Names a logged model. */
export interface ActiveModelOptions {
  /** The latest of this name in the experiment in force; where there is none, an external model is made. */
  readonly name?: string;
  readonly modelId?: string;
}

/**
 * Links metrics and traces of this process to a logged model from now on, where they name no other.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST for an unknown id, INVALID_PARAMETER_VALUE for one of another name.
 */
export async function setActiveModel(options: ActiveModelOptions): Promise<LoggedModel> {
  requireOptions('Cannot set the active model', options, "{ name: 'agent' }");
  const { name, modelId } = options;
  const model = modelId === undefined ? await findOrCreate(name) : await getLoggedModel(modelId);
  if (name !== undefined && model.name !== name) {
    throw invalidParameter(`Cannot set the active model ${modelId}: its name is '${model.name}', not '${name}'.`);
  }
  setActiveModelId(model.modelId);
  return model;
}

/** Links metrics and traces to no logged model any more. */
export function clearActiveModel(): void {
  delete process.env.MLFLOW_ACTIVE_MODEL_ID;
  setActiveModelId(null);
}

async function findOrCreate(name: string | undefined): Promise<LoggedModel> {
  if (name === undefined) throw invalidParameter('Cannot set the active model: pass { name } or { modelId }.');
  validateLoggedModelName(name);
  const [latest] = await searchLoggedModels({ filter: `name = '${name}'`, maxResults: 1 });
  return latest ?? createExternalModel({ name });
}
