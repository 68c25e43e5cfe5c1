import { reportFailure } from '../failures.ts';
import type { Call, Interceptor, Observer } from './interceptor.ts';
import { mimic } from './mimic.ts';
import { observeOutcome } from './observe-outcome.ts';
import { findProperty, type Replacement, replaceProperty } from './replace-property.ts';

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

interface Shell {
  readonly target: object;
  /** Replaced as a whole, so that a call under way keeps the list it began with. */
  interceptors: readonly Interceptor[];
  replacement: Replacement;
}

/** On the global object, so that two copies of this package share one shell for each function. */
const SHELLS = Symbol.for('autolog.shells.v1');
const registry = globalThis as { [SHELLS]?: WeakMap<AnyFunction, Shell> };
registry[SHELLS] ??= new WeakMap();
const shells = registry[SHELLS];

/**
 * Puts an interceptor round the function at `target[key]` and returns its undo.
 *
 * A function has one shell, whatever the number of interceptors. When the last one goes, the property is restored
 * exactly; where a stranger has wrapped the shell meanwhile, the shell stays below and passes calls through.
 *
 * @throws {PatchError} when the property holds no function or cannot be changed.
 */
export function intercept(target: object, key: PropertyKey, interceptor: Interceptor): () => void {
  const shell = presentShell(target, key) ?? createShell(target, key);
  shell.interceptors = [...shell.interceptors, interceptor];
  return () => {
    shell.interceptors = shell.interceptors.filter((other) => other !== interceptor);
    if (shell.interceptors.length === 0) shell.replacement.restore();
  };
}

function presentShell(target: object, key: PropertyKey): Shell | undefined {
  const { value, get } = findProperty(target, key)?.descriptor ?? {};
  const installed: unknown = get ?? value;
  const shell = typeof installed === 'function' ? shells.get(installed as AnyFunction) : undefined;
  return shell?.target === target ? shell : undefined;
}

function createShell(target: object, key: PropertyKey): Shell {
  const isInherited = !Object.hasOwn(target, key) && findProperty(target, key)?.descriptor.get === undefined;
  const shell: Shell = { target, interceptors: [], replacement: undefined as unknown as Replacement };
  shell.replacement = replaceProperty(target, key, (original) => {
    // An inherited method may be patched or replaced in its parent later: follow it, as an unpatched call would.
    const inherited = isInherited
      ? () => (Reflect.get(Object.getPrototypeOf(target) as object, key, target) as AnyFunction) ?? original
      : undefined;
    return createWrapper(shell, original, inherited);
  });
  shells.set(shell.replacement.installed, shell);
  return shell;
}

function createWrapper(
  shell: Shell,
  original: AnyFunction,
  inherited: (() => AnyFunction) | undefined,
): AnyFunction {
  if (Object.hasOwn(original, 'prototype')) {
    const wrapper = function (this: unknown): unknown {
      // biome-ignore lint/complexity/noArguments: a rest parameter makes an array for each call that passes through
      const args = arguments as unknown as unknown[];
      if (new.target !== undefined) {
        return Reflect.construct(original, args, new.target === (wrapper as unknown) ? original : new.target);
      }
      const present = inherited === undefined ? original : inherited();
      if (shell.interceptors.length === 0) return Reflect.apply(present, this, args);
      return observedCall(shell.interceptors, present, this, copyArguments(args));
    };
    return mimic(wrapper, original);
  }
  // A method without `prototype`, as class methods are: `new` on it throws like before.
  const { wrapper } = {
    wrapper(this: unknown): unknown {
      // biome-ignore lint/complexity/noArguments: as above
      const args = arguments as unknown as unknown[];
      const present = inherited === undefined ? original : inherited();
      if (shell.interceptors.length === 0) return Reflect.apply(present, this, args);
      return observedCall(shell.interceptors, present, this, copyArguments(args));
    },
  };
  return mimic(wrapper, original);
}

/** A loop, because `slice.call(arguments)` and spreading take several times as long. */
function copyArguments(args: ArrayLike<unknown>): unknown[] {
  const copy: unknown[] = [];
  for (let i = 0; i < args.length; i++) copy.push(args[i]);
  return copy;
}

function observedCall(
  interceptors: readonly Interceptor[],
  original: AnyFunction,
  self: unknown,
  args: readonly unknown[],
): unknown {
  const call: Call = { self, args };
  const observers: Observer[] = [];
  const names: string[] = [];
  for (const interceptor of interceptors) {
    // One of the same name comes from another copy of this package: the call is recorded already.
    if (names.includes(interceptor.name)) continue;
    try {
      const observer = interceptor.begin(call);
      if (observer === undefined) continue;
      observers.push(observer);
      names.push(interceptor.name);
    } catch (error) {
      reportFailure(interceptor.name, error);
    }
  }
  if (observers.length === 0) return Reflect.apply(original, self, args);
  return callObserved(observers, original, self, args);
}

function callObserved(
  observers: readonly Observer[],
  original: AnyFunction,
  self: unknown,
  args: readonly unknown[],
): unknown {
  let passed = args;
  for (const observer of observers) if (Array.isArray(observer.args)) passed = observer.args;
  let outcome: { value: unknown } | undefined;
  let failure: { error: unknown } | undefined;
  let callOriginal = (): void => {
    if (outcome !== undefined || failure !== undefined) return;
    try {
      outcome = { value: Reflect.apply(original, self, passed) };
    } catch (error) {
      failure = { error };
    }
  };
  for (const { run } of observers) {
    if (run === undefined) continue;
    const inner = callOriginal;
    callOriginal = () => run(inner);
  }
  try {
    callOriginal();
  } catch (error) {
    reportFailure('entering a call', error);
  }
  if (outcome === undefined && failure === undefined) outcome = { value: Reflect.apply(original, self, passed) };
  if (failure !== undefined) {
    notify(observers, 'rejected', failure.error);
    throw failure.error;
  }
  const { value } = outcome as { value: unknown };
  observeOutcome(value, {
    resolved: (final) => notify(observers, 'resolved', final),
    rejected: (error) => notify(observers, 'rejected', error),
  });
  return value;
}

function notify(observers: readonly Observer[], event: 'resolved' | 'rejected', value: unknown): void {
  for (const observer of observers) {
    try {
      observer[event]?.(value);
    } catch (error) {
      reportFailure('after a call', error);
    }
  }
}
