import { type DialectName, numberParameters } from './dialect.ts';

/** A statement whose text differs between databases; its parameters are the same, in the same order. */
export interface Statement {
  /** Text for a database, the parameters in its own signs. */
  textFor(dialect: DialectName): string;
  /** Present where many rows can be written at once. */
  readonly rows?: RowWriter;
}

/** Writes many rows by one statement; it gives nothing back. */
export interface RowWriter {
  readonly table: string;
  readonly columns: readonly string[];
  /** Columns that tell rows apart; no two rows of one statement may have the same. */
  readonly key: readonly string[];
  /** Text for so many rows; its parameters are the rows' values, one row after the other. */
  textForRows(dialect: DialectName, count: number): string;
  /** Text for PostgreSQL, whose one parameter is a JSON array of objects. */
  textForJson(): string;
}

/** What happens to a row that is there already. */
export interface UpsertOptions {
  /** Columns that tell rows apart: a primary or unique key. */
  readonly key: readonly string[];
  /** Columns that keep their value where the new one is null. @default none */
  readonly keepIfNull?: readonly string[];
  /** Replaces the row only if these columns, compared in order, are greater in the new one. @default always */
  readonly ifGreater?: readonly string[];
}

/** A statement that inserts a row, or replaces what is there under the same key; its parameters are the columns' values. */
export function upsert(table: string, columns: readonly string[], options: UpsertOptions): Statement {
  const { key } = options;
  const write = (dialect: DialectName, source: string) => UPSERTS[dialect](table, columns, source, options);
  return {
    ...perDialect((dialect) => write(dialect, values(columns))),
    rows: rowWriter(table, columns, key, write),
  };
}

/** A statement that inserts a row, unless there is one under the same key; its parameters are the columns' values. */
export function insertNew(table: string, columns: readonly string[], key: readonly string[]): Statement {
  const write = (dialect: DialectName, source: string) => INSERTS_NEW[dialect](table, columns, source, key);
  return {
    ...perDialect((dialect) => write(dialect, values(columns))),
    rows: rowWriter(table, columns, key, write),
  };
}

/** Makes a statement from a function that writes its text with `?` for each parameter; each text is written once. */
export function perDialect(write: (dialect: DialectName) => string): Statement {
  const texts = new Map<DialectName, string>();
  return {
    textFor(dialect) {
      const known = texts.get(dialect);
      if (known !== undefined) return known;
      const text = numberParameters(write(dialect), dialect);
      texts.set(dialect, text);
      return text;
    },
  };
}

/** `source` is what stands after the columns' names: the values of one row or of many. */
type WriteUpsert = (table: string, columns: readonly string[], source: string, options: UpsertOptions) => string;
type WriteInsertNew = (
  table: string,
  columns: readonly string[],
  source: string,
  key: readonly string[],
) => string;

function rowWriter(
  table: string,
  columns: readonly string[],
  key: readonly string[],
  write: (dialect: DialectName, source: string) => string,
): RowWriter {
  return {
    table,
    columns,
    key,
    textForRows: (dialect, count) => numberParameters(write(dialect, values(columns, count)), dialect),
    textForJson: () => {
      const source = `SELECT ${names(columns)} FROM json_populate_recordset(NULL::${table}, ?)`;
      return numberParameters(write('postgresql', source), 'postgresql');
    },
  };
}

const UPSERTS: Readonly<Record<DialectName, WriteUpsert>> = {
  sqlite: upsertOnConflict,
  postgresql: upsertOnConflict,
  mysql: upsertOnDuplicateKey,
  mssql: upsertByMerge,
};

const INSERTS_NEW: Readonly<Record<DialectName, WriteInsertNew>> = {
  sqlite: (table, columns, source) => `${insert(table, columns, source)} ON CONFLICT DO NOTHING`,
  postgresql: (table, columns, source) => `${insert(table, columns, source)} ON CONFLICT DO NOTHING`,
  // INSERT IGNORE would pass over values that are too long as well.
  mysql: (table, columns, source, [first = '']) =>
    `${insert(table, columns, source)} ON DUPLICATE KEY UPDATE ${quote(first)} = ${table}.${quote(first)}`,
  mssql: (table, columns, source, key) => `${merge(table, columns, source, key)}${insertUnmatched(columns)}`,
};

function upsertOnConflict(
  table: string,
  columns: readonly string[],
  source: string,
  options: UpsertOptions,
): string {
  const sets = updatedColumns(columns, options).map(
    (column) => `${quote(column)} = ${newValue(column, 'excluded', table, options)}`,
  );
  const { key, ifGreater } = options;
  return `${insert(table, columns, source)} ON CONFLICT (${key.map(quote).join(', ')}) DO UPDATE SET ${sets.join(', ')}${
    ifGreater === undefined ? '' : ` WHERE ${isGreater(ifGreater, (column) => `excluded.${quote(column)}`, table)}`
  }`;
}

/** Source: MySQL's manual, "INSERT ... ON DUPLICATE KEY UPDATE"; MariaDB has no `AS new` for the new row. */
function upsertOnDuplicateKey(
  table: string,
  columns: readonly string[],
  source: string,
  options: UpsertOptions,
): string {
  const { ifGreater = [], keepIfNull = [] } = options;
  const updated = updatedColumns(columns, options);
  // Assignments are made from left to right and see those before: the columns of the condition come last, and among
  // them the first last, so that it stays true until then.
  const inOrder = [...updated.filter((column) => !ifGreater.includes(column)), ...ifGreater.toReversed()];
  const sets = inOrder.map((column) => {
    const value = `VALUES(${quote(column)})`;
    const old = `${table}.${quote(column)}`;
    const next = keepIfNull.includes(column) ? `COALESCE(${value}, ${old})` : value;
    if (ifGreater.length === 0) return `${quote(column)} = ${next}`;
    return `${quote(column)} = IF(${isGreater(ifGreater, (each) => `VALUES(${quote(each)})`, table)}, ${next}, ${old})`;
  });
  return `${insert(table, columns, source)} ON DUPLICATE KEY UPDATE ${sets.join(', ')}`;
}

function upsertByMerge(table: string, columns: readonly string[], source: string, options: UpsertOptions): string {
  const { key, ifGreater } = options;
  const sets = updatedColumns(columns, options).map(
    (column) => `${quote(column)} = ${newValue(column, 'new', 'old', options)}`,
  );
  const condition =
    ifGreater === undefined ? '' : ` AND (${isGreater(ifGreater, (column) => `new.${quote(column)}`, 'old')})`;
  return `${merge(table, columns, source, key)} WHEN MATCHED${condition} THEN UPDATE SET ${sets.join(', ')}${insertUnmatched(columns)}`;
}

/** HOLDLOCK, because otherwise two of these can both find no row and both insert one. */
function merge(table: string, columns: readonly string[], source: string, key: readonly string[]): string {
  const matches = key.map((column) => `old.${quote(column)} = new.${quote(column)}`).join(' AND ');
  return `MERGE INTO ${table} WITH (HOLDLOCK) AS old USING (${source}) AS new (${names(columns)}) ON ${matches}`;
}

function insertUnmatched(columns: readonly string[]): string {
  const values = columns.map((column) => `new.${quote(column)}`).join(', ');
  return ` WHEN NOT MATCHED THEN INSERT (${names(columns)}) VALUES (${values});`;
}

function insert(table: string, columns: readonly string[], source: string): string {
  return `INSERT INTO ${table} (${names(columns)}) ${source}`;
}

function values(columns: readonly string[], count = 1): string {
  const row = `(${columns.map(() => '?').join(', ')})`;
  return `VALUES ${Array.from({ length: count }, () => row).join(', ')}`;
}

function updatedColumns(columns: readonly string[], { key }: UpsertOptions): readonly string[] {
  return columns.filter((column) => !key.includes(column));
}

function newValue(column: string, newRow: string, oldRow: string, { keepIfNull = [] }: UpsertOptions): string {
  const value = `${newRow}.${quote(column)}`;
  return keepIfNull.includes(column) ? `COALESCE(${value}, ${oldRow}.${quote(column)})` : value;
}

/** Compares rows by columns in order; written out, because SQL Server compares no tuples. */
function isGreater(columns: readonly string[], ofNew: (column: string) => string, oldRow: string): string {
  const alternatives = columns.map((column, index) => {
    const equal = columns.slice(0, index).map((each) => `${ofNew(each)} = ${oldRow}.${quote(each)}`);
    return `(${[...equal, `${ofNew(column)} > ${oldRow}.${quote(column)}`].join(' AND ')})`;
  });
  return alternatives.join(' OR ');
}

function names(columns: readonly string[]): string {
  return columns.map(quote).join(', ');
}

function quote(name: string): string {
  return `"${name}"`;
}
