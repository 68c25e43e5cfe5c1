import { types } from 'node:util';
import type { OutcomeListener } from './observe-outcome.ts';
import { observePromise } from './observe-promise.ts';

/**
 * Observes the promise of a stream's step as `observePromise` does, for a third of the cost: the accessor stands on a
 * prototype of ours between the promise and its own one. Returns false for anything but a native promise.
 */
export function observeStep(step: unknown, listener: OutcomeListener): boolean {
  if (!types.isPromise(step)) return false;
  const prototype: unknown = Object.getPrototypeOf(step);
  if (prototype === stepPrototype) observePromise(step, listener);
  else if (prototype !== Promise.prototype) return false;
  else if (Object.hasOwn(step, 'constructor')) observePromise(step, listener);
  else if (Reflect.setPrototypeOf(step, stepPrototype)) void new StepMark(step, listener);
  return true;
}

/** Returns the promise for a subclass to put its private field on: nobody else sees it, and it costs no table. */
class Given {
  constructor(promise: Promise<unknown>) {
    // biome-ignore lint/correctness/noConstructorReturn: this is how a private field comes to an object of others.
    return promise as unknown as Given;
  }
}

class StepMark extends Given {
  #listener: OutcomeListener | undefined;

  constructor(promise: Promise<unknown>, listener: OutcomeListener) {
    super(promise);
    this.#listener = listener;
  }

  /** Gives the listener once, and the promise its own prototype again. */
  static take(promise: object): OutcomeListener | undefined {
    if (!(#listener in promise)) return undefined;
    const listener = promise.#listener;
    promise.#listener = undefined;
    if (listener !== undefined) Reflect.setPrototypeOf(promise, Promise.prototype);
    return listener;
  }
}

const stepPrototype: object = Object.create(Promise.prototype, {
  constructor: {
    configurable: true,
    get(this: Promise<unknown>) {
      const listener = StepMark.take(this);
      if (listener !== undefined) this.then(listener.resolved, listener.rejected);
      return Promise.prototype.constructor;
    },
    set(this: Promise<unknown>, value: unknown) {
      const listener = StepMark.take(this);
      if (listener !== undefined) this.then(listener.resolved, listener.rejected);
      Reflect.set(Promise.prototype, 'constructor', value, this);
    },
  },
  // Own ones mark the prototype of a plain promise for other copies of this package.
  // biome-ignore lint/suspicious/noThenProperty: it is the promise's own.
  then: { configurable: true, get: () => Promise.prototype.then },
  [Symbol.toStringTag]: { configurable: true, value: 'Promise' },
});
