import type { LifecycleStage } from './experiment.ts';
import type { Metric } from './metric.ts';

/** State of a logged model: PENDING until its files are complete. */
export type LoggedModelStatus = 'PENDING' | 'READY' | 'UPLOAD_FAILED';

/** A model as an entity of its own, with params, metrics and tags. */
export interface LoggedModel {
  /** `m-` and 32 hexadecimal digits. */
  readonly modelId: string;
  readonly experimentId: string;
  readonly name: string;
  /** URI or absolute path of the folder with the MLmodel file. */
  readonly artifactLocation: string;
  /** Milliseconds since the Unix epoch. */
  readonly creationTime: number;
  /** Milliseconds since the Unix epoch. */
  readonly lastUpdatedTime: number;
  readonly status: LoggedModelStatus;
  readonly statusMessage: string | null;
  readonly lifecycleStage: LifecycleStage;
  readonly modelType: string | null;
  readonly sourceRunId: string | null;
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  /** Every point that was logged for it. */
  readonly metrics: readonly Metric[];
}
