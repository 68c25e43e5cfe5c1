import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { intercept } from '../../src/patching/intercept.ts';
import type { Observer } from '../../src/patching/interceptor.ts';
import { runProgram } from '../hostile/surroundings.ts';

beforeEach(() => {
  process.env.AUTOLOG_TESTING = '1';
});

afterEach(() => {
  delete process.env.AUTOLOG_TESTING;
});

/** Calls a function whose hooks do something to the arguments, and returns what came out. */
function callWith(args: readonly unknown[], begin: (args: readonly unknown[]) => Observer | undefined): unknown {
  const target = { fn: (...all: unknown[]) => all.length };
  intercept(target, 'fn', { name: 'test fn', begin: (call) => begin(call.args) });
  return target.fn(...args);
}

type Args = Record<string, unknown>[];

describe('arguments that a hook changes', () => {
  const CHANGES: readonly (readonly [
    what: string,
    args: () => unknown[],
    change: (args: Args) => void,
    at: string,
  ])[] = [
    ['a property', () => [{ a: 1 }], ([first]) => Object.assign(first as object, { a: 2 }), 'args[0][a]'],
    ['a new property', () => [{ a: 1 }], ([first]) => Object.assign(first as object, { b: 2 }), 'args[0][b]'],
    [
      'a lost property',
      () => [{ a: 1 }],
      ([first]) => void Reflect.deleteProperty(first as object, 'a'),
      'args[0][a]',
    ],
    [
      'a list deep inside',
      () => [{ a: { b: [1] } }],
      (args) => void (args as unknown as [{ a: { b: number[] } }])[0].a.b.push(2),
      'args[0][a][b][length]',
    ],
    [
      'an object that is there twice',
      () => {
        const a = { b: 1 };
        return [a, { a }];
      },
      ([first]) => Object.assign(first as object, { b: 2 }),
      'args[0][b]',
    ],
    [
      'a map',
      () => [new Map([['a', 1]])],
      ([first]) => void (first as unknown as Map<string, number>).set('a', 2),
      'args[0]{0}=',
    ],
    ['a set', () => [new Set([1])], ([first]) => void (first as unknown as Set<number>).add(2), 'args[0]{1}'],
    ['the list of arguments', () => [1, 2], (args) => void args.pop(), 'args[1]'],
  ];

  it.each(CHANGES)('are told of before the original: %s', (_what, args, change, at) => {
    const begin = (given: readonly unknown[]): undefined => change(given as Args) as undefined;
    expect(() => callWith(args(), begin)).toThrow(`a hook has changed what the caller passed, at ${at}`);
  });

  it.each(CHANGES)('are told of after it: %s', (_what, args, change, at) => {
    const begin = (given: readonly unknown[]): Observer => ({ resolved: () => change(given as Args) });
    expect(() => callWith(args(), begin)).toThrow(`a hook has changed what the caller passed, at ${at}`);
  });

  it('may be instances whose state changes by being read, and getters are not asked', () => {
    class Lazy {
      known = 0;
      get size(): number {
        this.known += 1;
        return this.known;
      }
    }
    const lazy = new Lazy();
    const options = {
      get never(): never {
        throw new Error('asked');
      },
    };
    const begin = (given: readonly unknown[]): undefined => void (given[0] as Lazy).size as undefined;
    expect(callWith([lazy, options], begin)).toBe(2);
    expect(lazy.known).toBe(1);
  });

  it('may go in a circle, and be long', () => {
    const circle: unknown[] = new Array(100_000).fill(0);
    circle[0] = circle;
    expect(callWith([circle], () => undefined)).toBe(1);
  });
});

describe('arguments that take the place of others', () => {
  class Settings {
    readonly handlers: readonly unknown[];
    readonly state = {};
    constructor(handlers: readonly unknown[]) {
      this.handlers = handlers;
    }
  }
  const [a, b, ours] = [{ a: 1 }, { b: 2 }, { ours: true }];
  const fn = () => 1;
  const handlers = new Settings([a]);

  it.each<[what: string, given: unknown[], passed: unknown[]]>([
    ['the same', [a, 1], [a, 1]],
    ['one more', [a], [a, ours]],
    ['something for nothing', [undefined, null], [ours, [ours]]],
    ['a longer list', [{ list: [a, b] }], [{ list: [a, ours, b] }]],
    ['a copy', [{ x: 1, list: [a] }], [{ x: 1, list: [{ a: 1 }], more: 2 }]],
    ['an heir', [handlers], [Object.create(handlers, { more: { value: 1 } })]],
    ['another instance with a longer list', [handlers], [new Settings([ours, a])]],
    ['a wrapped function', [fn], [() => fn()]],
  ])('may be %s', (_what, given, passed) => {
    expect(callWith(given, () => ({ args: passed }))).toBe(passed.length);
  });

  it.each<[what: string, given: unknown[], passed: unknown[], at: string]>([
    ['fewer', [1, 2], [1], 'args[1]'],
    ['another value', ['a', 1], ['a', 2], 'args[1]'],
    ['of another kind', [fn], [ours], 'args[0]'],
    ['of another class', [handlers], [{ handlers: [a] }], 'args[0]'],
    ['without a property', [{ x: 1, y: { z: 2 } }], [{ x: 1, y: {} }], 'args[0][y][z]'],
    ['a list that lacks one', [[a, b]], [[a, ours]], 'args[0][1]'],
    ['a list in another order', [[a, b]], [[b, a]], 'args[0][1]'],
    ['an instance whose list lacks one', [handlers], [new Settings([ours])], 'args[0][handlers][0]'],
  ])('may not be %s', (_what, given, passed, at) => {
    expect(() => callWith(given, () => ({ args: passed }))).toThrow(
      `other arguments lack what the caller passed, at ${at}`,
    );
  });

  it('may leave out what was added before', () => {
    const added = { handler: 'ours' };
    callWith([[a]], () => ({ args: [[a, added]] }));
    expect(callWith([[added, a]], () => ({ args: [[a]] }))).toBe(1);
  });
});

describe('a hook in whose context the original runs', () => {
  it.each<[times: number, run: NonNullable<Observer['run']>]>([
    [0, () => undefined as never],
    [
      2,
      (fn) => {
        fn();
        return fn();
      },
    ],
  ])('is told of when it runs it %d times', (times, run) => {
    expect(() => callWith([], () => ({ run }))).toThrow(`the original was run ${times} times, not once`);
  });
});

describe('what is found too late for the call', () => {
  const PROGRAM = `
    import { intercept } from '${new URL('../../src/patching/intercept.ts', import.meta.url).href}';
    const library = { later: async (options) => 'value', fail: () => { throw new Error('theirs'); } };
    const hook = () => { throw new Error('ours'); };
    for (const event of ['uncaughtException', 'unhandledRejection']) {
      process.on(event, (error) => console.log(event, error.message));
    }
  `;

  it('comes up as an unhandled rejection after a promise, which the caller gets as it is', async () => {
    const { stdout, stderr } = await runProgram(
      `${PROGRAM}
      intercept(library, 'later', { name: 'test later', begin: () => ({ resolved: hook }) });
      console.log(await library.later());
      intercept(library, 'later', { name: 'other later', begin: ({ args }) => ({ resolved: () => args[0].list.push(1) }) });
      console.log(await library.later({ list: [] }));`,
      { env: { AUTOLOG_TESTING: '1' } },
    );
    expect(stdout.trim().split('\n').sort()).toEqual([
      'unhandledRejection ours',
      'unhandledRejection ours',
      'value',
      'value',
    ]);
    expect(stderr).toBe('');
  });

  it("comes up as an uncaught error where the caller gets the original's", async () => {
    const { stdout, stderr } = await runProgram(
      `${PROGRAM}
      const run = (fn) => { fn(); hook(); };
      intercept(library, 'fail', { name: 'test fail', begin: () => ({ run, rejected: hook }) });
      try { library.fail(); } catch (error) { console.log('caught', error.message); }`,
      { env: { AUTOLOG_TESTING: '1' } },
    );
    expect(stdout.trim().split('\n')).toEqual([
      'caught theirs',
      'uncaughtException ours',
      'uncaughtException ours',
    ]);
    expect(stderr).toBe('');
  });
});
