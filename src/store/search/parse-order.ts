import { invalidParameter } from '../../errors.ts';
import type { SortKey } from './clause.ts';
import { Cursor, describe } from './cursor.ts';
import { findField } from './find-field.ts';
import { type Grammar, nameOf, withoutDuplicates } from './grammar.ts';
import { quote } from './source.ts';

/** More keys than any engine joins. */
const MAX_SORT_KEYS = 50;

/**
 * Parses what results are sorted by: keys, each with ASC (which may be left out) or DESC behind it.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE that says what was found where, and what to write instead.
 */
export function parseOrderBy<Entity extends string>(
  grammar: Grammar<Entity>,
  orderBy: readonly string[] | null | undefined,
): readonly SortKey<Entity>[] {
  const keys = listOf(grammar.subject, orderBy).map((text) => parseSortKey(grammar, text));
  const distinct = withoutDuplicates(keys);
  if (!grammar.refusesDuplicateOrder || distinct.length === keys.length) return distinct;
  const twice = keys.find((key) => !distinct.includes(key)) as SortKey<Entity>;
  throw invalidParameter(
    `Cannot search ${grammar.subject}: the order_by has ${quote(nameOf(twice))} more than once; leave out all but one.`,
  );
}

/**
 * Checks the list of sort keys.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for what is no list, or too long a one.
 */
export function listOf<Item>(subject: string, orderBy: readonly Item[] | null | undefined): readonly Item[] {
  if (orderBy === undefined || orderBy === null) return [];
  if (!Array.isArray(orderBy)) {
    throw invalidParameter(`Cannot search ${subject}: the order_by is no list; pass a list, as ['name ASC'].`);
  }
  if (orderBy.length <= MAX_SORT_KEYS) return orderBy;
  throw invalidParameter(
    `Cannot search ${subject}: the order_by has more than ${MAX_SORT_KEYS} keys; sort by fewer.`,
  );
}

function parseSortKey<Entity extends string>(grammar: Grammar<Entity>, text: string): SortKey<Entity> {
  if (typeof text !== 'string') {
    throw invalidParameter(
      `Cannot search ${grammar.subject}: a key of the order_by is no string; pass strings, as 'name ASC'.`,
    );
  }
  const cursor = new Cursor({ subject: grammar.subject, part: 'order_by', text });
  const { entity, key } = findField(cursor, cursor.next(), grammar.order);
  const isAscending = cursor.skip('ASC') || !cursor.skip('DESC');
  const rest = cursor.next();
  if (rest.kind === 'end') return { entity, key, isAscending };
  throw cursor.error(rest, `there is ${describe(rest)} after the key; write ASC or DESC there, or nothing`);
}
