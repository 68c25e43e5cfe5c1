/**
 * Makes promises that reject and are left alone in different ways; prints which rejections the process saw as unhandled.
 *
 * Argument: `observed` or `plain`.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { observeOutcome } from '../../src/patching/observe-outcome.ts';
import { observeStream } from '../../src/patching/observe-stream.ts';

const isObserved = process.argv[2] === 'observed';
const ignore = (): undefined => undefined;

/** A promise that rejects, observed or not. */
function failing(make = (): PromiseLike<unknown> => Promise.reject(new Error('theirs'))): Promise<unknown> {
  const promise = make();
  if (isObserved) observeOutcome(promise, { resolved: ignore, rejected: ignore });
  return promise as Promise<unknown>;
}

/** A stream that fails at its second step, observed or not. */
function failingStream(): AsyncGenerator<number> {
  const stream = (async function* () {
    yield 1;
    throw new Error('theirs');
  })();
  if (isObserved) observeStream(stream, { chunk: ignore, ended: ignore, failed: ignore, cancelled: ignore });
  return stream;
}

class Sub<T> extends Promise<T> {}

const later = (): Promise<unknown> => wait(5).then(() => Promise.reject(new Error('theirs')));

const scenarios: Record<string, () => unknown> = {
  'left alone': () => void failing(),
  'left alone, rejected later': () => void failing(later),
  caught: () => failing().catch(ignore),
  'caught late': async () => {
    const promise = failing();
    await wait(10);
    promise.catch(ignore);
  },
  'then only': () => void failing().then(ignore),
  'then without handlers': () => void failing().then(),
  'finally only': () => void failing().finally(ignore),
  'caught and derived': () => {
    const promise = failing();
    promise.catch(ignore);
    void promise.then(ignore);
  },
  'passed on by an async function, left alone': () => void (async () => failing())(),
  'awaited in an async function, left alone': () => void (async () => await failing(later))(),
  'in Promise.all, left alone': () => void Promise.all([failing(), failing(later)]),
  'in Promise.allSettled': () => Promise.allSettled([failing(), failing(later)]),
  'in a lost race': () => Promise.race([failing(later), Promise.resolve()]),
  'resolves another, left alone': () => void new Promise((resolve) => resolve(failing())),
  'subclass left alone': () => void failing(() => Sub.reject(new Error('theirs'))),
  'subclass caught': () => failing(() => Sub.reject(new Error('theirs'))).catch(ignore),
  'subclass, then only': () => void failing(() => Sub.reject(new Error('theirs'))).then(ignore),
  'only looked at': () => String(failing(later)),
  'asked for its class only': () => failing(later).constructor.name,
  'asked for its class only, rejected before': () => failing().constructor.name,
  'asked for its class, then caught': async () => {
    const promise = failing();
    if (promise.constructor !== Promise) return;
    await null;
    promise.catch(ignore);
  },
  'in an array that a loop waits for, caught': async () => {
    try {
      for await (const _ of [failing(later)]);
    } catch {
      // theirs
    }
  },
  'in an array that a loop waits for, left alone': () =>
    void (async () => {
      for await (const _ of [failing(later)]);
    })(),
  'loop over a failing stream, left alone': () =>
    void (async () => {
      for await (const _ of failingStream());
    })(),
  'steps of a failing stream, left alone': () => {
    const stream = failingStream();
    for (let step = 0; step < 3; step++) void stream.next();
  },
  'unread stream': () => void failingStream(),
};

const seen: Record<string, string[]> = {};
for (const [name, run] of Object.entries(scenarios)) {
  const events: string[] = [];
  seen[name] = events;
  const onUnhandled = (error: unknown): number => events.push(`unhandled ${error}`);
  const onHandled = (): number => events.push('handled later');
  process.on('unhandledRejection', onUnhandled).on('rejectionHandled', onHandled);
  await run();
  await wait(15);
  process.off('unhandledRejection', onUnhandled).off('rejectionHandled', onHandled);
}
process.stdout.write(JSON.stringify(seen));
