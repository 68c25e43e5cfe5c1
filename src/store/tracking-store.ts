import type { Experiment, ExperimentRef, LifecycleStage } from '../entities/experiment.ts';
import type { LoggedModel } from '../entities/logged-model.ts';
import type { Metric } from '../entities/metric.ts';
import type { Run } from '../entities/run.ts';
import type { Trace, TraceInfo } from '../entities/trace.ts';
import type { AutologError } from '../errors.ts';
import type { LogRecord } from './log-record.ts';

/** A journal, seen by a store: records in order, each found again by its position. */
export interface RecordSource {
  /** Names the journal; unique among all processes. */
  readonly id: string;
  /** Reads complete records from a position, at most about a MiB; empty at the end. */
  read(position: number): RecordChunk;
  /** True once its owner has delivered all of it, and may have had the store forget how far it came. */
  isOver?(): boolean;
}

/** Consecutive records of a journal. */
export interface RecordChunk {
  readonly records: readonly LogRecord[];
  /** Position after the last of them, in bytes. */
  readonly end: number;
}

/** A record that a store refused for what it says; the records around it were stored. */
export interface RejectedRecord {
  readonly record: LogRecord;
  readonly error: AutologError;
}

/** How long a store may keep its caller waiting. */
export interface DeliverOptions {
  /** For a store that is written synchronously: time to wait for another writer's lock. @default 20_000 */
  readonly patienceMs?: number;
}

/** How the finder of many entities pages. */
export interface PageOptions {
  /** At most so many, newest first. @default 1000 */
  readonly maxResults?: number;
}

/**
 * Keeps experiments, runs, logged models and traces.
 *
 * Everything that is logged arrives through `deliver`; the reading methods show what has been delivered.
 * A store whose `deliver` returns without a promise is embedded: it can be written while a process exits.
 */
export interface TrackingStore {
  /** Tracking URI that this store was made from, without credentials. */
  readonly uri: string;

  /** Folder for the journals of this store's writers. */
  readonly journalFolder: string;

  /**
   * Applies what a journal holds beyond the position that this store has recorded for it: in order, exactly once,
   * whoever delivers it and however often.
   *
   * @throws {AutologError} when the store cannot be reached or written, TEMPORARILY_UNAVAILABLE while others hold it;
   * nothing of the current chunk is stored then.
   */
  deliver(
    source: RecordSource,
    options?: DeliverOptions,
  ): readonly RejectedRecord[] | Promise<readonly RejectedRecord[]>;

  /** Forgets a journal that was delivered to its end and removed. */
  forget(sourceId: string, options?: DeliverOptions): void | Promise<void>;

  /**
   * Says at once what `deliver` would refuse about an experiment or run; absent where only a server can know.
   *
   * @throws {AutologError} RESOURCE_DOES_NOT_EXIST, or INVALID_PARAMETER_VALUE for a deleted one.
   */
  readonly checkNow?: {
    experiment(ref: ExperimentRef): Experiment;
    run(runId: string): Run;
  };

  createExperiment(name: string, options?: CreateExperimentOptions): Promise<string>;
  getExperiment(experimentId: string): Promise<Experiment>;
  getExperimentByName(name: string): Promise<Experiment | null>;
  listExperiments(options?: PageOptions): Promise<readonly Experiment[]>;
  setExperimentTag(experimentId: string, key: string, value: string): Promise<void>;
  setExperimentStage(experimentId: string, stage: LifecycleStage): Promise<void>;

  getRun(runId: string): Promise<Run>;
  listRuns(experimentIds: readonly string[], options?: PageOptions): Promise<readonly Run[]>;
  setRunStage(runId: string, stage: LifecycleStage): Promise<void>;
  /** Every point of a metric, by step, then by time. */
  getMetricHistory(runId: string, key: string): Promise<readonly Metric[]>;

  getLoggedModel(modelId: string): Promise<LoggedModel>;
  listLoggedModels(experimentIds: readonly string[], options?: PageOptions): Promise<readonly LoggedModel[]>;

  getTrace(traceId: string): Promise<Trace>;
  listTraces(experimentIds: readonly string[], options?: PageOptions): Promise<readonly TraceInfo[]>;

  close(): void | Promise<void>;
}

/** How a new experiment begins. */
export interface CreateExperimentOptions {
  /** Where its artifacts go. @default a folder named by the id, in the store's artifact root */
  readonly artifactLocation?: string;
  readonly tags?: Readonly<Record<string, string>>;
}
