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
  /** Time to wait for another writer's lock, or for a server, in milliseconds. @default 20_000 */
  readonly patienceMs?: number;
}
