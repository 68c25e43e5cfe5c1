import type { Clause } from '../../search/clause.ts';
import type { SearchDialect } from './search-dialect.ts';
import { join, or, raw, type SqlText, sql } from './sql-text.ts';

/** A comparison with a text or with a list of texts. */
export function compareText(column: SqlText, { comparator, value }: Clause, dialect: SearchDialect): SqlText {
  const isAny = () => or((value as readonly string[]).map((each) => dialect.equalsLong(column, each)));
  switch (comparator) {
    case '=':
      return dialect.equalsLong(column, String(value));
    case '!=':
      return sql`NOT (${dialect.equals(column, String(value))})`;
    case 'LIKE':
      return dialect.like(column, String(value));
    case 'ILIKE':
      return dialect.ilike(column, String(value));
    case 'RLIKE':
      return dialect.rlike(column, String(value));
    case 'IN':
      return isAny();
    case 'NOT IN':
      return sql`NOT ${isAny()}`;
    case 'IS NULL':
      return sql`${column} IS NULL`;
    case 'IS NOT NULL':
      return sql`${column} IS NOT NULL`;
    default:
      throw new TypeError(`A text cannot be compared by ${comparator}.`);
  }
}

/** A comparison with a number. */
export function compareNumber(column: SqlText, { comparator, value }: Clause): SqlText {
  const number = Number(value);
  if (Number.isFinite(number)) return sql`${column} ${raw(comparator)} ${number}`;
  // 1e999, which MySQL has no word for; no column holds it.
  const holds = comparator === '!=' || comparator.startsWith(number > 0 ? '<' : '>');
  return sql`${column} IS NOT NULL AND ${raw(holds ? '1 = 1' : '1 = 0')}`;
}

/**
 * A comparison of a whole number.
 *
 * A fraction, or what no column can hold, is not given to the database: PostgreSQL refuses it.
 */
export function compareInteger(column: SqlText, { comparator, value }: Clause): SqlText {
  const number = Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Number(value)));
  if (comparator === '=' || comparator === '!=') {
    const never = comparator === '=' ? '1 = 0' : '1 = 1';
    if (!Number.isInteger(number)) return sql`${column} IS NOT NULL AND ${raw(never)}`;
    return compareNumber(column, { ...CLAUSE, comparator, value: number });
  }
  const bound = comparator === '>' || comparator === '<=' ? Math.floor(number) : Math.ceil(number);
  return compareNumber(column, { ...CLAUSE, comparator, value: bound });
}

/** Conditions on one row: what they hold for is one and the same row. */
export function exists(from: SqlText, conditions: readonly SqlText[]): SqlText {
  return sql`EXISTS (SELECT 1 FROM ${from} WHERE ${join(conditions, ' AND ')})`;
}

const CLAUSE = { entity: 'attribute', key: '' };
