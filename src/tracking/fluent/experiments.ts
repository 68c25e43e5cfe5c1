import type { Experiment } from '../../entities/experiment.ts';
import type { CreateExperimentOptions } from '../../store/experiment-store.ts';
import type { SearchExperimentsOptions } from '../../store/search-options.ts';
import { allPages } from '../all-pages.ts';
import { MlflowClient } from '../client.ts';
import { currentExperimentId } from '../current-experiment-id.ts';
import { toEntries } from '../runs/records.ts';
import { checkSearch, EXPERIMENT_SEARCH } from './check-search.ts';

const PAGE_SIZE = 1_000;

/**
 * Makes an experiment and returns its id; it does not come into force: `setExperiment` does that.
 *
 * @throws {AutologError} RESOURCE_ALREADY_EXISTS for a name in use, be it by a deleted experiment.
 */
export async function createExperiment(name: string, options?: CreateExperimentOptions): Promise<string> {
  return new MlflowClient().createExperiment(name, options);
}

/** @throws {AutologError} RESOURCE_DOES_NOT_EXIST for an unknown id. */
export async function getExperiment(experimentId: string): Promise<Experiment> {
  return new MlflowClient().getExperiment(experimentId);
}

/** Finds an experiment by its name, a deleted one too; null for an unknown name. */
export async function getExperimentByName(name: string): Promise<Experiment | null> {
  return new MlflowClient().getExperimentByName(name);
}

/**
 * Finds experiments, by default the active ones, the one changed last first; all of them, unless `maxResults` says less.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for a filter or order that is not understood.
 */
export async function searchExperiments(
  options: Omit<SearchExperimentsOptions, 'pageToken'> = {},
): Promise<readonly Experiment[]> {
  checkSearch(EXPERIMENT_SEARCH, options);
  const client = new MlflowClient();
  const { maxResults, ...search } = options;
  const pageSize = maxResults === undefined ? PAGE_SIZE : Math.min(maxResults, PAGE_SIZE);
  return allPages(
    (pageToken) => client.searchExperiments({ ...search, maxResults: pageSize, pageToken }),
    maxResults,
  );
}

/** Moves an experiment and its runs to the bin. */
export async function deleteExperiment(experimentId: string): Promise<void> {
  await new MlflowClient().deleteExperiment(experimentId);
}

/** Takes an experiment and its runs out of the bin. */
export async function restoreExperiment(experimentId: string): Promise<void> {
  await new MlflowClient().restoreExperiment(experimentId);
}

/** Sets a tag of the experiment in force. */
export async function setExperimentTag(key: string, value: unknown): Promise<void> {
  await setExperimentTags({ [key]: value });
}

/** Sets tags of the experiment in force, one after the other. */
export async function setExperimentTags(tags: Readonly<Record<string, unknown>>): Promise<void> {
  const entries = toEntries('tags', tags);
  const experimentId = await currentExperimentId();
  const client = new MlflowClient();
  for (const [key, value] of entries) await client.setExperimentTag(experimentId, key, value);
}

/**
 * Deletes a tag of the experiment in force.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST for a tag that is not there.
 */
export async function deleteExperimentTag(key: string): Promise<void> {
  await new MlflowClient().deleteExperimentTag(await currentExperimentId(), key);
}
