import type { Experiment, ExperimentRef } from '../../entities/experiment.ts';
import type { Page } from '../../entities/page.ts';
import { invalidParameter } from '../../errors.ts';
import type { CreateExperimentOptions } from '../experiment-store.ts';
import type { SearchExperimentsOptions } from '../search-options.ts';
import { type CallOptions, isRefusal, type RestApi } from './rest-api.ts';
import { parseExperiment, type WireExperiment } from './wire/experiment.ts';
import { toPairs } from './wire/pairs.ts';

const PATH = '/api/2.0/mlflow/experiments';

/** Creates an experiment and returns its id. */
export async function createExperiment(
  api: RestApi,
  name: string,
  { artifactLocation, tags = {} }: CreateExperimentOptions = {},
  call: CallOptions = {},
): Promise<string> {
  const body = { name, artifact_location: artifactLocation, tags: toPairs(tags) };
  const answer = await api.post<{ experiment_id: string }>(`${PATH}/create`, body, {
    ...call,
    isIdempotent: false,
  });
  return answer.experiment_id;
}

/** Reads an experiment. */
export async function getExperiment(api: RestApi, experimentId: string, call?: CallOptions): Promise<Experiment> {
  const query = { experiment_id: experimentId };
  const { experiment } = await api.get<{ experiment: WireExperiment }>(`${PATH}/get`, query, call);
  return parseExperiment(experiment);
}

/** Finds an experiment by its name; null for an unknown one. */
export async function getExperimentByName(
  api: RestApi,
  name: string,
  call?: CallOptions,
): Promise<Experiment | null> {
  try {
    const query = { experiment_name: name };
    const { experiment } = await api.get<{ experiment: WireExperiment }>(`${PATH}/get-by-name`, query, call);
    return parseExperiment(experiment);
  } catch (error) {
    if (isRefusal(error, 'RESOURCE_DOES_NOT_EXIST', 'NOT_FOUND')) return null;
    throw error;
  }
}

/** Lists experiments. */
export async function searchExperiments(
  api: RestApi,
  { filter, orderBy, maxResults = 1000, pageToken, viewType = 'ACTIVE_ONLY' }: SearchExperimentsOptions = {},
): Promise<Page<Experiment>> {
  const body = {
    filter,
    order_by: orderBy,
    max_results: maxResults,
    page_token: pageToken ?? undefined,
    view_type: viewType,
  };
  const answer = await api.post<{ experiments?: WireExperiment[]; next_page_token?: string }>(
    `${PATH}/search`,
    body,
  );
  return { items: (answer.experiments ?? []).map(parseExperiment), nextPageToken: answer.next_page_token || null };
}

/** Gives an experiment another name. */
export async function renameExperiment(api: RestApi, experimentId: string, newName: string): Promise<void> {
  await api.post(`${PATH}/update`, { experiment_id: experimentId, new_name: newName });
}

/** Sets a tag of an experiment. */
export async function setExperimentTag(
  api: RestApi,
  experimentId: string,
  key: string,
  value: string,
): Promise<void> {
  await api.post(`${PATH}/set-experiment-tag`, { experiment_id: experimentId, key, value });
}

/** Deletes a tag of an experiment. */
export async function deleteExperimentTag(api: RestApi, experimentId: string, key: string): Promise<void> {
  await api.post(`${PATH}/delete-experiment-tag`, { experiment_id: experimentId, key });
}

/** Moves an experiment to the bin, or takes it out again. */
export async function moveExperiment(
  api: RestApi,
  experimentId: string,
  action: 'delete' | 'restore',
): Promise<void> {
  await api.post(`${PATH}/${action}`, { experiment_id: experimentId });
}

/**
 * Finds the experiment that a reference means; null for a name that is new.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST for an unknown id, INVALID_PARAMETER_VALUE for a deleted experiment.
 */
export async function checkExperiment(
  api: RestApi,
  ref: ExperimentRef,
  call: CallOptions,
): Promise<Experiment | null> {
  const found =
    'id' in ref ? await getExperiment(api, ref.id, call) : await getExperimentByName(api, ref.name, call);
  if (found?.lifecycleStage !== 'deleted') return found;
  throw invalidParameter(
    `Cannot log to the experiment ${found.experimentId} ('${found.name}'): it is deleted; restore it or take another.`,
  );
}
