import fs from 'node:fs';
import { AutologError } from '../../errors.ts';
import { reportFailure } from '../../failures.ts';
import type { DeliverOptions, RecordSource, RejectedRecord } from '../delivery.ts';
import { forgetJournal } from './apply-chunk.ts';
import type { Database } from './database.ts';
import { deliverJournal } from './deliver.ts';
import { OpenDatabase } from './open-database.ts';
import type { Operation } from './operation.ts';
import type { SchemaTarget } from './schema/schema-target.ts';
import type { SchemaShape } from './schema/verify.ts';
import { SqliteEngine } from './sqlite-engine.ts';

/**
 * One SQLite file, which MLflow opens as it is.
 *
 * It is opened, or made, at first use; after `close` the next use opens it again, and so does a use that finds another
 * file in its place, or none.
 */
export class SqliteDatabase implements Database {
  readonly dialect = 'sqlite';
  readonly artifactRoot: string;
  readonly #file: string;
  #opened: OpenDatabase | undefined;

  /** `file` is an absolute path. */
  constructor(file: string, artifactRoot: string) {
    this.#file = file;
    this.artifactRoot = artifactRoot;
  }

  read<T>(operation: Operation<T>): T {
    return this.#open().read(operation);
  }

  readShaped<T>(operation: (shape: SchemaShape) => Operation<T>): T {
    return this.#open().readShaped(operation);
  }

  write<T>(begin: () => Operation<T>): T {
    return this.#open().write(begin());
  }

  writeShaped<T>(operation: (shape: SchemaShape) => Operation<T>): T {
    return this.#open().writeShaped(operation);
  }

  deliver(source: RecordSource, { patienceMs }: DeliverOptions = {}): readonly RejectedRecord[] {
    return this.#within(patienceMs, (database) => deliverJournal(source, database));
  }

  forget(sourceId: string, { patienceMs }: DeliverOptions = {}): void {
    this.#within(patienceMs, (database) => database.write(forgetJournal(sourceId)));
  }

  inspect<T>(operation: (target: SchemaTarget) => Operation<T>): T {
    if (!fs.existsSync(this.#file)) {
      throw new AutologError(
        'RESOURCE_DOES_NOT_EXIST',
        `Cannot look at the database '${this.#file}': there is no such file; name another one, or have it made by \`autolog db upgrade\`.`,
      );
    }
    return this.#withEngine((engine) => engine.snapshot(operation(this.#target)));
  }

  changeSchema<T>(operation: (target: SchemaTarget) => Operation<T>): T {
    return this.#withEngine((engine) => {
      engine.useWriteAheadLog();
      return engine.transaction(operation(this.#target));
    });
  }

  close(): void {
    this.#opened?.close();
    this.#opened = undefined;
  }

  #open(patienceMs?: number): OpenDatabase {
    if (this.#opened !== undefined && !this.#opened.isInPlace()) this.#leaveMoved(this.#opened);
    this.#opened ??= new OpenDatabase(this.#file, this.artifactRoot, patienceMs);
    return this.#opened;
  }

  get #target(): SchemaTarget {
    return { dialect: this.dialect, name: this.#file, artifactRoot: this.artifactRoot };
  }

  /** A connection beside the one that is open, or may be: that one has seen to it that the schema is complete. */
  #withEngine<T>(use: (engine: SqliteEngine) => T): T {
    const engine = new SqliteEngine(this.#file);
    try {
      return use(engine);
    } finally {
      engine.close();
    }
  }

  #within<T>(patienceMs: number | undefined, fn: (database: OpenDatabase) => T): T {
    const database = this.#open(patienceMs);
    return patienceMs === undefined ? fn(database) : database.engine.withPatience(patienceMs, () => fn(database));
  }

  /** What goes to a file that has lost its name is lost: a journal that is delivered again begins anew. */
  #leaveMoved(moved: OpenDatabase): void {
    this.#opened = undefined;
    moved.closeMoved();
    const message =
      'it was deleted or replaced while in use; what this process logs goes to the file that is there now.';
    reportFailure(`the database '${this.#file}' is gone`, new AutologError('RESOURCE_DOES_NOT_EXIST', message));
  }
}
