import type { Interceptor } from './interceptor.ts';
import { hasPrivateStatics, isClass } from './is-class.ts';
import { mimic } from './mimic.ts';
import { observeCall } from './observe-call.ts';
import { PatchError } from './patch-error.ts';
import type { AnyFunction } from './replace-property.ts';
import { countPass, type Shell } from './shell.ts';

/** What our own wrappers call in the end: a method that is inherited from a patched one comes to two of them. */
const wrapped = new WeakMap<object, { readonly shell: Shell; readonly present: () => AnyFunction }>();

/**
 * Makes what stands in the place of a function, and observes its calls while its shell has interceptors.
 *
 * A plain function or method gets a function that looks like it; a class, whose static properties may change at any
 * time and whose instances are asked for by `instanceof`, gets a Proxy.
 *
 * @throws {PatchError} for a class that only works when called by its own name.
 */
export function createWrapper(shell: Shell, original: AnyFunction, isInherited: boolean): AnyFunction {
  const present = isInherited ? () => inheritedBy(shell, original) : () => original;
  const wrapper = isClass(original)
    ? wrapClass(shell, original)
    : Object.hasOwn(original, 'prototype')
      ? wrapFunction(shell, original, present)
      : wrapMethod(shell, original, present);
  wrapped.set(wrapper, { shell, present });
  shell.isOverOthers ||= isInherited || wrapped.has(original);
  return wrapper;
}

/** A method without `prototype`, as class methods are: `new` on it throws like before. */
function wrapMethod(shell: Shell, original: AnyFunction, present: () => AnyFunction): AnyFunction {
  const { wrapper } = {
    wrapper(this: unknown): unknown {
      // biome-ignore lint/complexity/noArguments: a rest parameter makes an array for each call that passes through
      const args = arguments as unknown as unknown[];
      if (shell.interceptors.length > 0) return observed(shell, present(), this, args);
      countPass(shell);
      return Reflect.apply(present(), this, args);
    },
  };
  return mimic(wrapper, original);
}

function wrapFunction(shell: Shell, original: AnyFunction, present: () => AnyFunction): AnyFunction {
  const wrapper = function (this: unknown): unknown {
    // biome-ignore lint/complexity/noArguments: as above
    const args = arguments as unknown as unknown[];
    const fn = present();
    const newTarget = new.target === (wrapper as unknown) ? fn : new.target;
    if (shell.interceptors.length > 0) return observed(shell, fn, this, args, newTarget);
    countPass(shell);
    return newTarget === undefined ? Reflect.apply(fn, this, args) : Reflect.construct(fn, args, newTarget);
  };
  return mimic(wrapper, original);
}

function wrapClass(shell: Shell, original: AnyFunction): AnyFunction {
  if (hasPrivateStatics(original)) {
    throw new PatchError(
      `Cannot patch '${String(shell.key)}': its private static members work on the class alone`,
    );
  }
  const proxy: AnyFunction = new Proxy(original, {
    construct(_target, args, by) {
      // A class may compare `new.target` with itself, as abstract ones do.
      const newTarget = by === proxy ? original : (by as AnyFunction);
      if (shell.interceptors.length > 0) return observed(shell, original, undefined, args, newTarget) as object;
      countPass(shell);
      return Reflect.construct(original, args, newTarget) as object;
    },
    apply(_target, self, args: unknown[]) {
      if (shell.interceptors.length > 0) return observed(shell, original, self, args);
      countPass(shell);
      return Reflect.apply(original, self, args);
    },
  });
  return proxy;
}

/** An inherited method may be patched or replaced in its parent later: follows it, as an unpatched call would. */
function inheritedBy({ target, key }: Shell, original: AnyFunction): AnyFunction {
  const present: unknown = Reflect.get(Object.getPrototypeOf(target) as object, key, target);
  return typeof present === 'function' ? (present as AnyFunction) : original;
}

function observed(
  shell: Shell,
  original: AnyFunction,
  self: unknown,
  args: ArrayLike<unknown>,
  newTarget?: AnyFunction,
): unknown {
  const arrived = { self, args, newTarget, isChecked: shell.isChecked };
  if (!shell.isOverOthers) return observeCall(shell.interceptors, original, arrived);
  let { interceptors } = shell;
  let innermost = original;
  for (let above = wrapped.get(original); above !== undefined; above = wrapped.get(innermost)) {
    const known = new Set(interceptors.map(integrationOf));
    const others = above.shell.interceptors.filter((each) => !known.has(integrationOf(each)));
    interceptors = [...interceptors, ...others];
    innermost = above.present();
  }
  return observeCall(interceptors, innermost, arrived);
}

function integrationOf({ name }: Interceptor): string {
  return name.split(' ', 1)[0] as string;
}
