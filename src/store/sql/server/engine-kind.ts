import type { Dialect } from 'kysely';
import type { ServerAddress } from '../../server-uri.ts';
import type { SqlValue } from '../operation.ts';
import type { StoreError } from '../store-error.ts';
import type { PoolSettings } from './pool-settings.ts';

/** The sockets of a pool: where a server has fallen silent, they are all that can be ended. */
export type Sockets = Set<{ destroy(): unknown }>;

/** What differs between the kinds of database servers. */
export interface EngineKind {
  /**
   * Makes Kysely's dialect with a pool of connections; nothing is connected yet. Sockets are handed over as they are made.
   *
   * @throws {AutologError} INVALID_PARAMETER_VALUE for an option that cannot be used, INVALID_STATE without the driver.
   */
  createDialect(address: ServerAddress, settings: PoolSettings, sockets: Sockets): Dialect;
  /** Says in MLflow's codes why a statement or connection failed; null for what did not come from driver or server. */
  toStoreError(error: unknown, shown: string): StoreError | null;
  /** Statements before the first of a transaction: how long it waits for locks. */
  readonly waitFor: (patienceMs: number) => string;
  /** Takes the lock that one process at a time may hold while it makes or changes the schema. */
  readonly lockSchema: { readonly sql: string; readonly parameters: readonly SqlValue[] };
  /** Gives that lock back, where it is not the transaction's. */
  readonly unlockSchema: { readonly sql: string; readonly parameters: readonly SqlValue[] } | null;
  /** Isolation of a transaction that only reads: it sees one state of the database. */
  readonly readIsolation: 'repeatable read' | 'read committed';
  /** Most rows, and most values, in one statement that inserts. */
  readonly maxRows: number;
  readonly maxParameters: number;
}
