import type { Clause, Comparator, SortKey } from './clause.ts';

/** Comparators of numbers. */
export const NUMERIC = ['=', '!=', '>', '>=', '<', '<='] as const satisfies readonly Comparator[];
/** Comparators of text. */
export const TEXT = ['=', '!=', 'LIKE', 'ILIKE'] as const satisfies readonly Comparator[];
/** Comparators of a list. */
export const LIST = ['IN', 'NOT IN'] as const satisfies readonly Comparator[];
/** Comparators without a value. */
export const PRESENCE = ['IS NULL', 'IS NOT NULL'] as const satisfies readonly Comparator[];

/** Something that can be sorted by. */
export interface Sortable<Entity extends string> {
  readonly entity: Entity;
  /** In its one spelling. */
  readonly key: string;
}

/** Something that can be compared. */
export interface Comparable<Entity extends string> extends Sortable<Entity> {
  /** `judgement`: a number by `> >= < <=`, else text. */
  readonly kind: 'text' | 'number' | 'integer' | 'judgement';
  readonly comparators: readonly Comparator[];
  /** Checks and changes the clause further; `refuse` throws, with the reason and what to write instead. */
  finish?(clause: Clause<Entity>, refuse: (reason: string) => never): Clause<Entity>;
}

/** What may stand before the dot of a key, and which keys may follow it. */
export interface EntityGrammar<Field> {
  /** Every spelling; the first one is used in messages. */
  readonly names: readonly string[];
  /** Undefined for a key that this entity has not. */
  readonly field: (key: string) => Field | undefined;
  /** What keys there are, for messages: the first spelling of each; empty where any is allowed. */
  readonly keys: readonly string[];
}

/** What a search understands: one table for each kind of thing that is searched. */
export interface Grammar<Entity extends string> {
  /** What is searched, in the plural: "runs". */
  readonly subject: string;
  /** The first one is meant by keys without an entity. */
  readonly filter: readonly EntityGrammar<Comparable<Entity>>[];
  readonly order: readonly EntityGrammar<Sortable<Entity>>[];
  /** A key may be sorted by only once; else later ones are left out. */
  readonly refusesDuplicateOrder: boolean;
  /** Values of text may be bare words and numbers, and bare names may hold `/` and `-`. */
  readonly allowsBareText?: boolean;
  /** Numbers may be quoted. */
  readonly allowsQuotedNumbers?: boolean;
}

/** Compares text. */
export function textField<Entity extends string>(
  entity: Entity,
  key: string,
  comparators: readonly Comparator[],
): Comparable<Entity> {
  return { entity, key, kind: 'text', comparators };
}

/** Compares numbers. */
export function numberField<Entity extends string>(entity: Entity, key: string): Comparable<Entity> {
  return { entity, key, kind: 'number', comparators: NUMERIC };
}

/** An entity with a table of keys; those that share a field are spellings of one. */
export function knownKeys<Field>(
  names: readonly string[],
  fields: Readonly<Record<string, Field>>,
): EntityGrammar<Field> {
  const spellings = new Map(
    Object.entries(fields)
      .toReversed()
      .map(([key, field]) => [field, key]),
  );
  const keys = [...spellings.values()].toReversed();
  return { names, keys, field: (key) => (Object.hasOwn(fields, key) ? fields[key] : undefined) };
}

/** An entity whose keys are the user's own. */
export function anyKey<Field>(names: readonly string[], field: (key: string) => Field): EntityGrammar<Field> {
  return { names, keys: [], field };
}

/** Sort keys of an entity's attributes, each under its own name or what it is an alias of. */
export function sortableAttributes(
  names: readonly string[],
  keys: readonly string[],
  aliases: Readonly<Record<string, string>> = {},
): EntityGrammar<Sortable<'attribute'>> {
  const own = Object.fromEntries(keys.map((key) => [key, { entity: 'attribute' as const, key }]));
  const others = Object.entries(aliases).map(([spelling, key]) => [
    spelling,
    own[key] ?? { entity: 'attribute', key },
  ]);
  return knownKeys(names, { ...own, ...Object.fromEntries(others) });
}

/** Keeps the first sort key of each entity and key. */
export function withoutDuplicates<Key extends SortKey>(keys: readonly Key[]): readonly Key[] {
  const seen = new Set<string>();
  return keys.filter((key) => seen.size < seen.add(nameOf(key)).size);
}

/** One text for each entity and key. */
export function nameOf({ entity, key }: Sortable<string>): string {
  return `${entity}.${key}`;
}
