import type { Dataset } from '../entities/dataset.ts';
import type { Metric } from '../entities/metric.ts';
import type { Page } from '../entities/page.ts';
import type { Run } from '../entities/run.ts';
import type { SearchRunsOptions } from './search-options.ts';

/** Which points of a metric are read. */
export interface MetricHistoryOptions {
  /** @default all */
  readonly maxResults?: number;
  readonly pageToken?: string | null;
}

/** Which points of a metric are sampled, over several runs. */
export interface SampleMetricOptions {
  /** About so many points of each run, from 1 to 2,500; the first and the last are among them. @default 2_500 */
  readonly maxResults?: number;
  /** Together with `endStep`; both are included. */
  readonly startStep?: number;
  readonly endStep?: number;
}

/** A dataset that runs of an experiment have read. */
export interface DatasetSummary {
  readonly experimentId: string;
  readonly name: Dataset['name'];
  readonly digest: Dataset['digest'];
  /** "train", "eval"; null where none was given. */
  readonly context: string | null;
}

/**
 * Reads runs and changes their life; what is logged to them arrives as records.
 *
 * Every method rejects with RESOURCE_DOES_NOT_EXIST for an unknown run.
 */
export interface RunStore {
  getRun(runId: string): Promise<Run>;
  searchRuns(options: SearchRunsOptions): Promise<Page<Run>>;
  deleteRun(runId: string): Promise<void>;
  restoreRun(runId: string): Promise<void>;
  /** RESOURCE_DOES_NOT_EXIST for a tag that is not there. */
  deleteRunTag(runId: string, key: string): Promise<void>;
  /** Points of a metric, by timestamp, then step, then value. */
  getMetricHistory(runId: string, key: string, options?: MetricHistoryOptions): Promise<Page<Metric>>;
  /** Points of a metric of up to 100 runs, thinned out evenly; each has its `runId`. Unknown runs have none. */
  sampleMetricHistory(
    runIds: readonly string[],
    key: string,
    options?: SampleMetricOptions,
  ): Promise<readonly Metric[]>;
  /** Datasets of at most 20 experiments, at most 1,000. */
  searchDatasets(experimentIds: readonly string[]): Promise<readonly DatasetSummary[]>;
}
