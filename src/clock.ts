// Taken when this package is loaded: the fake clocks of tests replace the globals, stand still, and run nothing.
const { performance: steady, queueMicrotask: queue } = globalThis;
const { now } = Date;
const { bigint } = process.hrtime;

/** Milliseconds since the Unix epoch. */
export function nowMs(): number {
  return now();
}

/** Milliseconds since some moment, with fractions; no change of the clock disturbs it. */
export function steadyMs(): number {
  return steady.now();
}

/** Nanoseconds since some moment; no change of the clock disturbs it. */
export function steadyNs(): bigint {
  return bigint();
}

/** Calls a function once the jobs that are queued now have run. */
export function inMicrotask(fn: () => void): void {
  queue(fn);
}
