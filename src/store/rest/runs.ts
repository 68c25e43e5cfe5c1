import type { Metric } from '../../entities/metric.ts';
import type { Page } from '../../entities/page.ts';
import type { Run } from '../../entities/run.ts';
import type { DatasetSummary, MetricHistoryOptions, SampleMetricOptions } from '../run-store.ts';
import type { SearchRunsOptions } from '../search-options.ts';
import type { CallOptions, RestApi } from './rest-api.ts';
import { parseMetric, type WireMetric } from './wire/metric.ts';
import { parseRun, type WireRun } from './wire/run.ts';

const PATH = '/api/2.0/mlflow/runs';

/** Points that are asked for in one request. */
const HISTORY_PAGE = 25_000;

/** Reads a run. */
export async function getRun(api: RestApi, runId: string, call?: CallOptions): Promise<Run> {
  // Servers before 1.0 know the id by its old name alone.
  const { run } = await api.get<{ run: WireRun }>(`${PATH}/get`, { run_uuid: runId, run_id: runId }, call);
  return parseRun(run);
}

/** Lists runs. */
export async function searchRuns(
  api: RestApi,
  { experimentIds, filter, orderBy, maxResults = 1000, pageToken, viewType = 'ACTIVE_ONLY' }: SearchRunsOptions,
  call?: CallOptions,
): Promise<Page<Run>> {
  const body = {
    experiment_ids: experimentIds,
    filter,
    order_by: orderBy,
    max_results: maxResults,
    page_token: pageToken ?? undefined,
    run_view_type: viewType,
  };
  const answer = await api.post<{ runs?: WireRun[]; next_page_token?: string }>(`${PATH}/search`, body, call);
  return { items: (answer.runs ?? []).map(parseRun), nextPageToken: answer.next_page_token || null };
}

/** Moves a run to the bin, or takes it out again. */
export async function moveRun(api: RestApi, runId: string, action: 'delete' | 'restore'): Promise<void> {
  await api.post(`${PATH}/${action}`, { run_id: runId });
}

/** Deletes a tag of a run. */
export async function deleteRunTag(api: RestApi, runId: string, key: string, call?: CallOptions): Promise<void> {
  await api.post(`${PATH}/delete-tag`, { run_id: runId, key }, call);
}

/** Reads points of a metric: a page, or all of them. */
export async function getMetricHistory(
  api: RestApi,
  runId: string,
  key: string,
  { maxResults, pageToken }: MetricHistoryOptions = {},
): Promise<Page<Metric>> {
  const items: Metric[] = [];
  let token = pageToken ?? null;
  do {
    const query = {
      run_uuid: runId,
      run_id: runId,
      metric_key: key,
      max_results: maxResults ?? HISTORY_PAGE,
      page_token: token,
    };
    const answer = await api.get<{ metrics?: WireMetric[]; next_page_token?: string }>(
      '/api/2.0/mlflow/metrics/get-history',
      query,
    );
    for (const metric of answer.metrics ?? []) items.push(parseMetric(metric));
    token = answer.next_page_token || null;
  } while (token !== null && maxResults === undefined);
  return { items, nextPageToken: token };
}

/** Reads points of a metric of several runs, thinned out by the server. */
export async function sampleMetricHistory(
  api: RestApi,
  runIds: readonly string[],
  key: string,
  { maxResults = 2500, startStep, endStep }: SampleMetricOptions = {},
): Promise<readonly Metric[]> {
  const query = {
    run_ids: runIds,
    metric_key: key,
    max_results: maxResults,
    start_step: startStep,
    end_step: endStep,
  };
  const path = '/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval';
  const { metrics = [] } = await api.get<{ metrics?: WireMetric[] }>(path, query);
  return metrics.map((metric) => parseMetric(metric, { withRun: true }));
}

/** Lists the datasets that runs of experiments have read. */
export async function searchDatasets(
  api: RestApi,
  experimentIds: readonly string[],
): Promise<readonly DatasetSummary[]> {
  interface WireSummary {
    readonly experiment_id: string;
    readonly name: string;
    readonly digest: string;
    readonly context?: string;
  }
  // The route of this call in the API proper lacks a slash in MLflow's definition.
  const path = '/ajax-api/2.0/mlflow/experiments/search-datasets';
  const body = { experiment_ids: experimentIds };
  const { dataset_summaries: summaries = [] } = await api.post<{ dataset_summaries?: WireSummary[] }>(path, body);
  return summaries.map(({ experiment_id: experimentId, name, digest, context }) => ({
    experimentId,
    name,
    digest,
    context: context || null,
  }));
}
