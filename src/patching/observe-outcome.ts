import { types } from 'node:util';
import { reportFailure } from '../failures.ts';
import { isApiPromise, observeApiPromise } from './observe-api-promise.ts';
import { observePromise } from './observe-promise.ts';
import { observeThenable } from './observe-thenable.ts';

/** Told once how a call ended. */
export interface OutcomeListener {
  resolved(value: unknown): void;
  rejected(error: unknown): void;
}

/**
 * Tells the listener how a returned value turns out: at once for a plain value, when the consumer asks for a promise.
 *
 * The value itself is never replaced and, if it is lazy, never started: its rejection stays as unhandled, its body as
 * unread, as the program left it.
 */
export function observeOutcome(value: unknown, listener: OutcomeListener): void {
  const once = onlyOnce(listener);
  try {
    if (!isThenable(value)) once.resolved(value);
    else if (isApiPromise(value)) observeApiPromise(value, once);
    else if (isPlainPromise(value)) observePromise(value, once);
    else observeThenable(value, once);
  } catch (error) {
    reportFailure('observing a result', error);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  return typeof (value as { then?: unknown }).then === 'function';
}

function isPlainPromise(value: object): value is Promise<unknown> {
  if (!types.isPromise(value) || Object.hasOwn(value, 'then')) return false;
  const prototype = Object.getPrototypeOf(value) as object;
  return Object.hasOwn(prototype, Symbol.toStringTag) && Object.hasOwn(prototype, 'then');
}

function onlyOnce(listener: OutcomeListener): OutcomeListener {
  let isOver = false;
  const first = (fn: (value: unknown) => void) => (value: unknown) => {
    if (isOver) return;
    isOver = true;
    fn(value);
  };
  return {
    resolved: first((value) => listener.resolved(value)),
    rejected: first((error) => listener.rejected(error)),
  };
}
