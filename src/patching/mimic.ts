/** Gives `wrapper` the outside of `original`: name, length, own properties and prototype. Returns `wrapper`. */
export function mimic<F extends (...args: never[]) => unknown>(wrapper: F, original: object): F {
  for (const key of Reflect.ownKeys(original)) {
    const own = Object.getOwnPropertyDescriptor(wrapper, key);
    if (own !== undefined && !own.configurable && !own.writable) continue;
    const descriptor = Object.getOwnPropertyDescriptor(original, key);
    if (descriptor === undefined) continue;
    if (own !== undefined && !own.configurable) Reflect.set(wrapper, key, descriptor.value);
    else Reflect.defineProperty(wrapper, key, descriptor);
  }
  const prototype = Object.getPrototypeOf(original) as object | null;
  if (prototype !== Object.getPrototypeOf(wrapper)) Object.setPrototypeOf(wrapper, prototype);
  return wrapper;
}
