import type { OutcomeListener } from './observe-outcome.ts';

const listening = new WeakMap<Promise<unknown>, OutcomeListener[]>();

/**
 * Observes a native promise from the moment when somebody else subscribes to it.
 *
 * A handler of ours would hide an unhandled rejection, and a promise derived without one would raise a second. But
 * `await`, `then`, `catch`, `finally` and the combinators all read `constructor` of the promise first (ECMA-262
 * PromiseResolve, SpeciesConstructor): an own accessor there tells that the program has subscribed, removes itself,
 * and only then subscribes too. A promise that nobody asks is left alone.
 */
export function observePromise(promise: Promise<unknown>, listener: OutcomeListener): void {
  const listeners = listening.get(promise);
  if (listeners !== undefined) {
    listeners.push(listener);
    return;
  }
  if (Object.hasOwn(promise, 'constructor') || !Object.isExtensible(promise)) return;
  const all = [listener];
  listening.set(promise, all);
  const subscribe = (): void => {
    if (!listening.delete(promise)) return;
    Reflect.deleteProperty(promise, 'constructor');
    promise.then(
      (value) => {
        for (const each of all) each.resolved(value);
      },
      (error: unknown) => {
        for (const each of all) each.rejected(error);
      },
    );
  };
  void Object.defineProperty(promise, 'constructor', {
    configurable: true,
    enumerable: false,
    get() {
      subscribe();
      return promise.constructor;
    },
    set(value: unknown) {
      subscribe();
      void Object.defineProperty(promise, 'constructor', {
        value,
        writable: true,
        enumerable: true,
        configurable: true,
      });
    },
  });
}
