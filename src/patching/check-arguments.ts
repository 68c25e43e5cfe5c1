/** What can be reached of some arguments: plain objects, arrays, maps and sets by path; anything else as it is. */
type Contents = ReadonlyMap<string, unknown>;

/** More than any sensible arguments have; what lies beyond is not looked at. */
const MAX_ENTRIES = 10_000;

/**
 * Runs a hook, and returns what it returns.
 *
 * @throws {Error} when it has changed what the caller passed, which the program would notice.
 */
export function keepArguments<R>(args: readonly unknown[], hook: () => R): R {
  const before = contentsOf(args);
  const result = hook();
  const after = contentsOf(args);
  const changed = [...before.keys(), ...after.keys()].find(
    (path) => before.has(path) !== after.has(path) || !Object.is(before.get(path), after.get(path)),
  );
  if (changed !== undefined) throw new Error(`a hook has changed what the caller passed, at ${changed}`);
  return result;
}

function contentsOf(args: readonly unknown[]): Contents {
  const contents = new Map<string, unknown>();
  const seen = new Set<unknown>();
  const add = (path: string, value: unknown): void => {
    if (contents.size >= MAX_ENTRIES) return;
    contents.set(path, value);
    if (seen.has(value)) return;
    seen.add(value);
    for (const [key, inner] of entriesOf(value)) add(`${path}${key}`, inner);
  };
  add('args', args);
  return contents;
}

/** Own data of plain containers. Getters are not asked, and instances of classes may change by being read. */
function entriesOf(value: unknown): (readonly [key: string, value: unknown])[] {
  if (value instanceof Map)
    return [...value].flatMap(
      ([key, each], i) =>
        [
          [`{${i}}`, key],
          [`{${i}}=`, each],
        ] as const,
    );
  if (value instanceof Set) return [...value].map((each, i) => [`{${i}}`, each] as const);
  if (!isPlain(value)) return [];
  return Reflect.ownKeys(value).flatMap((key) => {
    const descriptor = Object.getOwnPropertyDescriptor(value, key);
    return descriptor !== undefined && 'value' in descriptor
      ? [[`[${String(key)}]`, descriptor.value] as const]
      : [];
  });
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** What integrations have added to arguments: they may leave it out again, as from a list that is handed on. */
const added = new WeakSet<object>();

/**
 * Checks arguments that are to replace the caller's: all that the caller passed must still be there.
 *
 * @throws {Error} when something of the caller's is missing or another.
 */
export function checkAdditions(given: readonly unknown[], passed: readonly unknown[]): void {
  for (const [i, value] of given.entries()) {
    const path = `args[${i}]`;
    const missing = i < passed.length ? findMissing(value, passed[i], path) : path;
    if (missing !== undefined) throw new Error(`other arguments lack what the caller passed, at ${missing}`);
  }
  for (const value of passed) if (!given.includes(value)) noteAdded(value);
}

function findMissing(given: unknown, passed: unknown, path: string): string | undefined {
  if (Object.is(given, passed) || given === undefined || given === null || isAdded(given)) return undefined;
  // A function in the place of another calls it; that is for the integration's own tests to see.
  if (typeof given === 'function' && typeof passed === 'function') return undefined;
  if (typeof given !== 'object' || typeof passed !== 'object' || passed === null) return path;
  if (Array.isArray(given)) return Array.isArray(passed) ? findDropped(given, passed, path) : path;
  if (!isLike(given, passed)) return path;
  for (const [key, value] of Object.entries(given)) {
    // Another instance of a class has a state of its own; its lists hold what the caller put there.
    if (!isPlain(given) && !Array.isArray(value)) continue;
    const missing = findMissing(value, (passed as Readonly<Record<string, unknown>>)[key], `${path}[${key}]`);
    if (missing !== undefined) return missing;
  }
  return undefined;
}

/** The caller's items in the caller's order, others between them. */
function findDropped(given: readonly unknown[], passed: readonly unknown[], path: string): string | undefined {
  const rest = [...passed];
  for (const [i, item] of given.entries()) {
    const isSame = (each: unknown): boolean => findMissing(item, each, path) === undefined;
    const at = isAdded(item) ? rest.indexOf(item) : rest.findIndex(isSame);
    if (at === -1 && !isAdded(item)) return `${path}[${i}]`;
    rest.splice(0, at + 1);
  }
  for (const each of passed) if (!given.includes(each)) noteAdded(each);
  return undefined;
}

function isAdded(value: unknown): boolean {
  return Object(value) === value && added.has(value as object);
}

/** Notes what an integration has brought into a call by other means than its arguments. */
export function noteAdded(value: unknown): void {
  if (Object(value) !== value) return;
  added.add(value as object);
  if (Array.isArray(value)) for (const each of value) noteAdded(each);
}

/** Of the same class, or made from it by `Object.create`. */
function isLike(given: object, passed: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(given);
  return Object.getPrototypeOf(passed) === prototype || Object.prototype.isPrototypeOf.call(given, passed);
}
