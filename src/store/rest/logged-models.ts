import type { LoggedModel } from '../../entities/logged-model.ts';
import type { Page } from '../../entities/page.ts';
import type { SearchLoggedModelsOptions } from '../search-options.ts';
import type { CallOptions, RestApi } from './rest-api.ts';
import { parseLoggedModel, type WireLoggedModel } from './wire/logged-model.ts';
import { toPairs } from './wire/pairs.ts';

const PATH = '/api/2.0/mlflow/logged-models';

/** Params that go into one request. */
const PARAMS_BATCH = 100;

/** Reads a logged model. */
export async function getLoggedModel(
  api: RestApi,
  modelId: string,
  { allowDeleted }: { readonly allowDeleted?: boolean } = {},
  call?: CallOptions,
): Promise<LoggedModel> {
  const query = allowDeleted ? { allow_deleted: true } : {};
  const { model } = await api.get<{ model: WireLoggedModel }>(toPath(modelId), query, call);
  return parseLoggedModel(model);
}

/** Lists logged models. */
export async function searchLoggedModels(
  api: RestApi,
  options: SearchLoggedModelsOptions,
  call?: CallOptions,
): Promise<Page<LoggedModel>> {
  const { experimentIds, filter, datasets = [], orderBy = [], maxResults = 100, pageToken } = options;
  const body = {
    experiment_ids: experimentIds,
    filter,
    datasets: datasets.map((it) => ({ dataset_name: it.datasetName, dataset_digest: it.datasetDigest })),
    order_by: orderBy.map((it) => ({
      field_name: it.fieldName,
      ascending: it.ascending ?? true,
      dataset_name: it.datasetName,
      dataset_digest: it.datasetDigest,
    })),
    max_results: maxResults,
    page_token: pageToken ?? undefined,
  };
  const answer = await api.post<{ models?: WireLoggedModel[]; next_page_token?: string }>(
    `${PATH}/search`,
    body,
    call,
  );
  return { items: (answer.models ?? []).map(parseLoggedModel), nextPageToken: answer.next_page_token || null };
}

/** Sets tags of a logged model. */
export async function setLoggedModelTags(
  api: RestApi,
  modelId: string,
  tags: Readonly<Record<string, string>>,
): Promise<void> {
  await api.patch(`${toPath(modelId)}/tags`, { tags: toPairs(tags) });
}

/** Deletes a tag of a logged model. */
export async function deleteLoggedModelTag(api: RestApi, modelId: string, key: string): Promise<void> {
  await api.delete(`${toPath(modelId)}/tags/${encodeURIComponent(key)}`, {});
}

/** Adds params to a logged model, in several requests where they are many. */
export async function logLoggedModelParams(
  api: RestApi,
  modelId: string,
  params: Readonly<Record<string, string>>,
  call?: CallOptions,
): Promise<void> {
  const pairs = toPairs(params);
  for (let start = 0; start < pairs.length; start += PARAMS_BATCH) {
    const body = { model_id: modelId, params: pairs.slice(start, start + PARAMS_BATCH) };
    await api.post(`${toPath(modelId)}/params`, body, { ...call, isIdempotent: false });
  }
}

/** Deletes a logged model. */
export async function deleteLoggedModel(api: RestApi, modelId: string): Promise<void> {
  await api.delete(toPath(modelId), {});
}

/** Path of a logged model in the API. */
export function toPath(modelId: string): string {
  return `${PATH}/${encodeURIComponent(modelId)}`;
}
