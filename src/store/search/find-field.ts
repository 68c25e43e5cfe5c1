import { nearestName } from '../../nearest-name.ts';
import type { Cursor } from './cursor.ts';
import { describe } from './cursor.ts';
import type { EntityGrammar } from './grammar.ts';
import { listNames, quote } from './source.ts';
import type { Token } from './tokens.ts';

/**
 * Finds what a key names: `entity.key`, or the key of an attribute alone.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for an unknown entity or key; the nearest known name is told.
 */
export function findField<Field>(cursor: Cursor, token: Token, entities: readonly EntityGrammar<Field>[]): Field {
  if (token.kind !== 'path' && !(token.kind === 'text' && token.raw.startsWith('"'))) {
    throw cursor.error(token, unexpectedStart(token));
  }
  const [entity, key] = split(cursor, token, entities);
  const field = entity.field(key);
  if (field !== undefined && key !== '') return field;
  throw cursor.error(token, unknownKey(entity, key));
}

function split<Field>(
  cursor: Cursor,
  token: Token,
  entities: readonly EntityGrammar<Field>[],
): readonly [EntityGrammar<Field>, string] {
  const [name = '', ...rest] = token.parts;
  if (rest.length === 0) return [entities[0] as EntityGrammar<Field>, name];
  const entity = entities.find((it) => it.names.includes(name));
  if (entity !== undefined) return [entity, rest.join('.').toWellFormed()];
  const near = nearestName(
    name,
    entities.flatMap((it) => it.names),
  );
  const known = listNames(entities.map((it) => it.names[0] as string));
  const advice = near === undefined ? `write one of ${known}` : `write ${quote(near)}`;
  throw cursor.error(token, `${quote(name)} is no part that can be named before a dot; ${advice}`);
}

function unknownKey<Field>({ names, keys }: EntityGrammar<Field>, key: string): string {
  const [name = ''] = names;
  if (key === '') return `the key of the ${name} is empty; name one`;
  const near = nearestName(key, keys);
  const advice = near === undefined ? `write one of ${listNames(keys)}` : `write ${quote(near)}`;
  return `there is no ${name} ${quote(key)}; ${advice}`;
}

function unexpectedStart(token: Token): string {
  if (token.raw === '(') return "there is '('; conditions take no brackets, join them by AND";
  return `there is ${describe(token)} where a key belongs; write conditions as key = 'value', joined by AND`;
}
