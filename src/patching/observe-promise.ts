import type { OutcomeListener } from './observe-outcome.ts';
import { onRead } from './promise-reads.ts';
import { hasten } from './unasked.ts';

/** Mostly one for each promise: a list would be one more object for each step of a stream. */
const listening = new WeakMap<object, OutcomeListener | OutcomeListener[]>();

/** One for all promises, so that a stream's steps cost no closures. */
const TELLTALE: PropertyDescriptor & ThisType<Promise<unknown>> = {
  configurable: true,
  enumerable: false,
  get() {
    const known = listening.get(this);
    // What inherits from the promise, or stands for it, reads through to here too.
    if (known === undefined) return Promise;
    Reflect.deleteProperty(this, 'constructor');
    // First those who were told before: of a step that is observed twice, the prototype below tells of itself now.
    const present = this.constructor;
    if (isOfStep(known)) subscribeStep(this, known);
    else onRead(this, { subscribed: () => subscribe(this), left: () => watchOn(this) });
    return present;
  },
  set(value: unknown) {
    subscribe(this);
    void Object.defineProperty(this, 'constructor', {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  },
};

/**
 * Observes a native promise from the moment when somebody else subscribes to it.
 *
 * A handler of ours would hide an unhandled rejection, and a promise derived without one would raise a second. But
 * `await`, `then`, `catch`, `finally` and the combinators all read `constructor` of the promise first (ECMA-262
 * PromiseResolve, SpeciesConstructor): an own accessor there tells of it, removes itself, and subscribes too if the
 * program does. A promise that nobody asks is left alone.
 */
export function observePromise(promise: Promise<unknown>, listener: OutcomeListener): void {
  const known = listening.get(promise);
  if (known !== undefined) {
    listening.set(promise, [known, listener].flat());
    return;
  }
  if (Object.hasOwn(promise, 'constructor') || !Object.isExtensible(promise)) return;
  listening.set(promise, listener);
  tell(promise);
}

/** A loop over an array that waits for a promise in it derives none, and goes unseen. */
function watchOn(promise: Promise<unknown>): void {
  tell(promise);
  hasten();
}

function tell(promise: Promise<unknown>): void {
  if (!listening.has(promise) || !Object.isExtensible(promise) || Object.hasOwn(promise, 'constructor')) return;
  void Object.defineProperty(promise, 'constructor', TELLTALE);
}

/** Nobody looks at the promises of a stream's steps without a wish to have the next item. */
function isOfStep(known: OutcomeListener | OutcomeListener[]): known is OutcomeListener {
  return !Array.isArray(known) && known.asked === undefined;
}

/** Hands the listener's functions over as they are, which know no `this`: closures would cost as much as all else. */
function subscribeStep(promise: Promise<unknown>, { resolved, rejected }: OutcomeListener): void {
  listening.delete(promise);
  promise.then(resolved, rejected);
}

function subscribe(promise: Promise<unknown>): boolean {
  const known = listening.get(promise);
  if (known === undefined) return false;
  listening.delete(promise);
  Reflect.deleteProperty(promise, 'constructor');
  if (!Array.isArray(known)) {
    known.asked?.();
    promise.then(
      (value) => known.resolved(value),
      (error: unknown) => known.rejected(error),
    );
    return true;
  }
  const all = known;
  for (const each of all) each.asked?.();
  promise.then(
    (value) => {
      for (const each of all) each.resolved(value);
    },
    (error: unknown) => {
      for (const each of all) each.rejected(error);
    },
  );
  return true;
}
