import { types } from 'node:util';
import shimmer from 'shimmer';
import { PatchError } from './patch-error.ts';

/** Any function, as a property holds it. */
export type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/** What became of a replaced property: as it was, or still carrying a foreign wrapper over ours. */
export type Restored = 'restored' | 'covered';

/** A property whose function was replaced. */
export interface Replacement {
  /** What stands in the property now: the wrapper, or for an accessor its getter. */
  readonly installed: AnyFunction;
  /** True while the property still holds our function, and no foreign wrapper over it. */
  isOutermost(): boolean;
  /** Puts the property back exactly as it was; touches nothing where a stranger has wrapped us since. */
  restore(): Restored;
}

/** Finds the nearest descriptor of a property along the prototype chain. */
export function findProperty(target: object, key: PropertyKey) {
  for (let owner: object | null = target; owner !== null; owner = Object.getPrototypeOf(owner)) {
    const descriptor = Object.getOwnPropertyDescriptor(owner, key);
    if (descriptor !== undefined) return { owner, descriptor };
  }
  return undefined;
}

/**
 * Replaces the function at `target[key]` by what `wrap` makes of it.
 *
 * Own methods go through shimmer, whose marks (`__original`, `__wrapped`) other tools know. Inherited, accessor,
 * read-only and non-configurable properties and those of objects without prototype are outside of what shimmer restores
 * (it leaves an own copy, evaluates the getter, makes it writable, and throws for the rest; 1.2.1), and through a Proxy
 * its marks would end on the class itself, so these are handled here.
 *
 * @throws {PatchError} when there is no function at `key`, or the property cannot be changed.
 */
export function replaceProperty(
  target: object,
  key: PropertyKey,
  wrap: (original: AnyFunction) => AnyFunction,
): Replacement {
  const found = findProperty(target, key);
  const where = `'${String(key)}'`;
  if (found === undefined) throw new PatchError(`Cannot patch ${where}: the property does not exist`);
  const { owner, descriptor } = found;
  if ('get' in descriptor) return replaceAccessor(target, key, owner === target, descriptor, wrap);
  const original: unknown = descriptor.value;
  if (typeof original !== 'function') {
    throw new PatchError(
      `Cannot patch ${where}: found ${original === null ? 'null' : typeof original}, not a function`,
    );
  }
  const wrapper = wrap(original as AnyFunction);
  if (owner !== target) return defineOwn(target, key, wrapper, descriptor);
  if (!descriptor.configurable) return assignValue(target, key, wrapper, descriptor);
  if (!descriptor.writable || !('propertyIsEnumerable' in target) || types.isProxy(wrapper)) {
    return defineOwn(target, key, wrapper, descriptor, descriptor);
  }
  shimmer.wrap(target as Record<PropertyKey, AnyFunction>, key, () => wrapper);
  return {
    installed: wrapper,
    isOutermost: () => Object.getOwnPropertyDescriptor(target, key)?.value === wrapper,
    restore() {
      if (!this.isOutermost()) return 'covered';
      shimmer.unwrap(target as Record<PropertyKey, AnyFunction>, key);
      return 'restored';
    },
  };
}

function defineOwn(
  target: object,
  key: PropertyKey,
  wrapper: AnyFunction,
  like: PropertyDescriptor,
  before?: PropertyDescriptor,
): Replacement {
  if (before === undefined && !Object.isExtensible(target)) {
    throw new PatchError(`Cannot patch '${String(key)}': the object is not extensible`);
  }
  const { writable, enumerable } = like;
  Object.defineProperty(target, key, { value: wrapper, writable, enumerable, configurable: true });
  return {
    installed: wrapper,
    isOutermost: () => Object.getOwnPropertyDescriptor(target, key)?.value === wrapper,
    restore() {
      if (!this.isOutermost()) return 'covered';
      if (before === undefined) Reflect.deleteProperty(target, key);
      else Object.defineProperty(target, key, before);
      return 'restored';
    },
  };
}

function assignValue(
  target: object,
  key: PropertyKey,
  wrapper: AnyFunction,
  before: PropertyDescriptor,
): Replacement {
  if (!before.writable) {
    throw new PatchError(`Cannot patch '${String(key)}': the property is neither configurable nor writable`);
  }
  // A module namespace looks writable, and refuses.
  if (!Reflect.set(target, key, wrapper))
    throw new PatchError(`Cannot patch '${String(key)}': it refuses assignment`);
  return {
    installed: wrapper,
    isOutermost: () => Object.getOwnPropertyDescriptor(target, key)?.value === wrapper,
    restore() {
      if (!this.isOutermost()) return 'covered';
      Reflect.set(target, key, before.value);
      return 'restored';
    },
  };
}

function replaceAccessor(
  target: object,
  key: PropertyKey,
  isOwn: boolean,
  before: PropertyDescriptor,
  wrap: (original: AnyFunction) => AnyFunction,
): Replacement {
  if (isOwn ? !before.configurable : !Object.isExtensible(target)) {
    throw new PatchError(`Cannot patch '${String(key)}': its accessor cannot be replaced`);
  }
  const wrappers = new WeakMap<AnyFunction, AnyFunction>();
  const get = function (this: unknown): unknown {
    // An inherited accessor may be patched or replaced in its parent later: follows it, as an unpatched read would.
    const value: unknown = isOwn
      ? before.get?.call(this)
      : Reflect.get(Object.getPrototypeOf(target) as object, key, this);
    if (typeof value !== 'function') return value;
    const original = value as AnyFunction;
    const wrapper = wrappers.get(original) ?? wrap(original);
    wrappers.set(original, wrapper);
    return wrapper;
  };
  Object.defineProperty(target, key, { get, set: before.set, enumerable: before.enumerable, configurable: true });
  return {
    installed: get,
    isOutermost: () => Object.getOwnPropertyDescriptor(target, key)?.get === get,
    restore() {
      if (!this.isOutermost()) return 'covered';
      if (isOwn) Object.defineProperty(target, key, before);
      else Reflect.deleteProperty(target, key);
      return 'restored';
    },
  };
}
