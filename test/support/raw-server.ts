import { createConnection } from 'mysql2/promise';
import pg from 'pg';
import type { Operation, Rows, SqlValue } from '../../src/store/sql/operation.ts';

/** A connection to a database server beside the store. */
export interface RawServer {
  readonly dialect: 'postgresql' | 'mysql';
  query(sql: string, parameters?: readonly SqlValue[]): Promise<Rows>;
  /** Runs an operation of the store, each query by itself. */
  run<T>(operation: Operation<T>): Promise<T>;
  close(): Promise<void>;
}

/** Connects to the database that a tracking URI names. */
export async function connectRaw(uri: string): Promise<RawServer> {
  const url = uri.replace(/^(\w+)\+\w+:/, '$1:');
  return url.startsWith('postgresql:') ? connectPostgresql(url) : connectMysql(url);
}

async function connectPostgresql(url: string): Promise<RawServer> {
  const client = new pg.Client(url);
  await client.connect();
  return toRawServer(
    'postgresql',
    async (sql, parameters) => (await client.query(sql, parameters)).rows,
    () => client.end(),
  );
}

async function connectMysql(url: string): Promise<RawServer> {
  const connection = await createConnection(url);
  await connection.query("SET SESSION sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES')");
  return toRawServer(
    'mysql',
    async (sql, parameters) => {
      const [rows] = await connection.query(sql, parameters);
      return (Array.isArray(rows) ? rows : []) as Rows;
    },
    () => connection.end(),
  );
}

function toRawServer(
  dialect: RawServer['dialect'],
  ask: (sql: string, parameters: SqlValue[]) => Promise<Rows>,
  close: () => Promise<void>,
): RawServer {
  return {
    dialect,
    query: (sql, parameters = []) => ask(sql, [...parameters]),
    async run(operation) {
      let step = operation.next();
      while (!step.done) {
        const { sql, parameters } = step.value;
        const text = typeof sql === 'string' ? sql : sql.textFor(dialect);
        step = operation.next(await ask(text, [...parameters]));
      }
      return step.value;
    },
    close,
  };
}
