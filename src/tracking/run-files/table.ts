import { AutologError, errorMessage, invalidParameter } from '../../errors.ts';

/** A table: rows of cells under named columns. Its JSON is that of a pandas DataFrame "split". */
export interface Table {
  readonly columns: readonly string[];
  readonly data: readonly (readonly unknown[])[];
}

/** One row of a table, by its columns. */
export type TableRow = Readonly<Record<string, unknown>>;

/** What a table is made from: rows, columns of equal length, or the cells of one row. */
export type TableData = readonly TableRow[] | Readonly<Record<string, unknown>>;

/**
 * Makes a table; a column that a row does not have is null there.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for columns of different lengths, or what is no table.
 */
export function toTable(data: TableData): Table {
  if (Array.isArray(data)) return fromRows(data);
  if (typeof data === 'object' && data !== null && !isColumn(data)) return fromColumns(Object.entries(data));
  throw invalidParameter('Cannot log a table: found no table; pass rows, or an object of columns.');
}

/** Puts one table below another one; columns are joined by their names. */
export function appendTable(above: Table, below: Table): Table {
  const columns = [...new Set([...above.columns, ...below.columns])];
  const widen = ({ columns: own, data }: Table) => {
    const places = columns.map((column) => own.indexOf(column));
    return data.map((row) => places.map((place) => (place === -1 ? null : row[place])));
  };
  return { columns, data: [...widen(above), ...widen(below)] };
}

/**
 * JSON text of a table, as MLflow reads it.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for a cell without a JSON form.
 */
export function formatTable(table: Table, file: string): string {
  try {
    return JSON.stringify(table, (_, value: unknown) => toJsonValue(value));
  } catch (error) {
    const message = `Cannot write the table '${file}': a cell has no JSON form (${errorMessage(error)}); pass plain data.`;
    throw new AutologError('INVALID_PARAMETER_VALUE', message, { cause: error });
  }
}

/**
 * Reads the JSON text of a table.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for text that is none.
 */
export function parseTable(text: string, file: string): Table {
  try {
    const { columns, data } = JSON.parse(text) as Partial<Table>;
    if (Array.isArray(columns) && Array.isArray(data) && data.every(Array.isArray))
      return { columns: columns.map(String), data };
  } catch {
    // SyntaxError: told below with what is no table either.
  }
  throw invalidParameter(`Cannot read the table '${file}': it is no JSON of { columns, data }; use another file.`);
}

/** The rows of a table, each with all columns. */
export function toRows({ columns, data }: Table): TableRow[] {
  return data.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index] ?? null])));
}

function fromRows(rows: readonly TableRow[]): Table {
  for (const row of rows) {
    if (typeof row !== 'object' || row === null || isColumn(row))
      throw invalidParameter('Cannot log a table: a row is no object; pass rows as { column: cell }.');
  }
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return { columns, data: rows.map((row) => columns.map((column) => row[column] ?? null)) };
}

function fromColumns(entries: readonly [string, unknown][]): Table {
  const lengths = new Set(entries.flatMap(([, values]) => (isColumn(values) ? [values.length] : [])));
  if (lengths.size > 1) {
    throw invalidParameter(
      `Cannot log a table: its columns have ${[...lengths].join(' and ')} cells; give all the same number.`,
    );
  }
  const [length = entries.length === 0 ? 0 : 1] = lengths;
  const cells = entries.map(([, values]) => (isColumn(values) ? values : new Array<unknown>(length).fill(values)));
  return {
    columns: entries.map(([column]) => column),
    data: Array.from({ length }, (_, row) => cells.map((column) => column[row] ?? null)),
  };
}

function isColumn(values: unknown): values is ArrayLike<unknown> {
  return Array.isArray(values) || (ArrayBuffer.isView(values) && !(values instanceof DataView));
}

function toJsonValue(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return Array.from(value as Uint8Array);
  return value;
}
