import fs from 'node:fs';
import path from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { nowMs } from '../../clock.ts';
import { AutologError, errorMessage } from '../../errors.ts';
import { makeFolder } from '../../make-folder.ts';
import type { Operation, Query, Rows } from './operation.ts';
import { isBusy, toStoreError } from './sqlite-error.ts';
import { loadSqlite } from './sqlite-module.ts';
import { SqliteRegexp } from './sqlite-regexp.ts';
import type { Statement } from './statement.ts';

const BUSY_TIMEOUT_MS = 20_000;
const NO_ROWS: Rows = [];
const MAX_STATEMENTS = 200;
/** Random keys touch the whole of an index: SQLite's own 2 MB would be read anew for each trace. */
const CACHE_KIB = 32 * 1024;
/** As the same pages of indexes are written again and again: so many pages of the log are brought to the database at once. */
const CHECKPOINT_PAGES = 4000;

/** One connection to a SQLite file, made when the file is first used. */
export class SqliteEngine {
  readonly file: string;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #regexp: SqliteRegexp;
  #writes: Statement | undefined;
  #writing: StatementSync | undefined;
  #patienceMs = BUSY_TIMEOUT_MS;

  /**
   * Opens the file, or makes it with its folder, readable for its owner only; nothing is written into it yet.
   *
   * @throws {AutologError} PERMISSION_DENIED when it cannot be opened.
   */
  constructor(file: string) {
    this.file = file;
    checkVersion(process.versions.sqlite);
    makeFolderOf(file);
    makeFile(file);
    try {
      const { DatabaseSync } = loadSqlite();
      this.#database = new DatabaseSync(file);
      this.#database.exec(
        `PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}; PRAGMA foreign_keys = ON; PRAGMA cache_size = -${CACHE_KIB}; PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`,
      );
      this.#regexp = new SqliteRegexp(this.#database);
    } catch (error) {
      throw toStoreError(error, file);
    }
  }

  /**
   * Sets the file up for many writers: a write-ahead log, synced at checkpoints.
   *
   * The switch to the log answers "busy" at once while another process makes it too, whatever the timeout, so it is
   * tried again.
   */
  useWriteAheadLog(): void {
    const giveUpAt = nowMs() + this.#patienceMs;
    for (;;) {
      try {
        this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
        return;
      } catch (error) {
        if (!isBusy(error) || nowMs() > giveUpAt) throw toStoreError(error, this.file);
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5 + Math.random() * 20);
      }
    }
  }

  /** Runs an operation, each of its queries by itself. */
  run<T>(operation: Operation<T>): T {
    let step = operation.next();
    while (!step.done) {
      let rows: Rows;
      try {
        rows = this.#ask(step.value);
      } catch (error) {
        step = operation.throw(toStoreError(error, this.file));
        continue;
      }
      step = operation.next(rows);
    }
    return step.value;
  }

  /** Calls a function in which other writers are waited for so long, and no longer. */
  withPatience<T>(patienceMs: number, fn: () => T): T {
    const outerMs = this.#patienceMs;
    this.#setPatience(patienceMs);
    try {
      return fn();
    } finally {
      this.#setPatience(outerMs);
    }
  }

  /** Runs an operation that only reads, on one state of the database. */
  snapshot<T>(operation: Operation<T>): T {
    return this.#within('BEGIN', operation);
  }

  /** Runs an operation that writes: as a whole, or not at all; other writers wait. */
  transaction<T>(operation: Operation<T>): T {
    return this.#within('BEGIN IMMEDIATE', operation);
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #within<T>(begin: string, operation: Operation<T>): T {
    this.#execute(begin);
    try {
      const result = this.run(operation);
      this.#execute('COMMIT');
      return result;
    } catch (error) {
      try {
        this.#execute('ROLLBACK');
      } catch {
        // SQLite has already rolled back, as it does when the disk is full: "no transaction is active".
      }
      throw error;
    }
  }

  #setPatience(patienceMs: number): void {
    this.#execute(`PRAGMA busy_timeout = ${patienceMs}`);
    this.#patienceMs = patienceMs;
  }

  #execute(sql: string): void {
    try {
      this.#prepare(sql).run();
    } catch (error) {
      throw toStoreError(error, this.file);
    }
  }

  #ask(query: Query): Rows {
    const { sql, parameters } = query;
    if (typeof sql !== 'string' && sql.rows !== undefined) {
      // Rows of one table come one after the other.
      if (sql !== this.#writes) this.#writing = this.#prepare(sql.textFor('sqlite'));
      this.#writes = sql;
      this.#writing?.run(...parameters);
      return NO_ROWS;
    }
    const text = typeof sql === 'string' ? sql : sql.textFor('sqlite');
    const statement = this.#prepare(text);
    // Only long texts are searches.
    if (text.length > 100 && text.includes(' REGEXP '))
      return this.#regexp.limited(() => statement.all(...parameters));
    return statement.all(...parameters);
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#database.prepare(sql);
    if (this.#statements.size >= MAX_STATEMENTS) this.#statements.clear();
    this.#statements.set(sql, statement);
    return statement;
  }
}

/** MLflow's tables have a computed column. A Node of a Linux distribution may use the system's SQLite. */
function checkVersion(version = '3.31'): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 3 || (major === 3 && minor >= 31)) return;
  throw new AutologError(
    'INVALID_STATE',
    `Cannot use SQLite ${version}: MLflow's tables need 3.31 or newer; use a Node that has its own SQLite.`,
  );
}

/** SQLite itself would make it readable for all; the files beside it get the same mode. */
function makeFile(file: string): void {
  try {
    fs.closeSync(fs.openSync(file, 'ax', 0o600));
  } catch {
    // EEXIST: it is there already. Of what else can be wrong, SQLite tells.
  }
}

function makeFolderOf(file: string): void {
  try {
    makeFolder(path.dirname(file));
  } catch (error) {
    throw new AutologError(
      'PERMISSION_DENIED',
      `Cannot make the folder of the database '${file}': ${errorMessage(error)}; choose another place.`,
      { cause: error },
    );
  }
}
