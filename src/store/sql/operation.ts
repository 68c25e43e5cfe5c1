import type { Statement } from './statement.ts';

/** A value that a database is given. */
export type SqlValue = string | number | bigint | null | Uint8Array;

/** One SQL statement and its parameters: the same text for every database, with `?` for each, or a text for each. */
export interface Query {
  readonly sql: string | Statement;
  readonly parameters: readonly SqlValue[];
}

/** What a query gave back, by column name; PostgreSQL has booleans where others have 0 and 1. */
export type Row = Readonly<Record<string, SqlValue | boolean>>;

/** Every row that a query gave back; empty for one that only writes. */
export type Rows = readonly Row[];

/**
 * What is to be asked of a database, in order: it yields queries, is given their rows, and returns its result.
 *
 * It does no input or output itself. So the same operation runs synchronously on SQLite, where the handler of a
 * process's exit can still deliver, and asynchronously on a server. It checks first and writes then: one that throws
 * an AutologError has written nothing.
 */
export type Operation<T> = Generator<Query, T, Rows>;

/** Asks one query and returns its rows. */
export function* all(sql: string | Statement, ...parameters: readonly SqlValue[]): Operation<Rows> {
  return yield { sql, parameters };
}

/** Asks one query and returns its first row. */
export function* first(sql: string | Statement, ...parameters: readonly SqlValue[]): Operation<Row | undefined> {
  const rows = yield { sql, parameters };
  return rows[0];
}

/**
 * Asks one query for each group of at most 500 keys and returns all rows; `sql` holds `(?)` once, where the keys go.
 *
 * In groups, because databases bound the number of parameters, and of few sizes, so that statements are prepared once.
 */
export function* allOf(sql: string, keys: readonly SqlValue[]): Operation<Rows> {
  const rows: Row[] = [];
  for (let start = 0; start < keys.length; start += MAX_KEYS) {
    const group = keys.slice(start, start + MAX_KEYS);
    const size = 2 ** Math.ceil(Math.log2(group.length));
    const padding = Array.from<SqlValue>({ length: Math.min(size, MAX_KEYS) - group.length }).fill(
      group[0] as SqlValue,
    );
    const places = `(${'?, '.repeat(group.length + padding.length).slice(0, -2)})`;
    for (const row of yield { sql: sql.replace('(?)', places), parameters: [...group, ...padding] })
      rows.push(row);
  }
  return rows;
}

const MAX_KEYS = 500;
