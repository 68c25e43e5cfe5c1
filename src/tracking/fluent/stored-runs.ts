import type { Run } from '../../entities/run.ts';
import { invalidParameter } from '../../errors.ts';
import { tellOnce } from '../../failures.ts';
import type { SearchRunsOptions as StoreSearchOptions } from '../../store/search-options.ts';
import { allPages } from '../all-pages.ts';
import { MlflowClient } from '../client.ts';
import { currentExperimentId } from '../current-experiment-id.ts';
import { checkSearch, RUN_SEARCH } from './check-search.ts';
import { type RunRow, toRunRows } from './run-rows.ts';

/** Which runs are searched, and how they are returned. */
export interface SearchRunsOptions extends Omit<StoreSearchOptions, 'experimentIds' | 'pageToken'> {
  /** @default the experiment in force */
  readonly experimentIds?: readonly string[];
  /** In place of ids; a name that is unknown is told and left out. */
  readonly experimentNames?: readonly string[];
  /** All active experiments, where none is named. @default false */
  readonly searchAllExperiments?: boolean;
  /** Flat rows, as of a DataFrame, or runs. @default 'rows' */
  readonly output?: 'rows' | 'list';
}

const DEFAULT_MAX_RESULTS = 100_000;
const PAGE_SIZE = 10_000;

/** @throws {AutologError} RESOURCE_DOES_NOT_EXIST for an unknown run. */
export async function getRun(runId: string): Promise<Run> {
  return new MlflowClient().getRun(runId);
}

/** The run that a run is nested in; null for one that stands by itself. */
export async function getParentRun(runId: string): Promise<Run | null> {
  return new MlflowClient().getParentRun(runId);
}

/** Moves a run to the bin. */
export async function deleteRun(runId: string): Promise<void> {
  await new MlflowClient().deleteRun(runId);
}

/** Takes a run out of the bin. */
export async function restoreRun(runId: string): Promise<void> {
  await new MlflowClient().restoreRun(runId);
}

/**
 * Finds runs, by default the active ones of the experiment in force, the newest first, at most 100,000. Each is a flat
 * row with columns as `metrics.loss`, `params.lr` and `tags.team`; with `output: 'list'`, a run.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for a filter or order that is not understood.
 */
export async function searchRuns(
  options?: SearchRunsOptions & { readonly output?: 'rows' },
): Promise<readonly RunRow[]>;
export async function searchRuns(
  options: SearchRunsOptions & { readonly output: 'list' },
): Promise<readonly Run[]>;
export async function searchRuns(options: SearchRunsOptions = {}): Promise<readonly RunRow[] | readonly Run[]> {
  checkSearch(RUN_SEARCH, options, ['experimentNames', 'searchAllExperiments', 'output']);
  const { output = 'rows', filter, orderBy, viewType, maxResults = DEFAULT_MAX_RESULTS } = options;
  if (output !== 'rows' && output !== 'list') {
    throw invalidParameter(`Cannot search runs for the output '${String(output)}': use 'rows' or 'list'.`);
  }
  const client = new MlflowClient();
  const experimentIds = await chooseExperiments(client, options);
  if (experimentIds.length === 0) return [];
  const search = { experimentIds, filter, orderBy, viewType, maxResults: Math.min(maxResults, PAGE_SIZE) };
  const runs = await allPages((pageToken) => client.searchRuns({ ...search, pageToken }), maxResults);
  return output === 'list' ? runs : toRunRows(runs);
}

async function chooseExperiments(client: MlflowClient, options: SearchRunsOptions): Promise<readonly string[]> {
  const { experimentIds = [], experimentNames = [], searchAllExperiments = false } = options;
  if (experimentIds.length > 0 && experimentNames.length > 0) {
    throw invalidParameter('Cannot search runs: experiments are given by id and by name; give one of the two.');
  }
  if (experimentIds.length > 0) return experimentIds;
  if (experimentNames.length > 0) return idsOf(client, experimentNames);
  if (!searchAllExperiments) return [await currentExperimentId()];
  const all = await allPages((pageToken) => client.searchExperiments({ pageToken }));
  return all.map(({ experimentId }) => experimentId);
}

async function idsOf(client: MlflowClient, names: readonly string[]): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const name of names) {
    const experiment = await client.getExperimentByName(name);
    if (experiment === null) tellOnce(`there is no experiment '${name}' to search runs in`);
    else ids.push(experiment.experimentId);
  }
  return ids;
}
