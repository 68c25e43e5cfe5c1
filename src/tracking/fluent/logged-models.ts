import type { LoggedModel, LoggedModelStatus } from '../../entities/logged-model.ts';
import { invalidParameter } from '../../errors.ts';
import type { SearchLoggedModelsOptions as StoreSearchOptions } from '../../store/search-options.ts';
import { allPages } from '../all-pages.ts';
import { requireOptions } from '../check-argument.ts';
import type { CreateLoggedModelOptions } from '../client/logged-model-client.ts';
import { MlflowClient } from '../client.ts';
import { currentExperimentId } from '../current-experiment-id.ts';
import { getActiveModelId } from '../runs/active-model.ts';
import { activeRun } from '../runs/run-context.ts';
import { RUN_TAGS } from '../runs/run-tags.ts';
import { environmentTags, sourceTags } from '../runs/source-tags.ts';
import { checkSearch, MODEL_SEARCH } from './check-search.ts';

/** How a logged model begins. */
export interface InitializeLoggedModelOptions extends CreateLoggedModelOptions {
  /** @default that of the active run, else the one in force */
  readonly experimentId?: string | number;
}

let lastModelId: string | undefined;

/** Takes note of the model that was logged last. */
export function noteLoggedModel(modelId: string): void {
  lastModelId = modelId;
}

/**
 * Begins a logged model whose files come later; PENDING until `finalizeLoggedModel`. The active run is its source.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for a bad name.
 */
export async function initializeLoggedModel(options: InitializeLoggedModelOptions = {}): Promise<LoggedModel> {
  requireOptions('Cannot begin a logged model', options, "{ name: 'first' }");
  const { experimentId, sourceRunId = activeRun()?.runId } = options;
  const model = await new MlflowClient().createLoggedModel(
    experimentId ?? (sourceRunId === undefined ? await currentExperimentId() : ''),
    { ...options, sourceRunId, tags: { ...sourceTags(), ...environmentTags(), ...options.tags } },
  );
  noteLoggedModel(model.modelId);
  return model;
}

/**
 * Makes a logged model that has no files here: an application, or a model that someone else serves. Metrics and traces
 * can be linked to it. READY at once.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for a bad name.
 */
export async function createExternalModel(options: InitializeLoggedModelOptions = {}): Promise<LoggedModel> {
  requireOptions('Cannot begin a logged model', options, "{ name: 'first' }");
  const tags = { ...options.tags, [RUN_TAGS.modelIsExternal]: 'true' };
  const model = await initializeLoggedModel({ ...options, tags });
  const { writeExternalModel } = await import('../runs/external-model.ts');
  await writeExternalModel(model);
  return finalizeLoggedModel(model.modelId, 'READY');
}

/**
 * Ends the upload of a logged model: READY, or UPLOAD_FAILED.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST for an unknown model.
 */
export async function finalizeLoggedModel(modelId: string, status: LoggedModelStatus): Promise<LoggedModel> {
  return new MlflowClient().finalizeLoggedModel(modelId, status);
}

/** @throws {AutologError} RESOURCE_DOES_NOT_EXIST for an unknown model. */
export async function getLoggedModel(modelId: string): Promise<LoggedModel> {
  return new MlflowClient().getLoggedModel(modelId);
}

/** The model that was logged last in this process; null where there is none. */
export async function lastLoggedModel(): Promise<LoggedModel | null> {
  return lastModelId === undefined ? null : getLoggedModel(lastModelId);
}

/** Which logged models are searched. */
export interface SearchLoggedModelsOptions extends Omit<StoreSearchOptions, 'experimentIds' | 'pageToken'> {
  /** @default the experiment in force */
  readonly experimentIds?: readonly string[];
}

const PAGE_SIZE = 100;

/**
 * Finds logged models, by default those of the experiment in force, the newest first; all of them, unless `maxResults`
 * says less.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for a filter or order that is not understood.
 */
export async function searchLoggedModels(
  options: SearchLoggedModelsOptions = {},
): Promise<readonly LoggedModel[]> {
  checkSearch(MODEL_SEARCH, options);
  const client = new MlflowClient();
  const { maxResults } = options;
  const experimentIds = options.experimentIds ?? [await currentExperimentId()];
  const pageSize = maxResults === undefined ? PAGE_SIZE : Math.min(maxResults, PAGE_SIZE);
  const search = { ...options, experimentIds, maxResults: pageSize };
  return allPages((pageToken) => client.searchLoggedModels({ ...search, pageToken }), maxResults);
}

/** Sets tags of a logged model. */
export async function setLoggedModelTags(modelId: string, tags: Readonly<Record<string, unknown>>): Promise<void> {
  await new MlflowClient().setLoggedModelTags(modelId, tags);
}

/**
 * Deletes a tag of a logged model.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST for a tag that is not there.
 */
export async function deleteLoggedModelTag(modelId: string, key: string): Promise<void> {
  await new MlflowClient().deleteLoggedModelTag(modelId, key);
}

/**
 * Adds params to a logged model, by default the active one.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE without a model, and for a param that is there already.
 */
export async function logModelParams(
  params: Readonly<Record<string, unknown>>,
  modelId: string | null = getActiveModelId(),
): Promise<void> {
  if (modelId === null)
    throw invalidParameter('Cannot log params of a model: none is active; name one by its id.');
  await new MlflowClient().logModelParams(modelId, params);
}
