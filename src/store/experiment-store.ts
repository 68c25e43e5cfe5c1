import type { Experiment } from '../entities/experiment.ts';
import type { Page } from '../entities/page.ts';
import type { SearchExperimentsOptions } from './search-options.ts';

/** How a new experiment begins. */
export interface CreateExperimentOptions {
  /** Where its artifacts go. @default a folder named by the id, in the store's artifact root */
  readonly artifactLocation?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

/**
 * Keeps experiments.
 *
 * Every method rejects with RESOURCE_DOES_NOT_EXIST for an unknown experiment and INVALID_PARAMETER_VALUE for what is
 * over a limit.
 */
export interface ExperimentStore {
  /** Returns the id; RESOURCE_ALREADY_EXISTS for a name in use, be it by a deleted experiment. */
  createExperiment(name: string, options?: CreateExperimentOptions): Promise<string>;
  getExperiment(experimentId: string): Promise<Experiment>;
  /** Null for an unknown name; deleted experiments are found too. */
  getExperimentByName(name: string): Promise<Experiment | null>;
  searchExperiments(options?: SearchExperimentsOptions): Promise<Page<Experiment>>;
  /** INVALID_STATE for a deleted experiment. */
  renameExperiment(experimentId: string, newName: string): Promise<void>;
  setExperimentTag(experimentId: string, key: string, value: string): Promise<void>;
  deleteExperimentTag(experimentId: string, key: string): Promise<void>;
  /** Moves it with its runs to the bin. */
  deleteExperiment(experimentId: string): Promise<void>;
  restoreExperiment(experimentId: string): Promise<void>;
}
