// Taken when this package is loaded: the fake clocks of tests replace the globals, stand still, and run nothing.
const { queueMicrotask: queue } = globalThis;
const { now } = Date;
const { bigint } = process.hrtime;

/** Milliseconds since the Unix epoch. */
export function nowMs(): number {
  return now();
}

/** Milliseconds since some moment, with fractions; no change of the clock disturbs it. */
export function steadyMs(): number {
  // Not `performance.now()`: the global alone makes Node load its module, which takes a millisecond.
  return Number(bigint()) / 1e6;
}

/** Nanoseconds since some moment; no change of the clock disturbs it. */
export function steadyNs(): bigint {
  return bigint();
}

/** Calls a function once the jobs that are queued now have run. */
export function inMicrotask(fn: () => void): void {
  queue(fn);
}
