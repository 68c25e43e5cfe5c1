import { clearTimeout, setTimeout } from 'node:timers';
import { setTimeout as sleep } from 'node:timers/promises';
import { steadyMs } from '../../clock.ts';
import { AutologError } from '../../errors.ts';

/** For how long the program's thread may stand still while other processes hold an embedded store, in milliseconds. */
export const BLOCKING_MS = 10;

/** For how long a server is waited for at a time, in milliseconds: the thread is free meanwhile. */
export const SERVER_MS = 5_000;

/** For how long a store may be held by others, or a server be away, before that is told, in milliseconds. */
export const PATIENCE_MS = 20_000;

/** For how long the end of a program waits in all for stores that others hold, or that are on servers, in milliseconds. */
export const EXIT_PATIENCE_MS = 2_000;

const PAUSE_MS = 50;

/** Whether a store was held by others, or its server away: what failed may succeed when it is tried again. */
export function isBusy(error: unknown): boolean {
  return error instanceof AutologError && error.code === 'TEMPORARILY_UNAVAILABLE';
}

/**
 * Does some work that may be done twice, again and again while the store is held by others; the thread is free
 * meanwhile.
 *
 * @throws what the work throws, for a store that is held after `patienceMs`.
 */
export async function patiently(work: () => Promise<void>, patienceMs: number = PATIENCE_MS): Promise<void> {
  const giveUpAt = steadyMs() + patienceMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isBusy(error) || steadyMs() > giveUpAt) throw error;
    }
    await sleep(PAUSE_MS);
  }
}

/**
 * Waits for some work no longer than `limitMs`; the work itself goes on. Keeps the process alive meanwhile.
 *
 * @throws what the work throws, or `late()` when time is up.
 */
export function within<T>(work: Promise<T>, limitMs: number, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), limitMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
