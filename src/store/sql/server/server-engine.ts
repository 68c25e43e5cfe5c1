import { CompiledQuery, Kysely, type Transaction, type TransactionBuilder } from 'kysely';
import { steadyMs } from '../../../clock.ts';
import type { ServerAddress } from '../../server-uri.ts';
import { numberParameters } from '../dialect.ts';
import type { Operation, Query, Rows, SqlValue } from '../operation.ts';
import { StoreError } from '../store-error.ts';
import type { EngineKind, Sockets } from './engine-kind.ts';
import type { PoolSettings } from './pool-settings.ts';
import { RowBatch } from './row-batch.ts';
import { toParameters } from './server-parameters.ts';

/** What a transaction may do. */
export interface TransactionOptions {
  /** Time to wait for another transaction's lock, in milliseconds. @default 20_000 */
  readonly patienceMs?: number;
  /** Writes each row by a statement of its own, so that an error comes where it belongs. @default false */
  readonly isRowByRow?: boolean;
}

/** Connections of a pool that may be found broken one after the other. */
const MAX_STALE = 3;

type Connection = Kysely<unknown> | Transaction<unknown>;

/** A pool of connections to a server's database, on which operations run. */
export class ServerEngine {
  readonly #kind: EngineKind;
  readonly #address: ServerAddress;
  readonly #isEchoed: boolean;
  readonly #kysely: Kysely<unknown>;
  readonly #sockets: Sockets = new Set();
  #isAbandoned = false;
  #lastAnswerMs = Number.NEGATIVE_INFINITY;

  /** @throws {AutologError} for options that cannot be used, or without the driver; nothing is connected yet. */
  constructor(kind: EngineKind, address: ServerAddress, settings: PoolSettings) {
    this.#kind = kind;
    this.#address = address;
    this.#isEchoed = settings.isEchoed;
    this.#kysely = new Kysely({ dialect: kind.createDialect(address, settings, this.#sockets) });
  }

  /** Runs an operation that only reads, on one state of the database. */
  async read<T>(operation: Operation<T>): Promise<T> {
    const begin = this.#kysely.transaction().setIsolationLevel(this.#kind.readIsolation);
    return this.#within(
      this.#address.dialect === 'mssql' ? begin : begin.setAccessMode('read only'),
      (connection) => this.#run(connection, operation, true),
    );
  }

  /** Runs an operation that writes: as a whole, or not at all. */
  async write<T>(
    operation: Operation<T>,
    { patienceMs, isRowByRow = false }: TransactionOptions = {},
  ): Promise<T> {
    return this.#within(this.#kysely.transaction().setIsolationLevel('read committed'), async (connection) => {
      if (patienceMs !== undefined) await this.#ask(connection, this.#kind.waitFor(patienceMs));
      return this.#run(connection, operation, isRowByRow);
    });
  }

  /** Runs an operation that makes or changes the schema; of all processes, one at a time does. */
  async writeSchema<T>(operation: Operation<T>): Promise<T> {
    const { lockSchema: lock, unlockSchema: unlock } = this.#kind;
    return this.#within(this.#kysely.transaction().setIsolationLevel('read committed'), async (connection) => {
      await this.#ask(connection, lock.sql, lock.parameters);
      try {
        return await this.#run(connection, operation, true);
      } finally {
        // MySQL has committed each change of the schema by itself: nothing is left to others half-done.
        if (unlock) await this.#ask(connection, unlock.sql, unlock.parameters).catch(() => undefined);
      }
    });
  }

  /** When the server answered last, on the clock of `steadyMs`. */
  get lastAnswerMs(): number {
    return this.#lastAnswerMs;
  }

  async close(): Promise<void> {
    await this.#kysely.destroy();
  }

  /** Ends all connections at once, without a word to the server, which does not answer. */
  abandon(): void {
    this.#isAbandoned = true;
    for (const socket of this.#sockets) socket.destroy();
    // What was waiting for an answer fails now, and the pool can be closed.
    this.close().catch(() => undefined);
  }

  /**
   * The first error is the one that tells why; undoing a transaction on a broken connection throws another. A connection
   * that broke while nobody used it is found out when the transaction begins: the next one is tried.
   */
  async #within<T>(begin: TransactionBuilder<unknown>, fn: (connection: Connection) => Promise<T>): Promise<T> {
    let began = false;
    for (let tries = 1; ; tries++) {
      let failure: { readonly error: unknown } | undefined;
      try {
        return await begin.execute(async (transaction) => {
          began = true;
          try {
            return await fn(transaction);
          } catch (error) {
            failure = { error };
            throw error;
          }
        });
      } catch (thrown) {
        const error = failure ? failure.error : this.#explain(thrown);
        const isStale =
          !began && !this.#isAbandoned && error instanceof StoreError && error.fault === 'connection';
        if (!isStale || tries >= MAX_STALE) throw error;
      }
    }
  }

  async #run<T>(connection: Connection, operation: Operation<T>, isRowByRow: boolean): Promise<T> {
    const batch = new RowBatch(this.#address.dialect, this.#kind);
    let step = operation.next();
    for (;;) {
      if (!(step.done || isRowByRow) && batch.take(step.value)) {
        step = operation.next([]);
        continue;
      }
      if (step.done && batch.isEmpty) return step.value;
      let rows: Rows = [];
      try {
        if (!batch.isEmpty) {
          const { sql, parameters } = batch.finish();
          await this.#ask(connection, sql, parameters);
          continue;
        }
        if (!step.done) rows = await this.#askQuery(connection, step.value);
      } catch (error) {
        if (step.done) throw error;
        step = operation.throw(error);
        continue;
      }
      step = operation.next(rows);
    }
  }

  async #askQuery(connection: Connection, { sql, parameters }: Query): Promise<Rows> {
    const { dialect } = this.#address;
    return this.#ask(
      connection,
      typeof sql === 'string' ? numberParameters(sql, dialect) : sql.textFor(dialect),
      parameters,
    );
  }

  async #ask(connection: Connection, sql: string, parameters: readonly SqlValue[] = []): Promise<Rows> {
    if (this.#isEchoed) process.stderr.write(`autolog sql: ${sql}\n`);
    try {
      const [text, values] = toParameters(this.#address.dialect, sql, parameters);
      const { rows } = await connection.executeQuery(CompiledQuery.raw(text, [...values]));
      this.#lastAnswerMs = steadyMs();
      return rows as Rows;
    } catch (error) {
      throw this.#explain(error);
    }
  }

  #explain(error: unknown): unknown {
    return error instanceof StoreError ? error : (this.#kind.toStoreError(error, this.#address.shown) ?? error);
  }
}
