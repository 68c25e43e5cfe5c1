import type { DeliverOptions, RecordSource, RejectedRecord } from '../../../src/store/delivery.ts';
import { applyChunk, forgetJournal, readPosition } from '../../../src/store/sql/apply-chunk.ts';
import type { Database } from '../../../src/store/sql/database.ts';
import { numberParameters } from '../../../src/store/sql/dialect.ts';
import type { Operation, Query, Rows, SqlValue } from '../../../src/store/sql/operation.ts';
import type { SchemaTarget } from '../../../src/store/sql/schema/schema-target.ts';
import type { SchemaShape } from '../../../src/store/sql/schema/verify.ts';
import { MSSQL_ENGINE } from '../../../src/store/sql/server/mssql.ts';
import { RowBatch } from '../../../src/store/sql/server/row-batch.ts';
import { toParameters } from '../../../src/store/sql/server/server-parameters.ts';
import { SqliteDatabase } from '../../../src/store/sql/sqlite-database.ts';

/**
 * Says what SQL Server would be asked, with SQLite's answers in its place.
 *
 * Every statement is written down as the driver would get it. What SQLite does not understand is answered with no rows.
 */
export class RecordingDatabase implements Database {
  readonly dialect = 'mssql';
  readonly artifactRoot: string;
  /** Statements with their parameters, in order. */
  readonly log: string[] = [];
  readonly #sqlite: SqliteDatabase;

  constructor(file: string, artifactRoot: string) {
    this.#sqlite = new SqliteDatabase(file, artifactRoot);
    this.artifactRoot = artifactRoot;
  }

  read<T>(operation: Operation<T>): T {
    return this.#sqlite.read(this.#record(operation, false));
  }

  readShaped<T>(operation: (shape: SchemaShape) => Operation<T>): T {
    return this.#sqlite.readShaped((shape) => this.#record(operation(shape), false));
  }

  write<T>(begin: () => Operation<T>): T {
    return this.#sqlite.write(() => this.#record(begin(), true));
  }

  writeShaped<T>(operation: (shape: SchemaShape) => Operation<T>): T {
    return this.#sqlite.writeShaped((shape) => this.#record(operation(shape), true));
  }

  deliver(source: RecordSource, _options?: DeliverOptions): readonly RejectedRecord[] {
    const position = this.read(readPosition(source.id));
    const at = { source, position, chunk: source.read(position) };
    return this.writeShaped((shape) =>
      applyChunk(at, { artifactRoot: this.artifactRoot, shape: () => known(shape) }),
    );
  }

  /** Delivers with a savepoint before each record, as after an error. */
  deliverApart(source: RecordSource): readonly RejectedRecord[] {
    const at = { source, position: 0, chunk: source.read(0) };
    const target = (shape: SchemaShape) => ({ artifactRoot: this.artifactRoot, shape: () => known(shape) });
    return this.#sqlite.writeShaped((shape) => this.#record(applyChunk(at, target(shape), ['value']), false));
  }

  forget(sourceId: string): void {
    this.write(() => forgetJournal(sourceId));
  }

  inspect<T>(operation: (target: SchemaTarget) => Operation<T>): T {
    return this.#sqlite.inspect(operation);
  }

  changeSchema<T>(operation: (target: SchemaTarget) => Operation<T>): T {
    return this.#sqlite.changeSchema(operation);
  }

  close(): void {
    this.#sqlite.close();
  }

  *#record<T>(operation: Operation<T>, isBatched: boolean): Operation<T> {
    const batch = new RowBatch('mssql', MSSQL_ENGINE);
    const writeBatch = () => {
      if (batch.isEmpty) return;
      const { sql, parameters } = batch.finish();
      this.#write(sql, parameters);
    };
    let step = operation.next();
    while (!step.done) {
      const query = step.value;
      if (!(isBatched && batch.take(query))) {
        writeBatch();
        if (!(isBatched && batch.take(query))) this.#writeQuery(query);
      }
      let rows: Rows = [];
      try {
        rows = yield forSqlite(query);
      } catch (error) {
        // A syntax error, as the statement is SQL Server's.
        if (!/syntax error|no such|unrecognized|near "/.test(String(error))) throw error;
      }
      step = operation.next(rows);
    }
    writeBatch();
    return step.value;
  }

  #writeQuery({ sql, parameters }: Query): void {
    this.#write(typeof sql === 'string' ? numberParameters(sql, 'mssql') : sql.textFor('mssql'), parameters);
  }

  #write(sql: string, parameters: readonly SqlValue[]): void {
    const [text, values] = toParameters('mssql', sql, parameters);
    const shown = values.map((it) => (typeof it === 'bigint' ? `${it}n` : JSON.stringify(it)));
    this.log.push(hideChance(`${text.replaceAll(/\s+/g, ' ')}\n  [${shown.join(', ')}]`));
  }
}

function forSqlite({ sql, parameters }: Query): Query {
  return { sql: typeof sql === 'string' ? sql : sql.textFor('sqlite'), parameters };
}

// biome-ignore lint/correctness/useYield: it is an operation that has nothing to ask.
function* known(shape: SchemaShape): Operation<SchemaShape> {
  return shape;
}

/** Times of now and ids that are made by chance are the same in each run. */
function hideChance(text: string): string {
  return text.replaceAll(/\b1[7-9]\d{11}\b/g, '<now>').replaceAll(/"(?!a{32}|c{32})[0-9a-f]{32}"/g, '"<id>"');
}
