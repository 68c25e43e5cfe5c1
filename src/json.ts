import { types } from 'node:util';
import { errorMessage } from './errors.ts';

/** Plain JSON data: what a journal, a span attribute or an artifact can hold. */
export type JsonData = null | boolean | number | string | JsonData[] | { [key: string]: JsonData };

/** Bounds of a snapshot; what lies beyond is replaced by a mark that says so. */
export interface SnapshotLimits {
  /** @default 100_000 characters in one string */
  readonly stringLength?: number;
  /** @default 1_000 items of one array, map or set, and as many properties of one object */
  readonly items?: number;
  /** @default 20 levels */
  readonly depth?: number;
  /** Values in all. @default 20_000 */
  readonly values?: number;
  /** Characters in all strings and keys. @default 1_000_000 */
  readonly characters?: number;
  /**
   * Asked for what stands in the place of a long text, or of an object that is neither plain nor an array; `path` leads
   * from the root to what holds it. Undefined leaves the value to the usual form.
   */
  readonly replace?: (value: string | object, path: readonly object[]) => string | undefined;
}

/** Shorter texts are never asked for. */
const REPLACEABLE_LENGTH = 64;

const DEFAULTS: Bounds = {
  stringLength: 100_000,
  items: 1_000,
  depth: 20,
  values: 20_000,
  characters: 1_000_000,
};

/** Properties of one object that are listed at the cost of one value: JavaScript lists all of them or none. */
const LISTED_PER_VALUE = 10;

/**
 * Copies any value into plain JSON data, as it is now; never throws and never runs more than `toJSON` and getters.
 *
 * Cycles become `[Circular]`; BigInt, dates, errors, maps, sets, typed arrays, functions and symbols get a readable
 * form; NaN and the infinities become their names; text is well-formed Unicode. What exceeds the limits ends in
 * `… [N more …]`.
 */
export function toJsonData(value: unknown, limits: SnapshotLimits = {}): JsonData {
  const state: State = { ...DEFAULTS, ...limits, path: [] };
  return copy(value, 0, state);
}

type Bounds = Required<Omit<SnapshotLimits, 'replace'>>;

interface State extends Mutable<Bounds>, Pick<SnapshotLimits, 'replace'> {
  /** Objects between the root and the present value. */
  readonly path: object[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function copy(value: unknown, depth: number, state: State): JsonData {
  state.values -= 1;
  switch (typeof value) {
    case 'string':
      return (
        (value.length < REPLACEABLE_LENGTH ? undefined : replacement(value, state)) ?? cutString(value, state)
      );
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'boolean':
      return value;
    case 'bigint':
      return copyBigInt(value, state);
    case 'undefined':
      return null;
    case 'symbol':
      return `Symbol(${cutString(value.description ?? '', state)})`;
    default:
      return value === null ? null : copyObject(value as object, depth, state);
  }
}

function cutString(text: string, state: State): string {
  const room = Math.max(0, Math.min(state.stringLength, state.characters));
  state.characters -= Math.min(text.length, room);
  // Lone surrogates cannot be written as UTF-8, and Python stumbles over them.
  if (text.length <= room) return text.toWellFormed();
  const head = text.slice(0, room).replace(/[\ud800-\udbff]$/, '');
  return `${head.toWellFormed()}… [${text.length - room} more characters]`;
}

/** The time to print one grows with the square of its length. */
function copyBigInt(value: bigint, state: State): string {
  const isHuge = BigInt.asIntN(65_536, value) !== value;
  return isHuge ? '[BigInt, not recorded: too large]' : cutString(value.toString(), state);
}

function copyObject(object: object, depth: number, state: State): JsonData {
  if (state.path.includes(object)) return '[Circular]';
  if (depth >= state.depth || state.values <= 0 || state.characters <= 0)
    return `[${typeName(object)}, not recorded: too large]`;
  state.path.push(object);
  try {
    return copyKnown(object, depth + 1, state);
  } catch (error) {
    // Getters, toJSON and proxies of the program may throw anything.
    return unreadable(object, error);
  } finally {
    state.path.pop();
  }
}

function copyKnown(object: object, depth: number, state: State): JsonData {
  if (typeof object === 'function') return `[Function ${nameOf(object) ?? 'anonymous'}]`;
  if (Array.isArray(object)) return copyItems(object, object.length, depth, state);
  // Most objects are plain: what follows asks for a dozen kinds.
  return Object.getPrototypeOf(object) === Object.prototype
    ? copyPlain(object, depth, state)
    : copySpecial(object, depth, state);
}

/** What it throws is taken by the object around it. */
function replacement(value: string | object, state: State): string | undefined {
  return state.replace?.(value, state.path);
}

function copySpecial(object: object, depth: number, state: State): JsonData {
  const replaced = replacement(object, state);
  if (replaced !== undefined) return replaced;
  if (types.isDate(object)) return Number.isNaN(object.getTime()) ? 'Invalid Date' : object.toISOString();
  if (object instanceof Error) return copyError(object, depth, state);
  // By the built-in iterators: those of a subclass may never end.
  if (types.isMap(object)) return copyEntries(Map.prototype.entries.call(object), object.size, depth, state);
  if (types.isSet(object)) return copyItems(firstOf(object, state.items), object.size, depth, state);
  if (types.isRegExp(object) || object instanceof URL) return cutString(String(object), state);
  if (types.isAnyArrayBuffer(object) || types.isDataView(object) || Buffer.isBuffer(object))
    return `[${typeName(object)}, ${object.byteLength} bytes]`;
  if (types.isTypedArray(object)) return copyItems(object, object.length, depth, state);
  if (types.isPromise(object) || types.isWeakMap(object) || types.isWeakSet(object))
    return `[${typeName(object)}]`;
  if (types.isBoxedPrimitive(object)) return copy(object.valueOf(), depth, state);
  return copyPlain(object, depth, state);
}

function copyPlain(object: object, depth: number, state: State): JsonData {
  const { toJSON } = object as { toJSON?: unknown };
  if (typeof toJSON === 'function') {
    const json: unknown = Reflect.apply(toJSON, object, []);
    if (json !== object) return copy(json, depth, state);
  }
  return copyProperties(object, depth, state);
}

function firstOf(set: ReadonlySet<unknown>, count: number): unknown[] {
  const items: unknown[] = [];
  for (const item of Set.prototype.values.call(set)) {
    if (items.length === count) break;
    items.push(item);
  }
  return items;
}

function copyProperties(object: object, depth: number, state: State): { [key: string]: JsonData } {
  const copies: { [key: string]: JsonData } = {};
  const keys = Object.keys(object);
  let count = 0;
  for (const key of keys) {
    if (isFull(count, state)) {
      copies['…'] = `[${keys.length - count} more properties]`;
      break;
    }
    count += 1;
    const value = readProperty(object, key);
    if (value !== undefined) setMember(copies, cutString(key, state), copy(value, depth, state));
  }
  if (keys.length > state.items) state.values -= Math.ceil(keys.length / LISTED_PER_VALUE);
  return copies;
}

function isFull(count: number, state: State): boolean {
  return count >= state.items || state.values <= 0;
}

/** A getter that throws spoils its own property alone. */
function readProperty(object: object, key: string): unknown {
  try {
    return (object as Record<string, unknown>)[key];
  } catch (error) {
    return unreadable(object, error);
  }
}

function copyItems(items: ArrayLike<unknown>, length: number, depth: number, state: State): JsonData[] {
  const copies: JsonData[] = [];
  for (let i = 0; i < length; i++) {
    if (isFull(i, state)) {
      copies.push(`… [${length - i} more items]`);
      break;
    }
    copies.push(copy(items[i], depth, state));
  }
  return copies;
}

function copyEntries(
  entries: Iterable<[unknown, unknown]>,
  length: number,
  depth: number,
  state: State,
): { [key: string]: JsonData } {
  const copies: { [key: string]: JsonData } = {};
  let count = 0;
  for (const [key, value] of entries) {
    if (isFull(count, state)) {
      copies['…'] = `[${length - count} more properties]`;
      break;
    }
    count += 1;
    if (value !== undefined) setMember(copies, cutString(keyText(key), state), copy(value, depth, state));
  }
  return copies;
}

/** Keys of maps may be objects. */
function keyText(key: unknown): string {
  try {
    return String(key);
  } catch {
    // Objects without a prototype, proxies and throwing methods have no string form.
    return '[unreadable key]';
  }
}

/** Sets a property of an object, also one that is named `__proto__`. */
export function setMember<T>(object: Record<string, T>, key: string, value: T): void {
  if (key !== '__proto__') object[key] = value;
  else Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
}

function copyError(error: Error, depth: number, state: State): JsonData {
  const { name, message, cause, errors } = error as Error & { readonly errors?: unknown };
  return {
    name: copy(name, depth, state),
    message: copy(message, depth, state),
    ...(cause === undefined ? {} : { cause: copy(cause, depth, state) }),
    ...(errors === undefined ? {} : { errors: copy(errors, depth, state) }),
    ...copyProperties(error, depth, state),
  };
}

/** Characters of a name or reason inside a mark. */
const MARK_LENGTH = 200;

function unreadable(object: object, error: unknown): string {
  return `[${typeName(object)}, unreadable: ${errorMessage(error).slice(0, MARK_LENGTH).toWellFormed()}]`;
}

function typeName(object: object): string {
  try {
    return nameOf((object as { constructor?: unknown }).constructor) ?? 'Object';
  } catch {
    // A proxy or getter that throws.
    return 'Object';
  }
}

function nameOf(fn: unknown): string | undefined {
  const { name } = (fn ?? {}) as { name?: unknown };
  return typeof name === 'string' && name !== '' ? name.slice(0, MARK_LENGTH).toWellFormed() : undefined;
}
