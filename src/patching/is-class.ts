type AnyFunction = (...args: never[]) => unknown;

/** True for what is made to be constructed: a class, a built-in one, or a function with methods on its prototype. */
export function isClass(fn: AnyFunction): boolean {
  const { value, writable } = Object.getOwnPropertyDescriptor(fn, 'prototype') ?? {};
  if (typeof value !== 'object' || value === null || !isConstructor(fn)) return false;
  return (
    writable === false || Reflect.ownKeys(value).length > 1 || Object.getPrototypeOf(value) !== Object.prototype
  );
}

/** Tells without a call: `newTarget` must be a constructor, which generators are not. */
function isConstructor(fn: AnyFunction): boolean {
  try {
    Reflect.construct(Object, [], fn);
    return true;
  } catch {
    // TypeError: it is no constructor.
    return false;
  }
}

const PRIVATE_STATIC = /\bstatic\s+(?:async\s+)?(?:(?:get|set)\s+)?(?:\*\s*)?#/;

/** True for a class whose text has private static members: `this.#member` in them fails on anything but the class. */
export function hasPrivateStatics(fn: AnyFunction): boolean {
  return PRIVATE_STATIC.test(Function.prototype.toString.call(fn));
}
