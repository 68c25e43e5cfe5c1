import { invalidParameter } from '../../../errors.ts';
import type { DialectName } from '../dialect.ts';
import { raw, type SqlText, sql } from './sql-text.ts';

/**
 * What an engine says in its own words.
 *
 * Texts are compared by their characters, upper and lower case apart, as SQLite does it; the collation of a column
 * decides nothing.
 */
export interface SearchDialect {
  /** Of text; may use an index on the column. */
  equals(column: SqlText, value: string): SqlText;
  /** Of text of any length; may use an index on its first 250 characters, where the engine has no other. */
  equalsLong(column: SqlText, value: string): SqlText;
  /** `%` stands for any text, `_` for one character; nothing else is special. */
  like(column: SqlText, pattern: string): SqlText;
  /** As `like`, upper and lower case alike: on SQLite those of ASCII only. */
  ilike(column: SqlText, pattern: string): SqlText;
  /** A regular expression, in the syntax of the engine, that fits a part of the text. */
  rlike(column: SqlText, pattern: string): SqlText;
  /** Whether a text is a part of the column's. */
  contains(column: SqlText, text: string): SqlText;
  /** A text in the order of its characters; for columns and for values that they are compared with. */
  inOrder(text: SqlText): SqlText;
  isTrue(column: SqlText): SqlText;
  isFalse(column: SqlText): SqlText;
  /** A whole number as text. */
  toText(column: SqlText): SqlText;
  /** The number that a text holds; what it gives for another text differs. */
  toNumber(column: SqlText): SqlText;
  /** Where nulls come without a word about them: before all values or after them. */
  readonly nullsAre: 'smallest' | 'largest';
  /** Whether the order can say where they come. */
  readonly hasNullsOrder: boolean;
  /** The first rows, after ORDER BY. */
  limit(count: number): SqlText;
  /** Whether it is told by us where a query begins: it reads tables in the order of a CROSS JOIN. */
  readonly isToldPlans: boolean;
}

/** How each engine searches. */
export const SEARCH_DIALECTS: Readonly<Record<DialectName, SearchDialect>> = {
  sqlite: {
    equals: (column, value) => sql`${column} = ${value}`,
    equalsLong: (column, value) => sql`${column} = ${value}`,
    // GLOB, because LIKE takes upper and lower case for the same, and because GLOB can use an index.
    like: (column, pattern) => sql`${column} GLOB ${toGlob(pattern)}`,
    ilike: (column, pattern) => sql`${column} LIKE ${pattern}`,
    rlike: (column, pattern) => sql`${column} REGEXP ${pattern}`,
    contains: (column, text) => sql`instr(${column}, ${text}) > 0`,
    inOrder: (text) => text,
    isTrue: (column) => sql`${column} = 1`,
    isFalse: (column) => sql`${column} = 0`,
    toText: (column) => sql`CAST(${column} AS TEXT)`,
    toNumber: (column) => sql`CAST(${column} AS REAL)`,
    nullsAre: 'smallest',
    hasNullsOrder: true,
    limit: (count) => raw(`LIMIT ${count}`),
    isToldPlans: true,
  },
  postgresql: {
    equals: (column, value) => sql`${column} = ${value}`,
    equalsLong: (column, value) => sql`(${column} = ${value} AND left(${column}, 250) = left(${value}, 250))`,
    like: (column, pattern) => sql`${column} LIKE ${literally(pattern)} ESCAPE '!'`,
    ilike: (column, pattern) => sql`${column} ILIKE ${literally(pattern)} ESCAPE '!'`,
    rlike: (column, pattern) => sql`${column} ~ ${pattern}`,
    contains: (column, text) => sql`strpos(${column}, ${text}) > 0`,
    inOrder: (text) => sql`${text} COLLATE "C"`,
    isTrue: (column) => column,
    isFalse: (column) => sql`NOT ${column}`,
    toText: (column) => sql`CAST(${column} AS VARCHAR)`,
    toNumber: (column) => sql`CAST(${column} AS DOUBLE PRECISION)`,
    nullsAre: 'largest',
    hasNullsOrder: true,
    limit: (count) => raw(`LIMIT ${count}`),
    isToldPlans: false,
  },
  mysql: {
    equals: isSameOnMysql,
    equalsLong: isSameOnMysql,
    like: (column, pattern) => sql`${toCharacters(column)} LIKE ${literally(pattern)} ESCAPE '!'`,
    ilike: (column, pattern) => sql`LOWER(${toCharacters(column)}) LIKE LOWER(${literally(pattern)}) ESCAPE '!'`,
    rlike: (column, pattern) => sql`${toCharacters(column)} REGEXP ${pattern}`,
    contains: (column, text) => sql`LOCATE(${text}, ${toCharacters(column)}) > 0`,
    inOrder: toBytes,
    isTrue: (column) => sql`${column} = 1`,
    isFalse: (column) => sql`${column} = 0`,
    toText: (column) => sql`CAST(${column} AS CHAR(20))`,
    // MySQL before 8.0.17 cannot cast to DOUBLE.
    toNumber: (column) => sql`${column} + 0.0`,
    nullsAre: 'smallest',
    hasNullsOrder: false,
    limit: (count) => raw(`LIMIT ${count}`),
    isToldPlans: false,
  },
  mssql: {
    equals: isSameOnMssql,
    equalsLong: isSameOnMssql,
    like: (column, pattern) => sql`${toBinary(column)} LIKE ${pattern.replaceAll('[', '[[]')}`,
    ilike: (column, pattern) => sql`LOWER(${toBinary(column)}) LIKE LOWER(${pattern.replaceAll('[', '[[]')})`,
    rlike: () => {
      throw invalidParameter('Cannot search by RLIKE: SQL Server has no regular expressions; use LIKE or ILIKE.');
    },
    contains: (column, text) => sql`CHARINDEX(${text}, ${toBinary(column)}) > 0`,
    inOrder: toBinary,
    isTrue: (column) => sql`${column} = 1`,
    isFalse: (column) => sql`${column} = 0`,
    toText: (column) => sql`CAST(${column} AS VARCHAR(20))`,
    toNumber: (column) => sql`TRY_CAST(${column} AS FLOAT)`,
    nullsAre: 'smallest',
    hasNullsOrder: false,
    limit: (count) => raw(`OFFSET 0 ROWS FETCH NEXT ${count} ROWS ONLY`),
    isToldPlans: false,
  },
};

/** The first comparison finds the rows by an index, the second those whose bytes are the same. */
function isSameOnMysql(column: SqlText, value: string): SqlText {
  return sql`(${column} = ${value} AND ${toBytes(column)} = CAST(${value} AS BINARY))`;
}

function isSameOnMssql(column: SqlText, value: string): SqlText {
  return sql`(${column} = ${value} AND ${toBinary(column)} = ${value})`;
}

/** `[*]` is an asterisk, `[[]` a bracket. */
function toGlob(pattern: string): string {
  return pattern.replaceAll(/[*?[%_]/g, (sign) => GLOB_SIGNS[sign] ?? `[${sign}]`);
}

const GLOB_SIGNS: Readonly<Record<string, string>> = { '%': '*', _: '?' };

/** The backslash escapes where nothing else does; so something else does. */
function literally(pattern: string): string {
  return pattern.replaceAll('!', '!!');
}

function toBytes(text: SqlText): SqlText {
  return sql`CAST(CONVERT(${text} USING utf8mb4) AS BINARY)`;
}

function toCharacters(column: SqlText): SqlText {
  return sql`CONVERT(${column} USING utf8mb4) COLLATE utf8mb4_bin`;
}

function toBinary(text: SqlText): SqlText {
  return sql`${text} COLLATE Latin1_General_100_BIN2`;
}
