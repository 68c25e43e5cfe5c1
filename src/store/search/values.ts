import type { Clause, Comparator } from './clause.ts';
import { type Cursor, describe } from './cursor.ts';
import type { Comparable, Grammar } from './grammar.ts';
import type { Token } from './tokens.ts';

type Value = Clause['value'];

/** More than any engine takes as parameters of one statement. */
const MAX_LIST = 10_000;
const ORDERING: readonly Comparator[] = ['>', '>=', '<', '<='];
const NUMBER_TEXT = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i;

/**
 * Reads the value that a comparator asks for: a number, text, a list, or none.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for another kind of value.
 */
export function readValue<Entity extends string>(
  cursor: Cursor,
  grammar: Grammar<Entity>,
  field: Comparable<Entity>,
  comparator: Comparator,
): Value {
  if (comparator === 'IS NULL' || comparator === 'IS NOT NULL') return null;
  if (comparator === 'IN' || comparator === 'NOT IN') return readList(cursor, comparator);
  const token = cursor.next();
  const isNumber = field.kind === 'judgement' ? ORDERING.includes(comparator) : field.kind !== 'text';
  if (!isNumber) return readText(cursor, token, comparator, grammar.allowsBareText ?? false);
  const value = readNumber(token, grammar.allowsQuotedNumbers === true && field.kind === 'number');
  if (value === undefined) {
    throw cursor.error(
      token,
      `there is ${describe(token)} where ${comparator} takes a number; write one without quotes`,
    );
  }
  if (field.kind === 'integer' && !Number.isInteger(value)) {
    throw cursor.error(token, `${describe(token)} is no integer; write whole milliseconds since 1970`);
  }
  return value;
}

function readNumber(token: Token, allowsQuoted: boolean): number | undefined {
  if (token.kind === 'number') return Number(token.raw);
  const [text = ''] = token.parts;
  return allowsQuoted && token.kind === 'text' && NUMBER_TEXT.test(text) ? Number(text) : undefined;
}

function readText(cursor: Cursor, token: Token, comparator: Comparator, allowsBare: boolean): string {
  const isBare = token.kind === 'path' || token.kind === 'number';
  if (token.kind === 'text') return (token.parts[0] as string).toWellFormed();
  if (isBare && allowsBare && !token.raw.startsWith('`')) return token.raw.toWellFormed();
  const advice = isBare && !token.raw.includes("'") ? `write '${token.raw.slice(0, 60)}'` : "write it as 'value'";
  throw cursor.error(token, `there is ${describe(token)} where ${comparator} takes quoted text; ${advice}`);
}

function readList(cursor: Cursor, comparator: Comparator): readonly string[] {
  const start = cursor.current;
  const values: string[] = [];
  if (!cursor.skip('(')) throw cursor.error(start, notAList(start, comparator));
  while (!cursor.skip(')')) {
    const token = cursor.next();
    if (token.kind !== 'text') throw cursor.error(token, notAList(token, comparator));
    if (values.length === MAX_LIST) {
      throw cursor.error(token, `the list has more than ${MAX_LIST} values; search several times`);
    }
    values.push((token.parts[0] as string).toWellFormed());
    const after = cursor.current;
    if (!cursor.skip(',') && after.raw !== ')') throw cursor.error(after, notAList(after, comparator));
  }
  if (values.length === 0) throw cursor.error(start, `the list of ${comparator} is empty; write ('a', 'b')`);
  return values;
}

function notAList(token: Token, comparator: Comparator): string {
  return `there is ${describe(token)} where ${comparator} takes a list of quoted text; write ('a', 'b')`;
}
