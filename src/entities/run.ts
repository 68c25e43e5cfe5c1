import type { DatasetInput } from './dataset.ts';
import type { LifecycleStage } from './experiment.ts';
import type { Metric } from './metric.ts';

/** State of a run; FINISHED, FAILED and KILLED are final. */
export type RunStatus = 'RUNNING' | 'SCHEDULED' | 'FINISHED' | 'FAILED' | 'KILLED';

/** Identity and life of a run. */
export interface RunInfo {
  /** 32 hexadecimal digits. */
  readonly runId: string;
  readonly runName: string;
  readonly experimentId: string;
  readonly userId: string;
  readonly status: RunStatus;
  /** Milliseconds since the Unix epoch. */
  readonly startTime: number;
  /** Milliseconds since the Unix epoch; null while the run goes on. */
  readonly endTime: number | null;
  /** URI or absolute path of the run's artifacts. */
  readonly artifactUri: string;
  readonly lifecycleStage: LifecycleStage;
}

/** A logged model that a run read. */
export interface ModelInput {
  readonly modelId: string;
}

/** A logged model that a run wrote. */
export interface ModelOutput {
  readonly modelId: string;
  readonly step: number;
}

/** A run with what was logged to it; `metrics` holds the latest point of each key. */
export interface Run {
  readonly info: RunInfo;
  readonly params: Readonly<Record<string, string>>;
  readonly metrics: Readonly<Record<string, Metric>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly datasetInputs: readonly DatasetInput[];
  readonly modelInputs: readonly ModelInput[];
  readonly modelOutputs: readonly ModelOutput[];
}
