import { types } from 'node:util';

/**
 * Describes what can be told of a value from outside: of objects their class, frozenness and descriptors, to any depth.
 *
 * Two values with the same shape cannot be told apart by a program, but for identity.
 */
export function shapeOf(value: unknown): unknown {
  return describe(value, new Map());
}

function describe(value: unknown, known: Map<object, number>): unknown {
  if (typeof value === 'function') return `function ${value.name}`;
  if (typeof value !== 'object' || value === null) return value;
  const seenAs = known.get(value);
  if (seenAs !== undefined) return `seen as ${seenAs}`;
  known.set(value, known.size);
  const prototype = Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null;
  const kind = { class: prototype?.constructor?.name ?? null, isExtensible: Object.isExtensible(value) };
  if (ArrayBuffer.isView(value)) return { ...kind, values: [...new Uint8Array(value.buffer)] };
  if (types.isDate(value)) return { ...kind, time: value.getTime() };
  return {
    ...kind,
    properties: Reflect.ownKeys(value)
      .filter((key) => !(value instanceof Error && key === 'stack'))
      .map((key) => [String(key), describeProperty(value, key, known)]),
    entries: types.isMap(value) || types.isSet(value) ? [...value].map((each) => describe(each, known)) : [],
  };
}

function describeProperty(owner: object, key: PropertyKey, known: Map<object, number>): unknown {
  const { value, get, set, ...flags } = Object.getOwnPropertyDescriptor(owner, key) ?? {};
  return { ...flags, get: get?.name, set: set?.name, value: describe(value, known) };
}
