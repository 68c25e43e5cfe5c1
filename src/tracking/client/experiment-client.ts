import type { Experiment } from '../../entities/experiment.ts';
import type { Page } from '../../entities/page.ts';
import { validateExperimentName, validateExperimentTag } from '../../entities/validation.ts';
import type { CreateExperimentOptions } from '../../store/experiment-store.ts';
import type { SearchExperimentsOptions } from '../../store/search-options.ts';
import { requireOptions, requireText } from '../check-argument.ts';
import { checkClientSearch, EXPERIMENT_SEARCH } from '../fluent/check-search.ts';
import { ClientBase } from './client-base.ts';

/** The client's methods for experiments. */
export class ExperimentClient extends ClientBase {
  /** Returns the id of the new experiment. */
  async createExperiment(name: string, options?: CreateExperimentOptions): Promise<string> {
    validateExperimentName(name);
    if (options !== undefined)
      requireOptions(`Cannot create the experiment '${name}'`, options, "{ tags: { team: 'a' } }");
    return (await this.upToDate()).createExperiment(name, options);
  }

  async getExperiment(experimentId: string): Promise<Experiment> {
    return (await this.upToDate()).getExperiment(experimentId);
  }

  /** Null for an unknown name; a deleted experiment is found too. */
  async getExperimentByName(name: string): Promise<Experiment | null> {
    requireText('the name of an experiment', name);
    return (await this.upToDate()).getExperimentByName(name);
  }

  /** Experiments, by default the active ones, the one changed last first. */
  async searchExperiments(options?: SearchExperimentsOptions): Promise<Page<Experiment>> {
    if (options !== undefined) checkClientSearch(EXPERIMENT_SEARCH, options);
    return (await this.upToDate()).searchExperiments(options);
  }

  async renameExperiment(experimentId: string, newName: string): Promise<void> {
    validateExperimentName(newName);
    await (await this.upToDate()).renameExperiment(experimentId, newName);
  }

  async setExperimentTag(experimentId: string, key: string, value: unknown): Promise<void> {
    const text = String(value);
    validateExperimentTag(key, text);
    await (await this.upToDate()).setExperimentTag(experimentId, key, text);
  }

  async deleteExperimentTag(experimentId: string, key: string): Promise<void> {
    requireText('the key of a tag', key);
    await (await this.upToDate()).deleteExperimentTag(experimentId, key);
  }

  /** Moves an experiment and its runs to the bin. */
  async deleteExperiment(experimentId: string): Promise<void> {
    await (await this.upToDate()).deleteExperiment(experimentId);
  }

  async restoreExperiment(experimentId: string): Promise<void> {
    await (await this.upToDate()).restoreExperiment(experimentId);
  }
}
