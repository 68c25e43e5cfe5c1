import type { Experiment, ExperimentRef } from '../entities/experiment.ts';
import type { Run } from '../entities/run.ts';
import type { DeliverOptions, RecordSource, RejectedRecord } from './delivery.ts';
import type { ExperimentStore } from './experiment-store.ts';
import type { GarbageStore } from './garbage-store.ts';
import type { CreateRunRecord } from './log-record.ts';
import type { LoggedModelStore } from './logged-model-store.ts';
import type { RunStore } from './run-store.ts';
import type { SchemaStore } from './schema-store.ts';
import type { TraceStore } from './trace-store.ts';

/**
 * Keeps experiments, runs, logged models and traces.
 *
 * Everything that is logged arrives through `deliver`; the reading methods show what has been delivered.
 * A store whose `deliver` returns without a promise is embedded: it can be written while a process exits.
 */
export interface TrackingStore extends ExperimentStore, RunStore, LoggedModelStore, TraceStore {
  /** Tracking URI that this store was made from, without credentials. */
  readonly uri: string;

  /** Folder for the journals of this store's writers. */
  readonly journalFolder: string;

  /**
   * Applies what a journal holds beyond the position that this store has recorded for it: in order, exactly once,
   * whoever delivers it and however often.
   *
   * @throws {AutologError} when the store cannot be reached or written, TEMPORARILY_UNAVAILABLE while others hold it or
   * a server is away; nothing of the current chunk is stored then, or what is stored again changes nothing.
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

  /** Says what `checkNow` would as soon as a server answers; present where only a server can know. */
  readonly checkSoon?: CheckSoon;

  /** Present where a server gives runs and models their ids. */
  readonly ids?: ServerIds;

  /** Present where the rows are the store's own. */
  readonly garbage?: GarbageStore;

  /** Present where the tables are the store's own. */
  readonly schema?: SchemaStore;

  close(): void | Promise<void>;

  /**
   * Breaks off what is under way with a server, as the process comes to its end: at once, so that whoever delivers next
   * need not wait. What was not confirmed counts as not delivered. Absent where nothing is ever under way.
   */
  breakOff?(): void;
}

/**
 * Checks for somebody who waits, so that a server that is away is not tried for long.
 *
 * They reject with RESOURCE_DOES_NOT_EXIST, INVALID_PARAMETER_VALUE for a deleted experiment, or the error of a server that
 * cannot be reached.
 */
export interface CheckSoon {
  /** Null for a name that is new: it is made with the first record. */
  experiment(ref: ExperimentRef, options: DeliverOptions): Promise<Experiment | null>;
  /** A run, active or deleted. */
  run(runId: string, options: DeliverOptions): Promise<Run>;
}

/**
 * The ids of a store that makes them itself.
 *
 * Records and reading methods take either: an id that the client made, as soon as what it names was begun here, or the
 * server's own.
 */
export interface ServerIds {
  /**
   * Begins a run at once, waiting for the server, and returns the id that it has there; null when there is no answer in
   * time, the run then begins under the id of the record with its delivery.
   *
   * @throws {AutologError} what the server refuses.
   */
  beginRunNow(record: CreateRunRecord, options: DeliverOptions): string | null;
  /** The server's id of what was begun under an id of the client's; the id itself where there is none, or none yet. */
  toServer(id: string): string;
}
