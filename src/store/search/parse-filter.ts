import { invalidParameter } from '../../errors.ts';
import type { Clause } from './clause.ts';
import { readComparator } from './comparators.ts';
import { Cursor } from './cursor.ts';
import { findField } from './find-field.ts';
import type { Comparable, Grammar } from './grammar.ts';
import type { Token } from './tokens.ts';
import { readValue } from './values.ts';

/** More conditions than any engine joins; MLflow itself refuses a filter of more than 10,000 words. */
const MAX_CLAUSES = 1000;

/**
 * Parses a filter: conditions joined by AND, all of which hold. No filter, or one without a word, has none.
 *
 * As in MLflow, an AND too many or too few changes nothing.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE that says what was found where, and what to write instead.
 * Source: mlflow/utils/search_utils.py and the sqlparse that it stands on, read at 3.17.2 and 0.6.1.
 */
export function parseFilter<Entity extends string>(
  grammar: Grammar<Entity>,
  filter: string | null | undefined,
): readonly Clause<Entity>[] {
  if (filter === undefined || filter === null) return [];
  if (typeof filter !== 'string') {
    throw invalidParameter(`Cannot search ${grammar.subject}: the filter is no string; pass a string.`);
  }
  const { subject, allowsBareText: hasLooseNames = false } = grammar;
  const cursor = new Cursor({ subject, part: 'filter', text: filter, hasLooseNames });
  const clauses: Clause<Entity>[] = [];
  for (;;) {
    while (cursor.skip('AND'));
    const token = cursor.next();
    if (token.kind === 'end') return clauses;
    if (clauses.length === MAX_CLAUSES) {
      throw cursor.error(token, `there are more than ${MAX_CLAUSES} conditions; search with fewer`);
    }
    clauses.push(readClause(grammar, cursor, token));
  }
}

function readClause<Entity extends string>(
  grammar: Grammar<Entity>,
  cursor: Cursor,
  token: Token,
): Clause<Entity> {
  if (['OR', 'NOT'].includes(token.raw.toUpperCase())) throw cursor.error(token, onlyAnd(token));
  const field: Comparable<Entity> = findField(cursor, token, grammar.filter);
  const comparator = readComparator(cursor, token, field.comparators);
  const valueToken = cursor.current;
  const value = readValue(cursor, grammar, field, comparator);
  const clause = { entity: field.entity, key: field.key, comparator, value };
  return (
    field.finish?.(clause, (reason) => {
      throw cursor.error(valueToken, reason);
    }) ?? clause
  );
}

function onlyAnd(token: Token): string {
  const word = token.raw.toUpperCase();
  return word === 'OR'
    ? 'there is OR, which filters do not have; join conditions by AND, or search twice'
    : 'there is NOT before a key, which filters do not have; write !=, NOT IN or IS NULL after the key';
}
