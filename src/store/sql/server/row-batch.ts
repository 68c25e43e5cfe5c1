import type { DialectName } from '../dialect.ts';
import type { Query, SqlValue } from '../operation.ts';
import type { RowWriter, Statement } from '../statement.ts';

/** Most text that goes in one statement: a server's packet has 16 MB where nobody has set it up. */
const MAX_BYTES = 2 * 1024 * 1024;

/** How much one statement may write. */
export interface BatchLimits {
  readonly maxRows: number;
  readonly maxParameters: number;
}

/**
 * Collects rows that one statement after the other would write, as long as it is the same statement and no row comes
 * twice; one statement with all of them then does the same, and the way to the server is made once.
 */
export class RowBatch {
  readonly #dialect: DialectName;
  readonly #limits: BatchLimits;
  #statement: Statement | undefined;
  #rows: (readonly SqlValue[])[] = [];
  readonly #keys = new Set<string>();
  #bytes = 0;

  constructor(dialect: DialectName, limits: BatchLimits) {
    this.#dialect = dialect;
    this.#limits = limits;
  }

  get isEmpty(): boolean {
    return this.#rows.length === 0;
  }

  /** Takes a query that writes a row, and returns true; false where what was collected has to be written first. */
  take({ sql, parameters }: Query): boolean {
    if (typeof sql === 'string' || !sql.rows || parameters.some((it) => it instanceof Uint8Array)) return false;
    if (this.#statement !== undefined && this.#statement !== sql) return false;
    if (this.#rows.length >= this.#maxRows(sql.rows) || this.#bytes > MAX_BYTES) return false;
    const key = keyOf(sql.rows, parameters);
    if (this.#keys.has(key)) return false;
    this.#statement = sql;
    this.#keys.add(key);
    this.#rows.push(parameters);
    for (const value of parameters) this.#bytes += typeof value === 'string' ? value.length : 20;
    return true;
  }

  /** Returns the statement that writes what was collected, and begins anew. */
  finish(): { readonly sql: string; readonly parameters: readonly SqlValue[] } {
    const statement = this.#statement;
    const rows = this.#rows;
    this.#statement = undefined;
    this.#rows = [];
    this.#keys.clear();
    this.#bytes = 0;
    if (!statement?.rows) return { sql: '', parameters: [] };
    if (rows.length === 1) return { sql: statement.textFor(this.#dialect), parameters: rows[0] ?? [] };
    if (this.#dialect === 'postgresql') {
      return { sql: statement.rows.textForJson(), parameters: [toJson(statement.rows, rows)] };
    }
    return { sql: statement.rows.textForRows(this.#dialect, rows.length), parameters: rows.flat() };
  }

  #maxRows({ columns }: RowWriter): number {
    return Math.min(this.#limits.maxRows, Math.floor(this.#limits.maxParameters / columns.length));
  }
}

function keyOf({ columns, key }: RowWriter, parameters: readonly SqlValue[]): string {
  if (key.length === columns.length) return parameters.join('\0');
  return key.map((name) => String(parameters[columns.indexOf(name)])).join('\0');
}

/** Half as fast again as a list of values, and as fast as `unnest` (PostgreSQL 15), and the text is the same for any number of rows. */
function toJson({ columns }: RowWriter, rows: readonly (readonly SqlValue[])[]): string {
  const objects = rows.map((row) => Object.fromEntries(columns.map((name, index) => [name, row[index]])));
  return JSON.stringify(objects, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}
