import { steadyMs } from '../../clock.ts';
import { AutologError } from '../../errors.ts';
import { reportFailure } from '../../failures.ts';
import { requireSource } from '../../require-source.ts';
import type { TrackingStore } from '../../store/tracking-store.ts';

/** For how long the program's own call may wait for a server, in milliseconds. */
export const SERVER_PATIENCE_MS = 5_000;

/** For how long a server that did not answer is not asked again, in milliseconds. */
const SILENCE_MS = 30_000;

/** When a server did not answer last, on the steady clock. */
const silentSince = new WeakMap<TrackingStore, number>();

/** Whether a server did not answer a moment ago: the program does not wait for it again. */
export function isSilent(store: TrackingStore): boolean {
  return steadyMs() - (silentSince.get(store) ?? Number.NEGATIVE_INFINITY) < SILENCE_MS;
}

/** Keeps in mind whether a server answered the program's call. */
export function noteAnswer(store: TrackingStore, hasAnswered: boolean): void {
  if (hasAnswered) silentSince.delete(store);
  else silentSince.set(store, steadyMs());
}

/** Asks a store on a server, as `store/ask-now` does. */
type AskNow = typeof import('../../store/ask-now.ts')['askNow'];

/**
 * Asks a store on a server, and waits for its answer; undefined where the store is none on a server, and where there is no
 * answer in time, which is told once: what follows is checked with its delivery then.
 *
 * @throws {AutologError} what the server refuses.
 */
export function askServer<T>(store: TrackingStore, ask: (askNow: AskNow, patienceMs: number) => T): T | undefined {
  if (store.checkSoon === undefined || isSilent(store)) return undefined;
  const { askNow } = requireSource<typeof import('../../store/ask-now.ts')>('store/ask-now');
  try {
    const answer = ask(askNow, SERVER_PATIENCE_MS);
    noteAnswer(store, true);
    return answer;
  } catch (error) {
    const hasAnswered = !(error instanceof AutologError && error.code === 'TEMPORARILY_UNAVAILABLE');
    noteAnswer(store, hasAnswered);
    if (hasAnswered) throw error;
    reportFailure(`checking with ${store.uri} at once (it checks with the delivery)`, error);
    return undefined;
  }
}
