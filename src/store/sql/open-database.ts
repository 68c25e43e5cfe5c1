import fs from 'node:fs';
import type { DeliveryTarget } from './deliver.ts';
import type { Operation } from './operation.ts';
import { prepareSchema, readyShape, schemaVersion } from './schema/prepare.ts';
import type { SchemaTarget } from './schema/schema-target.ts';
import type { SchemaShape } from './schema/verify.ts';
import { SqliteEngine } from './sqlite-engine.ts';

/**
 * A database file that was opened, found to be MLflow's, and made complete.
 *
 * MLflow may upgrade the file while it is open here, so its shape is looked at again whenever its schema has changed.
 */
export class OpenDatabase implements DeliveryTarget {
  readonly engine: SqliteEngine;
  readonly artifactRoot: string;
  #shape: SchemaShape;
  #version: number | string;
  readonly #target: SchemaTarget;
  /** Tells the file from another one that takes its place. */
  readonly #identity: string | null;
  #logIdentity: string | null = null;

  /** @throws {AutologError} when the file cannot be used; a file of something else is left as it was. */
  constructor(file: string, artifactRoot: string, patienceMs?: number) {
    this.artifactRoot = artifactRoot;
    this.#target = { dialect: 'sqlite', name: file, artifactRoot };
    this.engine = new SqliteEngine(file);
    try {
      const prepare = () => this.#prepare();
      this.#shape = patienceMs === undefined ? prepare() : this.engine.withPatience(patienceMs, prepare);
      this.#version = this.engine.run(schemaVersion());
      this.#identity = identityOf(file);
    } catch (error) {
      this.engine.close();
      throw error;
    }
  }

  #prepare(): SchemaShape {
    const ready = this.engine.snapshot(readyShape(this.#target));
    this.engine.useWriteAheadLog();
    return ready ?? this.engine.transaction(prepareSchema(this.#target));
  }

  *shape(): Operation<SchemaShape> {
    const version = yield* schemaVersion();
    if (version !== this.#version) {
      this.#shape = yield* prepareSchema(this.#target);
      this.#version = yield* schemaVersion();
    }
    return this.#shape;
  }

  /** Runs an operation that only reads, on one state of the database. */
  read<T>(operation: Operation<T>): T {
    return this.engine.snapshot(operation);
  }

  /** Runs an operation that reads what depends on the schema's shape. */
  readShaped<T>(operation: (shape: SchemaShape) => Operation<T>): T {
    if (this.engine.run(schemaVersion()) !== this.#version) this.engine.transaction(this.shape());
    return this.engine.snapshot(operation(this.#shape));
  }

  /** Runs an operation that writes, as a whole or not at all. */
  write<T>(operation: Operation<T>): T {
    return this.engine.transaction(operation);
  }

  /** Runs an operation that writes what depends on the schema's shape, as a whole or not at all. */
  writeShaped<T>(operation: (shape: SchemaShape) => Operation<T>): T {
    return this.engine.transaction(this.#shaped(operation));
  }

  *#shaped<T>(operation: (shape: SchemaShape) => Operation<T>): Operation<T> {
    return yield* operation(yield* this.shape());
  }

  /** Whether the path still leads to the file that was opened. */
  isInPlace(): boolean {
    if (identityOf(this.engine.file) !== this.#identity) return false;
    this.#logIdentity ??= identityOf(`${this.engine.file}-wal`);
    return true;
  }

  /**
   * Closes a file that is no longer in its place. Its write-ahead log is removed where it was left behind: SQLite would
   * take it for that of the file which is there now.
   */
  closeMoved(): void {
    this.close();
    const log = `${this.engine.file}-wal`;
    if (this.#logIdentity === null || identityOf(log) !== this.#logIdentity) return;
    for (const file of [log, `${this.engine.file}-shm`]) fs.rmSync(file, { force: true });
  }

  close(): void {
    this.engine.close();
  }
}

/** Device and inode; null where there is no file. */
function identityOf(file: string): string | null {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? null : `${stat.dev} ${stat.ino}`;
}
