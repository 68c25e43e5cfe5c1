import { setTimeout as startTimer } from 'node:timers';
import { reportFailure } from '../failures.ts';
import { inNoContext } from '../no-context.ts';
import type { OutcomeListener } from './observe-outcome.ts';
import { promiseState } from './promise-state.ts';

/** So often promises are looked at, while there are any that the program has not asked, milliseconds. */
const LOOK_MS = 1_000;

/** Of those that have been looked at before, so many are looked at each time: a look takes some 20 µs. */
const LOOKS = 200;

/** Of each group. Beyond, the first are given up. */
const MAX_WATCHED = 10_000;

/** Held, for a second at most: it costs a tenth of a weak reference, and nearly all are asked at once. */
const young = new Map<OutcomeListener, Promise<unknown>>();
const old = new Map<OutcomeListener, WeakRef<Promise<unknown>>>();
/** Looked at when the process exits, and not before. */
const last = new Map<OutcomeListener, Promise<unknown>>();

let isLookDue = false;
let nextHasteMs: number | undefined;
let isInstalled = false;

/**
 * Watches a promise that the program has not asked for its outcome yet. The listener is told all the same once it has
 * settled: it is looked at from time to time and at the end of the program, and never subscribed to if it rejects.
 */
export function watchUnasked(promise: Promise<unknown>, listener: OutcomeListener): void {
  listenToExit();
  if (young.size >= MAX_WATCHED) lookAtUnasked();
  young.set(listener, promise);
  lookSoon();
}

/** Watches a promise of which nothing is to be told before the process exits. */
export function watchUntilExit(promise: Promise<unknown>, listener: OutcomeListener): void {
  listenToExit();
  if (last.size >= MAX_WATCHED) forgetFirst(last);
  last.set(listener, promise);
}

/** Forgets the promise of a listener: it was told, or the program has asked. */
export function forgetUnasked(listener: OutcomeListener): void {
  young.delete(listener);
  last.delete(listener);
  if (old.size > 0) old.delete(listener);
}

/** Looks at the young ones in a moment, and again in growing distances: one of them may be asked unseen. */
export function hasten(): void {
  if (nextHasteMs !== undefined) return;
  nextHasteMs = 1;
  inNoContext(hurry);
}

function hurry(): void {
  startTimer(() => {
    for (const [listener, promise] of young) if (look(promise, listener)) young.delete(listener);
    nextHasteMs = young.size === 0 || nextHasteMs === undefined ? LOOK_MS : nextHasteMs * 2;
    if (nextHasteMs < LOOK_MS) hurry();
    else nextHasteMs = undefined;
  }, nextHasteMs).unref();
}

/** Tells what can be told of all promises that are left, when no promise gives its value any more. */
export function lookAtUnaskedAtExit(): void {
  const all = [...young, ...last, ...[...old].map(([listener, held]) => [listener, held.deref()] as const)];
  for (const group of [young, last, old]) group.clear();
  for (const [listener, promise] of all) {
    const { state, error } = promise === undefined ? { state: 'pending' } : promiseState(promise);
    if (state === 'fulfilled') guard(() => listener.abandoned?.('fulfilled'));
    if (state === 'rejected') guard(() => listener.rejected(error));
  }
}

function listenToExit(): void {
  if (isInstalled) return;
  isInstalled = true;
  process.on('beforeExit', lookAtUnasked);
  process.prependListener('exit', lookAtUnaskedAtExit);
}

function lookSoon(): void {
  if (isLookDue) return;
  isLookDue = true;
  inNoContext(() => startTimer(onTimer, LOOK_MS).unref());
}

function onTimer(): void {
  isLookDue = false;
  lookAtUnasked();
  if (old.size > 0) lookSoon();
}

function lookAtUnasked(): void {
  const before = [...old].slice(0, LOOKS);
  for (const [listener, held] of before) {
    const promise = held.deref();
    old.delete(listener);
    if (promise === undefined) guard(() => listener.abandoned?.('unknown'));
    else if (!look(promise, listener)) old.set(listener, held);
  }
  for (const [listener, promise] of young) {
    young.delete(listener);
    if (look(promise, listener)) continue;
    if (old.size >= MAX_WATCHED) forgetFirst(old);
    old.set(listener, new WeakRef(promise));
  }
}

/** Returns true when the promise has settled. */
function look(promise: Promise<unknown>, listener: OutcomeListener): boolean {
  const { state, error } = promiseState(promise);
  // One that is fulfilled cannot reject any more: subscribing hides nothing.
  if (state === 'fulfilled') void promise.then((value) => guard(() => listener.resolved(value)));
  if (state === 'rejected') guard(() => listener.rejected(error));
  return state !== 'pending';
}

function forgetFirst(group: Map<OutcomeListener, unknown>): void {
  for (const first of group.keys()) {
    group.delete(first);
    return;
  }
}

function guard(fn: () => void): void {
  try {
    fn();
  } catch (error) {
    reportFailure('observing a result', error);
  }
}
