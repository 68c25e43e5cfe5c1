import { setTimeout as sleep } from 'node:timers/promises';
import { steadyMs } from '../../../clock.ts';
import { StoreError } from '../store-error.ts';

/** How long an answer is waited for, and what is known of the server meanwhile. */
export interface AnswerOptions {
  readonly limitMs: number;
  /** What messages call the database. */
  readonly shown: string;
  /** When the server answered last, on the clock of `steadyMs`: what goes on is waited for. @default never */
  readonly lastAnswerMs?: () => number;
  readonly onSilence?: () => void;
}

/**
 * Waits for what a server is asked, and no longer than a limit after which it says nothing: the connections to one that has
 * fallen silent would never break by themselves.
 *
 * @throws {StoreError} TEMPORARILY_UNAVAILABLE for a silent one, after `onSilence` was called.
 */
export async function answerOf<T>(work: Promise<T>, options: AnswerOptions): Promise<T> {
  const { limitMs, shown, lastAnswerMs = () => Number.NEGATIVE_INFINITY, onSilence = () => undefined } = options;
  for (let waitMs = limitMs; ; waitMs = QUIET_MS) {
    const timer = new AbortController();
    const silence = sleep(waitMs, SILENT, { signal: timer.signal }).catch(() => SILENT);
    try {
      const first = await Promise.race([work, silence]);
      if (first !== SILENT) return first as T;
    } finally {
      timer.abort();
    }
    if (steadyMs() - lastAnswerMs() > QUIET_MS) break;
  }
  onSilence();
  // Nobody waits for it any more.
  work.catch(() => undefined);
  const reason = 'it has stopped answering; see the server and the network, what was logged is kept until then';
  throw new StoreError(
    'TEMPORARILY_UNAVAILABLE',
    'connection',
    `Cannot use the database '${shown}': ${reason}.`,
    undefined,
  );
}

/** Time that a transaction may take; longer means that nobody is there. */
export const SILENCE_MS = 120_000;

/** Time without any answer that counts as silence, once the limit is over. */
const QUIET_MS = 5_000;

const SILENT = Symbol('silent');
