// biome-ignore-all lint/suspicious/noThenProperty: thenables are what these tests are about.

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { runInNewContext } from 'node:vm';
import { describe, expect, it, vi } from 'vitest';
import { observeOutcome } from '../../src/patching/observe-outcome.ts';

/** Observes a value and gathers what is told. */
function observe(value: unknown): unknown[][] {
  const told: unknown[][] = [];
  observeOutcome(value, {
    resolved: (result) => told.push(['resolved', result]),
    rejected: (error) => told.push(['rejected', error]),
  });
  return told;
}

/** Counts how often it is asked, as a promise that starts its work then would. */
class Lazy<T> extends Promise<T> {
  static started = 0;
  override then: Promise<T>['then'] = (onFulfilled, onRejected) => {
    Lazy.started += 1;
    return super.then(onFulfilled, onRejected);
  };
}

const error = new Error('theirs');

describe('a value that is no promise', () => {
  it.each([7, 'x', null, undefined, {}, [], { then: 7 }, () => 1])('is told at once: %o', (value) => {
    expect(observe(value)).toEqual([['resolved', value]]);
  });
});

/** What programs do to wait for a promise. */
const ways: Record<string, (promise: Promise<unknown>) => unknown> = {
  await: async (promise) => await promise,
  'return from an async function': async (promise) => promise,
  then: (promise) => promise.then((value) => value),
  'then without handlers': (promise) => promise.then(),
  catch: (promise) => promise.catch((reason) => reason),
  finally: (promise) => promise.finally(() => undefined),
  'Promise.all': (promise) => Promise.all([promise]),
  'Promise.race': (promise) => Promise.race([promise]),
  'Promise.any': (promise) => Promise.any([promise]),
  'Promise.allSettled': (promise) => Promise.allSettled([promise]),
  'Promise.resolve': (promise) => Promise.resolve(promise).then((value) => value),
  'the resolution of another': (promise) => new Promise((resolve) => resolve(promise)),
  'yield of an async generator': (promise) =>
    (async function* () {
      yield promise;
    })().next(),
};

describe.each(Object.entries(ways))('%s', (_, wait) => {
  it('tells what a promise resolves to, before the program hears it', async () => {
    const promise = Promise.resolve({ id: 1 });
    const told = observe(promise);
    expect(told).toEqual([]);
    const expected = await wait(Promise.resolve(await promise));
    const again = Promise.resolve({ id: 1 });
    const toldAgain = observe(again);
    expect(await wait(again)).toEqual(expected);
    expect(toldAgain).toEqual([['resolved', { id: 1 }]]);
    expect(Object.hasOwn(again, 'constructor')).toBe(false);
  });

  it('tells what a promise rejects with', async () => {
    const promise = Promise.reject(error);
    const told = observe(promise);
    await Promise.resolve(wait(promise)).catch(() => undefined);
    expect(told).toEqual([['rejected', error]]);
  });

  it('starts a lazy promise no earlier and no more often', async () => {
    const before = Lazy.started;
    await wait(Lazy.resolve(1));
    const plain = Lazy.started - before;
    const promise = Lazy.resolve(1);
    const told = observe(promise);
    expect(Lazy.started - before - plain).toBe(0);
    await wait(promise);
    expect(Lazy.started - before - plain).toBe(plain);
    expect(told).toEqual([['resolved', 1]]);
  });
});

describe('a promise in an array that a loop waits for', () => {
  const first = async (promise: Promise<unknown>): Promise<unknown> => {
    for await (const value of [promise]) return value;
    return undefined;
  };

  it('tells what it resolves to, soon after', async () => {
    const promise = Promise.resolve({ id: 1 });
    const told = observe(promise);
    expect(await first(promise)).toEqual({ id: 1 });
    await vi.waitFor(() => expect(told).toEqual([['resolved', { id: 1 }]]));
  });

  it('tells what it rejects with as that is shown, soon after', async () => {
    const promise = Promise.reject(error);
    const told = observe(promise);
    await expect(first(promise)).rejects.toBe(error);
    await vi.waitFor(() => expect(told).toMatchObject([['rejected', { message: 'theirs' }]]));
  });
});

describe('an observed promise', () => {
  it('is subscribed to by nobody who only reads its constructor, and told of all the same', async () => {
    const promise = Promise.resolve(7);
    const told = observe(promise);
    for (let turn = 0; turn < 3; turn++) {
      expect([promise.constructor, promise.constructor.name]).toEqual([Promise, 'Promise']);
      await null;
    }
    await vi.waitFor(() => expect(told).toEqual([['resolved', 7]]));
  });

  it('is told of once when it is asked in the turn in which its constructor was read', async () => {
    const promise = Promise.resolve(7);
    const told = observe(promise);
    expect(promise.constructor).toBe(Promise);
    const same = Promise.resolve(promise);
    expect(same).toBe(promise);
    const heard = same.then((value) => [value, [...told]]);
    expect(await heard).toEqual([7, [['resolved', 7]]]);
  });

  it('looks as before', () => {
    const promise = Promise.resolve(7);
    const before = [inspect(promise), Object.keys(promise), JSON.stringify(promise), String(promise)];
    observe(promise);
    expect([inspect(promise), Object.keys(promise), JSON.stringify(promise), String(promise)]).toEqual(before);
    expect([promise instanceof Promise, promise.constructor]).toEqual([true, Promise]);
  });

  it('tells several observers', async () => {
    const promise = Promise.resolve(7);
    const told = [observe(promise), observe(promise)];
    await promise;
    expect(told).toEqual([[['resolved', 7]], [['resolved', 7]]]);
  });

  it('is left alone when it is frozen', async () => {
    const promise = Object.freeze(Promise.resolve(7));
    expect(observe(promise)).toEqual([]);
    expect(await promise).toBe(7);
  });

  it('may come from another realm', async () => {
    const promise = runInNewContext('Promise.resolve(7)') as Promise<number>;
    const told = observe(promise);
    expect(await promise).toBe(7);
    expect(told).toEqual([['resolved', 7]]);
  });

  it('may have its constructor set', async () => {
    const promise = Promise.resolve(7);
    const told = observe(promise);
    promise.constructor = Lazy;
    expect(promise.constructor).toBe(Lazy);
    await promise;
    expect(told).toEqual([['resolved', 7]]);
  });
});

describe('a thenable', () => {
  it('is started when the program asks, once for each time', async () => {
    let started = 0;
    const query = {
      then(resolve: (value: unknown) => void): void {
        started += 1;
        resolve('rows');
      },
    };
    const told = observe(query);
    expect([started, told]).toEqual([0, []]);
    expect(await query).toBe('rows');
    expect(await query).toBe('rows');
    expect([started, told]).toEqual([2, [['resolved', 'rows']]]);
  });

  it('may reject, throw, or have a getter that throws', async () => {
    const rejecting = { then: (_: unknown, reject: (reason: unknown) => void) => reject(error) };
    const told = observe(rejecting);
    await expect(Promise.resolve(rejecting)).rejects.toBe(error);
    expect(told).toEqual([['rejected', error]]);
  });
});

it('raises the unhandled rejections that there are without observing', () => {
  const program = fileURLToPath(new URL('observe-unhandled-program.ts', import.meta.url));
  const run = (mode: string) =>
    JSON.parse(execFileSync(process.execPath, [program, mode], { encoding: 'utf8' })) as Record<string, string[]>;
  const plain = run('plain');
  expect(run('observed')).toEqual(plain);
  expect(Object.values(plain).flat().length).toBeGreaterThan(8);
});
