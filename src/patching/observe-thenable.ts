import type { OutcomeListener } from './observe-outcome.ts';

type Then = (
  onFulfilled?: ((value: unknown) => unknown) | null,
  onRejected?: ((error: unknown) => unknown) | null,
) => unknown;

/**
 * Observes a thenable or a subclass of Promise, which may start its work only when asked: its own `then` is shadowed
 * on the instance, and tells what passes through it. Frozen ones are left alone.
 */
export function observeThenable(thenable: PromiseLike<unknown>, listener: OutcomeListener): void {
  if (!Object.isExtensible(thenable)) return;
  const original = thenable.then as Then;
  void Object.defineProperty(thenable, 'then', {
    configurable: true,
    enumerable: false,
    writable: true,
    value: function then(this: unknown, ...handlers: Parameters<Then>): unknown {
      listener.asked?.();
      const [onFulfilled, onRejected] = handlers;
      return Reflect.apply(original, this, [
        (value: unknown) => {
          listener.resolved(value);
          return typeof onFulfilled === 'function' ? onFulfilled(value) : value;
        },
        (error: unknown) => {
          listener.rejected(error);
          if (typeof onRejected === 'function') return onRejected(error);
          throw error;
        },
      ]);
    },
  });
}
