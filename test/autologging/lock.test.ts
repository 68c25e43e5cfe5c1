import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createLock } from '../../src/autologging/lock.ts';

/** Notes when a piece of work begins and ends. */
function createWork() {
  const steps: string[] = [];
  return {
    steps,
    async work(name: string, turns = 2): Promise<string> {
      steps.push(`${name} begins`);
      for (let count = 0; count < turns; count++) await turn();
      steps.push(`${name} ends`);
      return name;
    },
  };
}

describe('a lock', () => {
  it('runs work at once while it is free, and returns its result', () => {
    const lock = createLock('test');
    expect(lock.run(() => 1)).toBe(1);
    expect(lock.run(() => 2)).toBe(2);
  });

  it('is held until asynchronous work has settled, and taken in order', async () => {
    const lock = createLock('test');
    const { steps, work } = createWork();
    const results = ['a', 'b', 'c'].map((name) => lock.run(() => work(name)));
    expect(steps).toEqual(['a begins']);
    expect(await Promise.all(results)).toEqual(['a', 'b', 'c']);
    expect(steps).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
    expect(lock.run(() => 'free')).toBe('free');
  });

  it('may be entered again by whoever holds it, before and after a pause', async () => {
    const lock = createLock('test');
    const { steps, work } = createWork();
    const outer = lock.run(async () => {
      steps.push('outer begins');
      expect(lock.run(() => 'inner')).toBe('inner');
      await turn();
      await lock.run(() => work('inner', 1));
      await turn();
      steps.push('outer ends');
    });
    const other = lock.run(() => work('other'));
    await Promise.all([outer, other]);
    expect(steps).toEqual([
      'outer begins',
      'inner begins',
      'inner ends',
      'outer ends',
      'other begins',
      'other ends',
    ]);
  });

  it('is held as long as anything that was entered again', async () => {
    const lock = createLock('test');
    const { steps, work } = createWork();
    let inner: unknown;
    void lock.run(() => {
      inner = lock.run(() => work('inner'));
    });
    const other = lock.run(() => work('other'));
    await Promise.all([inner, other]);
    expect(steps).toEqual(['inner begins', 'inner ends', 'other begins', 'other ends']);
  });

  it('makes work that outlasts its turn stand in line like others', async () => {
    const lock = createLock('test');
    const { steps, work } = createWork();
    let detached: Promise<unknown> | undefined;
    void lock.run(() => {
      detached = turn().then(() => lock.run(() => work('detached', 0)));
    });
    const other = lock.run(() => work('other', 4));
    await Promise.all([detached, other]);
    expect(steps).toEqual(['other begins', 'other ends', 'detached begins', 'detached ends']);
  });

  it('is given back by work that fails, and passes its error on', async () => {
    const lock = createLock('test');
    const error = new Error('mine');
    const fail = (): never => {
      throw error;
    };
    expect(() => lock.run(fail)).toThrow(error);
    const rejected = lock.run(() => turn().then(fail));
    const waiting = [lock.run(fail), lock.run(() => Promise.reject(error)), lock.run(() => 'last')];
    await expect(rejected).rejects.toBe(error);
    const outcomes = await Promise.allSettled(waiting);
    expect(outcomes).toEqual([
      { status: 'rejected', reason: error },
      { status: 'rejected', reason: error },
      { status: 'fulfilled', value: 'last' },
    ]);
    expect(lock.run(() => 'free')).toBe('free');
  });

  it('is not held against another lock', () => {
    const [one, two] = [createLock('one'), createLock('two')];
    void one.run(() => turn());
    expect(two.run(() => 'free')).toBe('free');
  });
});
