import type { Row, SqlValue } from '../operation.ts';
import type { SearchDialect } from './search-dialect.ts';
import { and, or, raw, type SqlText, sql } from './sql-text.ts';

/** One thing that rows are sorted by. */
export interface SortColumn {
  readonly expression: SqlText;
  /** An id is compared as the column says, a text by its characters. */
  readonly kind: 'text' | 'number' | 'id';
  readonly isAscending: boolean;
  /** Where rows without a value come; `none` where every row has one. */
  readonly nulls: 'none' | 'first' | 'last';
  /** Whether the value is not a number: such rows come after the values, before those without. */
  readonly isNan?: SqlText;
}

/** What a row has in a column: a value, NaN, or nothing. */
export type Rank = 'value' | 'nan' | 'null';

/** The place of a row in one column of the order. */
export type SortValue = readonly ['value', string | number] | readonly ['nan'] | readonly ['null'];

/** The ranks of a column, in order. */
export function ranksOf({ nulls, isNan }: SortColumn): readonly Rank[] {
  const ranks: readonly Rank[] = isNan === undefined ? ['value'] : ['value', 'nan'];
  if (nulls === 'none') return ranks;
  return nulls === 'first' ? ['null', ...ranks] : [...ranks, 'null'];
}

/** Holds for the rows of a rank. */
export function hasRank(column: SortColumn, rank: Rank, dialect: SearchDialect): SqlText {
  const { expression, nulls, isNan } = column;
  if (rank === 'null') return sql`${expression} IS NULL`;
  if (isNan !== undefined) return rank === 'nan' ? dialect.isTrue(isNan) : dialect.isFalse(isNan);
  return nulls === 'none' ? raw('1 = 1') : sql`${expression} IS NOT NULL`;
}

/** The terms of ORDER BY; by names of the selection where these are given, which has none for NaN. */
export function orderBy(
  columns: readonly SortColumn[],
  dialect: SearchDialect,
  names?: readonly string[],
): readonly SqlText[] {
  return columns.flatMap((column, index) => {
    const name = names?.[index];
    const value = name === undefined ? column.expression : raw(name);
    const inOrder = column.kind === 'text' ? dialect.inOrder(value) : value;
    if (column.isNan === undefined)
      return [...nullsFirstOrLast(column, value, dialect), direction(column, inOrder, dialect)];
    const rank = sql`CASE WHEN ${dialect.isTrue(column.isNan)} THEN 1 WHEN ${value} IS NULL THEN 2 ELSE 0 END`;
    return [rank, direction({ ...column, nulls: 'none' }, inOrder, dialect)];
  });
}

/** Holds for the rows after a place; the first column's values must all be of the place's rank. */
export function after(
  columns: readonly SortColumn[],
  place: readonly SortValue[],
  dialect: SearchDialect,
): SqlText {
  const alternatives = columns.map((column, index) => {
    const same = columns.slice(0, index).map((each, at) => isSame(each, place[at] as SortValue, dialect));
    return sql`(${and([...same, isBeyond(column, place[index] as SortValue, index > 0, dialect)])})`;
  });
  const [first] = columns;
  const [value] = place;
  // Says again what the alternatives say, in a form that an index is searched by.
  const bound = first && value?.[0] === 'value' ? [compare(first, value[1], true, dialect)] : [];
  return and([...bound, or(alternatives)]);
}

/** What a query gives for the columns, to be read by `placeOf`. */
export function sortSelection(columns: readonly SortColumn[]): readonly SqlText[] {
  return columns.flatMap(({ expression, isNan }, index) => [
    sql`${expression} AS ${raw(sortName(index))}`,
    ...(isNan === undefined ? [] : [sql`${isNan} AS ${raw(`${sortName(index)}_nan`)}`]),
  ]);
}

/** Name of a column in the selection. */
export function sortName(index: number): string {
  return `sort_${index}`;
}

/** The place of a row that was given. */
export function placeOf(row: Row, columns: readonly SortColumn[]): readonly SortValue[] {
  return columns.map(({ kind }, index) => {
    const value = row[sortName(index)] ?? null;
    if (value === null) return ['null'];
    if (row[`${sortName(index)}_nan`]) return ['nan'];
    return ['value', kind === 'number' ? Number(value) : String(value)];
  });
}

function nullsFirstOrLast(column: SortColumn, value: SqlText, dialect: SearchDialect): readonly SqlText[] {
  if (column.nulls === 'none' || dialect.hasNullsOrder || comeByThemselves(column, dialect)) return [];
  const [ofNull, ofValue] = column.nulls === 'first' ? [0, 1] : [1, 0];
  return [sql`CASE WHEN ${value} IS NULL THEN ${raw(String(ofNull))} ELSE ${raw(String(ofValue))} END`];
}

function direction(column: SortColumn, value: SqlText, dialect: SearchDialect): SqlText {
  const word = column.isAscending ? '' : ' DESC';
  if (column.nulls === 'none' || !dialect.hasNullsOrder || comeByThemselves(column, dialect))
    return sql`${value}${raw(word)}`;
  return sql`${value}${raw(`${word} NULLS ${column.nulls === 'first' ? 'FIRST' : 'LAST'}`)}`;
}

function comeByThemselves({ isAscending, nulls }: SortColumn, { nullsAre }: SearchDialect): boolean {
  return (isAscending === (nullsAre === 'smallest')) === (nulls === 'first');
}

function isSame(column: SortColumn, [rank, value]: SortValue, dialect: SearchDialect): SqlText {
  if (rank !== 'value') return hasRank(column, rank, dialect);
  const isRank = column.isNan === undefined ? [] : [dialect.isFalse(column.isNan)];
  return and([...isRank, sql`${inOrder(column, dialect)} = ${valueInOrder(column, value, dialect)}`]);
}

function isBeyond(
  column: SortColumn,
  [rank, value]: SortValue,
  isOfEveryRank: boolean,
  dialect: SearchDialect,
): SqlText {
  const ranks = ranksOf(column);
  const later = isOfEveryRank ? ranks.slice(ranks.indexOf(rank) + 1) : [];
  const beyond = later.map((each) => hasRank(column, each, dialect));
  if (rank !== 'value') return or(beyond);
  const isRank = column.isNan === undefined ? [] : [dialect.isFalse(column.isNan)];
  return or([and([...isRank, compare(column, value, false, dialect)]), ...beyond]);
}

function compare(column: SortColumn, value: string | number, orEqual: boolean, dialect: SearchDialect): SqlText {
  const comparator = `${column.isAscending ? '>' : '<'}${orEqual ? '=' : ''}`;
  return sql`${inOrder(column, dialect)} ${raw(comparator)} ${valueInOrder(column, value, dialect)}`;
}

function inOrder({ kind, expression }: SortColumn, dialect: SearchDialect): SqlText {
  return kind === 'text' ? dialect.inOrder(expression) : expression;
}

function valueInOrder({ kind }: SortColumn, value: SqlValue, dialect: SearchDialect): SqlText {
  return kind === 'text' ? dialect.inOrder(sql`${value}`) : sql`${value}`;
}
