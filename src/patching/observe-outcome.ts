import { reportFailure } from '../failures.ts';
import { isApiPromise, observeApiPromise } from './observe-api-promise.ts';
import { observePromise } from './observe-promise.ts';
import { observeThenable } from './observe-thenable.ts';
import { isPlainPromise } from './promise-state.ts';
import { forgetUnasked, watchUnasked } from './unasked.ts';
import { notWhenCollected, whenCollected } from './when-collected.ts';

/** Told once how a call ended. */
export interface OutcomeListener {
  /** The program has asked a promise, so that its outcome will be told; may be told several times. */
  asked?(): void;
  resolved(value: unknown): void;
  rejected(error: unknown): void;
  /** The program let go of the result: its value is not known, and whether it was good only if it is 'fulfilled'. */
  abandoned?(state: 'fulfilled' | 'unknown'): void;
}

/**
 * Tells the listener how a returned value turns out: at once for a plain value, when the consumer asks for a promise.
 * Of a promise that nobody asks it is told later, when that can be found out.
 *
 * The value itself is never replaced and, if it is lazy, never started: its rejection stays as unhandled, its body as
 * unread, as the program left it. The listener must not hold the value, or nobody would see that it is abandoned.
 */
export function observeOutcome(value: unknown, listener: OutcomeListener): void {
  if (!isThenable(value)) {
    guard(() => listener.resolved(value));
    return;
  }
  const once = new OnlyOnce(listener);
  guard(() => {
    if (isApiPromise(value)) observeApiPromise(value, once);
    else if (isPlainPromise(value)) observePlain(value, once);
    else observeLazy(value, once);
  });
}

function observePlain(promise: Promise<unknown>, listener: OutcomeListener): void {
  observePromise(promise, listener);
  watchUnasked(promise, listener);
}

function observeLazy(thenable: PromiseLike<unknown>, listener: OnlyOnce): void {
  observeThenable(thenable, listener);
  whenCollected(thenable, listener, abandonedBy(listener));
}

/** Apart from the thenable, which this must not hold. */
function abandonedBy(listener: OnlyOnce): () => void {
  return () => listener.abandoned('unknown');
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  try {
    return typeof (value as { then?: unknown }).then === 'function';
  } catch {
    // A getter of the program's that throws: what it stands for is none of ours.
    return false;
  }
}

function guard(fn: () => void): void {
  try {
    fn();
  } catch (error) {
    reportFailure('observing a result', error);
  }
}

class OnlyOnce implements OutcomeListener {
  #listener: OutcomeListener | undefined;

  constructor(listener: OutcomeListener) {
    this.#listener = listener;
  }

  asked(): void {
    if (this.#listener === undefined) return;
    forgetUnasked(this);
    notWhenCollected(this);
  }

  resolved(value: unknown): void {
    this.#take()?.resolved(value);
  }

  rejected(error: unknown): void {
    this.#take()?.rejected(error);
  }

  abandoned(state: 'fulfilled' | 'unknown'): void {
    this.#take()?.abandoned?.(state);
  }

  #take(): OutcomeListener | undefined {
    this.asked();
    const listener = this.#listener;
    this.#listener = undefined;
    return listener;
  }
}
