import { performance } from 'node:perf_hooks';
// The global ones may be a test's own, which never fire.
import { setImmediate } from 'node:timers';

let lastTurnAtMs = performance.now();
let isWatching = false;

/**
 * Lets the event loop turn once when it has not turned for so many milliseconds; else returns undefined at once.
 *
 * Training on the cpu and wasm backends awaits nothing but microtasks, so that timers and sockets would starve
 * where tfjs itself does not yield: with `earlyStopping` as the callback, or `yieldEvery: 'never'`.
 */
export function breathe(maxBlockMs: number): Promise<void> | undefined {
  if (!isWatching) {
    isWatching = true;
    setImmediate(() => {
      isWatching = false;
      lastTurnAtMs = performance.now();
    });
  }
  if (performance.now() - lastTurnAtMs <= maxBlockMs) return undefined;
  lastTurnAtMs = performance.now();
  return new Promise((resolve) => setImmediate(resolve));
}
