import { nearestName } from '../../nearest-name.ts';
import type { Comparator } from './clause.ts';
import { type Cursor, describe } from './cursor.ts';
import { listNames, quote } from './source.ts';
import type { Token } from './tokens.ts';

const WORDS: readonly string[] = ['LIKE', 'ILIKE', 'RLIKE', 'IN', 'NOT', 'IS'];
const SIGNS: readonly string[] = ['=', '!=', '>', '>=', '<', '<='];
/** What other languages write. */
const OTHER_SIGNS: Readonly<Record<string, string>> = {
  '==': '=',
  '===': '=',
  '<>': '!=',
  '=>': '>=',
  '=<': '<=',
};

/**
 * Reads the comparator after a key, in any case.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE where there is none, or one that this key has not.
 */
export function readComparator(cursor: Cursor, key: Token, allowed: readonly Comparator[]): Comparator {
  const token = cursor.current;
  const found = token.kind === 'sign' ? readSign(cursor) : readWords(cursor);
  if (found === undefined) throw cursor.error(token, missing(key, token, allowed));
  if (allowed.some((it) => it === found)) return found as Comparator;
  throw cursor.error(
    token,
    `${quote(key.raw)} cannot be compared by ${found}; write one of ${listNames(allowed)}`,
  );
}

function readSign(cursor: Cursor): string {
  const token = cursor.next();
  if (SIGNS.includes(token.raw)) return token.raw;
  const meant = OTHER_SIGNS[token.raw];
  const advice = meant === undefined ? `write one of ${listNames(SIGNS)}` : `write ${meant}`;
  throw cursor.error(token, `${quote(token.raw)} is no comparator; ${advice}`);
}

function readWords(cursor: Cursor): string | undefined {
  const token = cursor.current;
  const word = token.raw.toUpperCase();
  if (token.kind !== 'path' || !WORDS.includes(word)) return undefined;
  cursor.next();
  if (word === 'NOT') {
    if (cursor.skip('IN')) return 'NOT IN';
    throw cursor.error(token, `NOT stands alone; of comparators with NOT there are only NOT IN and IS NOT NULL`);
  }
  if (word !== 'IS') return word;
  const comparator = cursor.skip('NOT') ? 'IS NOT NULL' : 'IS NULL';
  if (cursor.skip('NULL')) return comparator;
  throw cursor.error(token, `IS is not followed by NULL or NOT NULL; write IS NULL, or = and a value`);
}

function missing(key: Token, token: Token, allowed: readonly Comparator[]): string {
  const isGlued = token.position === key.position + key.raw.length && token.kind !== 'end';
  if (isGlued) return `${describe(token)} cannot be part of a bare key; put the key into back-ticks`;
  const near = token.kind === 'path' ? nearestName(token.raw, allowed) : undefined;
  const advice = near === undefined ? `write one of ${listNames(allowed)}` : `write ${near}`;
  return `there is ${describe(token)} where the comparator of ${quote(key.raw)} belongs; ${advice}`;
}
