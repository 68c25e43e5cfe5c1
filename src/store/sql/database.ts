import type { DeliverOptions, RecordSource, RejectedRecord } from '../delivery.ts';
import type { DialectName } from './dialect.ts';
import type { Operation } from './operation.ts';
import type { SchemaTarget } from './schema/schema-target.ts';
import type { SchemaShape } from './schema/verify.ts';

/**
 * A database with MLflow's schema, opened, or made, at first use.
 *
 * An embedded one answers at once, a server with promises.
 */
export interface Database {
  readonly dialect: DialectName;
  /** Path or URI under which new experiments' artifacts go. */
  readonly artifactRoot: string;
  /** Runs an operation that only reads, on one state of the database. */
  read<T>(operation: Operation<T>): T | Promise<T>;
  /** Runs an operation that reads what depends on the schema's shape. */
  readShaped<T>(operation: (shape: SchemaShape) => Operation<T>): T | Promise<T>;
  /** Runs an operation that writes, as a whole or not at all; begins it anew where another transaction came between. */
  write<T>(begin: () => Operation<T>): T | Promise<T>;
  /** Runs an operation that writes what depends on the schema's shape, as a whole or not at all. */
  writeShaped<T>(operation: (shape: SchemaShape) => Operation<T>): T | Promise<T>;
  deliver(
    source: RecordSource,
    options?: DeliverOptions,
  ): readonly RejectedRecord[] | Promise<readonly RejectedRecord[]>;
  forget(sourceId: string, options?: DeliverOptions): void | Promise<void>;
  /**
   * Runs an operation that only reads, on the database as it is: nothing is made first.
   *
   * @throws {AutologError} RESOURCE_DOES_NOT_EXIST where there is no database.
   */
  inspect<T>(operation: (target: SchemaTarget) => Operation<T>): T | Promise<T>;
  /** Runs an operation that changes the schema, with nothing made first; others that would do so wait. */
  changeSchema<T>(operation: (target: SchemaTarget) => Operation<T>): T | Promise<T>;
  close(): void | Promise<void>;
  /** Ends all connections at once, whatever is under way; absent where nothing ever is. */
  breakOff?(): void;
}
