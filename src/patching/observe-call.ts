import { inMicrotask } from '../clock.ts';
import { reportFailure } from '../failures.ts';
import { checkAdditions, keepArguments } from './check-arguments.ts';
import type { Call, Interceptor, Observer } from './interceptor.ts';
import { observeOutcome } from './observe-outcome.ts';
import type { AnyFunction } from './replace-property.ts';

/** A call as it came to a shell. */
export interface ArrivedCall {
  readonly self: unknown;
  readonly args: ArrayLike<unknown>;
  readonly newTarget: AnyFunction | undefined;
  readonly isChecked: boolean;
}

interface NamedObserver {
  readonly name: string;
  readonly observer: Observer;
}

/**
 * Calls the original, once, and tells its outcome to those who want to know; the caller gets what the original gave.
 *
 * The interceptors are asked in their order, each inside the context of those before it.
 */
export function observeCall(
  interceptors: readonly Interceptor[],
  original: AnyFunction,
  arrived: ArrivedCall,
): unknown {
  const state = new CallState(interceptors, original, arrived);
  state.enter(0);
  const { observers, outcome, thrown } = state;
  if (observers === undefined) {
    if (outcome === undefined) throw thrown?.error;
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  }
  const checked = arrived.isChecked ? state.call.args : undefined;
  if (outcome === undefined || 'error' in outcome) {
    // The caller gets its own error, also in test mode; ours comes up as an uncaught one then.
    if (outcome !== undefined && thrown !== undefined) throwLater(thrown.error);
    const { error } = outcome ?? (thrown as Thrown);
    const late = thrownBy(() => notify(observers, 'rejected', error, checked));
    if (late !== undefined) throwLater(late.error);
    throw error;
  }
  const { value } = outcome;
  if (arrived.newTarget !== undefined) notify(observers, 'resolved', value, checked);
  else {
    observeOutcome(value, {
      resolved: (final) => notify(observers, 'resolved', final, checked),
      rejected: (error) => notify(observers, 'rejected', error, checked),
      abandoned: (known) => notify(observers, 'abandoned', known, checked),
    });
  }
  if (thrown !== undefined) throw thrown.error;
  return value;
}

type Outcome = { readonly value: unknown } | { readonly error: unknown };

interface Thrown {
  readonly error: unknown;
}

/** One call on its way through the interceptors to the original. */
class CallState {
  readonly call: Call;
  observers: NamedObserver[] | undefined;
  /** Undefined while the original has not run, and for good where a hook has failed before it in test mode. */
  outcome: Outcome | undefined;
  /** What the report of a failure has thrown in test mode. */
  thrown: Thrown | undefined;
  readonly #interceptors: readonly Interceptor[];
  readonly #original: AnyFunction;
  readonly #arrived: ArrivedCall;
  #passed: ArrayLike<unknown>;

  constructor(interceptors: readonly Interceptor[], original: AnyFunction, arrived: ArrivedCall) {
    this.call = createCall(arrived);
    this.#interceptors = interceptors;
    this.#original = original;
    this.#arrived = arrived;
    this.#passed = arrived.args;
  }

  /** Asks the interceptors from this one on, then runs the original. */
  enter(index: number): void {
    for (let i = index; i < this.#interceptors.length; i++) {
      const { name } = this.#interceptors[i] as Interceptor;
      // One of the same name comes from another copy of this package: the call is recorded already.
      if (this.observers?.some((other) => other.name === name)) continue;
      const observer = this.#begin(this.#interceptors[i] as Interceptor);
      if (this.thrown !== undefined) return;
      if (observer === undefined) continue;
      this.observers ??= [];
      this.observers.push({ name, observer });
      if (observer.run === undefined) continue;
      this.#enterIn(name, observer, i + 1);
      return;
    }
    this.#runOriginal();
  }

  #begin(interceptor: Interceptor): Observer | undefined {
    const { isChecked, args } = this.#arrived;
    try {
      const call = this.#passed === args ? this.call : { ...this.call, args: this.#passed as readonly unknown[] };
      if (!isChecked) return this.#taking(interceptor.begin(call));
      const observer = keepArguments(call.args, () => interceptor.begin(call));
      if (Array.isArray(observer?.args)) checkAdditions(call.args, observer.args);
      return this.#taking(observer);
    } catch (error) {
      this.thrown = thrownBy(() => reportFailure(interceptor.name, error));
      return undefined;
    }
  }

  #taking(observer: Observer | undefined): Observer | undefined {
    if (Array.isArray(observer?.args)) this.#passed = observer.args;
    return observer;
  }

  /** Goes on inside an observer's context, also when that fails or goes on twice. */
  #enterIn(name: string, observer: Observer, next: number): void {
    let thrown: Thrown | undefined;
    let entryCount = 0;
    const enterOnce = (): void => {
      entryCount += 1;
      if (entryCount === 1) this.enter(next);
    };
    try {
      observer.run?.(enterOnce);
      if (this.#arrived.isChecked && entryCount !== 1) {
        throw new Error(`the original was run ${entryCount} times, not once`);
      }
    } catch (error) {
      thrown = thrownBy(() => reportFailure(name, error));
    }
    if (entryCount === 0) enterOnce();
    this.thrown ??= thrown;
  }

  #runOriginal(): void {
    const { self, newTarget } = this.#arrived;
    try {
      const value =
        newTarget === undefined
          ? Reflect.apply(this.#original, self, this.#passed)
          : Reflect.construct(this.#original, this.#passed, newTarget);
      this.outcome = { value };
    } catch (error) {
      this.outcome = { error };
    }
  }
}

/** A loop, because `slice.call(arguments)` and spreading take several times as long. */
function createCall({ self, args, newTarget }: ArrivedCall): Call {
  const copy: unknown[] = [];
  for (let i = 0; i < args.length; i++) copy.push(args[i]);
  return newTarget === undefined ? { self, args: copy } : { self: undefined, args: copy, newTarget };
}

function notify(
  observers: readonly NamedObserver[],
  event: 'resolved' | 'rejected' | 'abandoned',
  value: unknown,
  checked: readonly unknown[] | undefined,
): void {
  for (const { name, observer } of observers) {
    try {
      const tell = observer[event] as ((told: unknown) => void) | undefined;
      if (checked === undefined) tell?.call(observer, value);
      else keepArguments(checked, () => tell?.call(observer, value));
    } catch (error) {
      reportFailure(name, error);
    }
  }
}

function thrownBy(fn: () => void): Thrown | undefined {
  try {
    fn();
    return undefined;
  } catch (error) {
    return { error };
  }
}

function throwLater(error: unknown): void {
  inMicrotask(() => {
    throw error;
  });
}
