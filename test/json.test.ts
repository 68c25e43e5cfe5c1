import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toJsonData } from '../src/json.ts';

class Point {
  x = 1;
  #hidden = 2;
  get sum(): number {
    return this.x + this.#hidden;
  }
}

function thrower(): never {
  throw new Error('not yours');
}

const revoked = Proxy.revocable({}, {});
revoked.revoke();

const error = Object.assign(new TypeError('bad'), { code: 'E_BAD' });
const cycle: { name: string; self?: unknown; list: unknown[] } = { name: 'c', list: [] };
cycle.self = cycle;
cycle.list.push(cycle);
const shared = { a: 1 };
const unprintable = Object.create(null) as object;

/** Name, value, what it becomes. */
const CASES: readonly [name: string, value: unknown, copy: unknown][] = [
  ['null', null, null],
  ['undefined', undefined, null],
  ['a boolean', true, true],
  ['a number', 1.5, 1.5],
  ['NaN', Number.NaN, 'NaN'],
  ['an infinity', Number.NEGATIVE_INFINITY, '-Infinity'],
  ['a BigInt', 2n ** 64n, '18446744073709551616'],
  ['a huge BigInt', 1n << 70_000n, '[BigInt, not recorded: too large]'],
  ['text', 'żółw 🐢', 'żółw 🐢'],
  ['text with half a character', 'a\ud83d', 'a\ufffd'],
  ['a symbol', Symbol('s'), 'Symbol(s)'],
  ['a function', thrower, '[Function thrower]'],
  [
    'a function without a name',
    (
      () => () =>
        1
    )(),
    '[Function anonymous]',
  ],
  ['a class', Point, '[Function Point]'],
  ['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
  ['no date', new Date(Number.NaN), 'Invalid Date'],
  ['an error with fields', error, { name: 'TypeError', message: 'bad', code: 'E_BAD' }],
  [
    'an error with a cause',
    new Error('outer', { cause: new RangeError('inner') }),
    { name: 'Error', message: 'outer', cause: { name: 'RangeError', message: 'inner' } },
  ],
  [
    'several errors in one',
    new AggregateError([error], 'all'),
    {
      name: 'AggregateError',
      message: 'all',
      errors: [{ name: 'TypeError', message: 'bad', code: 'E_BAD' }],
    },
  ],
  [
    'a map',
    new Map<unknown, unknown>([
      ['a', 1],
      [2, { b: 3 }],
    ]),
    { a: 1, '2': { b: 3 } },
  ],
  ['a map with a key that has no text', new Map([[unprintable, 1]]), { '[unreadable key]': 1 }],
  ['a set', new Set(['a', 1]), ['a', 1]],
  ['a typed array', Float32Array.of(0.5, Number.NaN), [0.5, 'NaN']],
  ['a BigInt array', BigInt64Array.of(7n), ['7']],
  ['a buffer', Buffer.from('secret'), '[Buffer, 6 bytes]'],
  ['an ArrayBuffer', new ArrayBuffer(8), '[ArrayBuffer, 8 bytes]'],
  ['a regular expression', /a+/gi, '/a+/gi'],
  ['a URL', new URL('http://a.test/b'), 'http://a.test/b'],
  ['a promise', Promise.resolve(1), '[Promise]'],
  ['a weak map', new WeakMap(), '[WeakMap]'],
  ['boxed primitives', [Object(1), Object('a'), Object(false)], [1, 'a', false]],
  ['an object of a class', new Point(), { x: 1 }],
  ['an object without a prototype', Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
  ['properties that hold nothing', { a: undefined, b: null }, { b: null }],
  ['items that hold nothing', [undefined, thrower], [null, '[Function thrower]']],
  ['a hole', new Array(2), [null, null]],
  ['a cycle', cycle, { name: 'c', list: ['[Circular]'], self: '[Circular]' }],
  ['the same object twice', [shared, shared], [{ a: 1 }, { a: 1 }]],
  ['toJSON', { toJSON: () => ({ a: 1n }) }, { a: '1' }],
  [
    'toJSON that returns the object itself',
    {
      a: 1,
      toJSON(): unknown {
        return this;
      },
    },
    { a: 1, toJSON: '[Function toJSON]' },
  ],
  ['toJSON that throws', { toJSON: thrower }, '[Object, unreadable: not yours]'],
  ['toJSON of a nested class', [{ d: new Date(0) }], [{ d: '1970-01-01T00:00:00.000Z' }]],
  [
    'a getter',
    {
      get a() {
        return 1;
      },
    },
    { a: 1 },
  ],
  [
    'a getter that throws',
    {
      get a() {
        return thrower();
      },
      b: 2,
    },
    { a: '[Object, unreadable: not yours]', b: 2 },
  ],
  ['a proxy', new Proxy({ a: 1 }, {}), { a: 1 }],
  ['a proxy that throws', new Proxy({}, { ownKeys: thrower }), '[Object, unreadable: not yours]'],
];

describe('a snapshot', () => {
  for (const [name, value, copy] of CASES) {
    it(`of ${name} is plain data`, () => {
      const snapshot = toJsonData(value);
      expect(snapshot).toEqual(copy);
      expect(JSON.parse(JSON.stringify(snapshot))).toEqual(copy);
    });
  }

  it('of a revoked proxy says that it cannot be read', () => {
    expect(toJsonData(revoked.proxy)).toMatch(/^\[Object, unreadable: /);
  });

  it('keeps a key named __proto__ as one like any other', () => {
    const snapshot = toJsonData(JSON.parse('{"__proto__": {"polluted": true}, "a": 1}')) as object;
    expect(Object.getPrototypeOf(snapshot)).toBe(Object.prototype);
    expect(JSON.stringify(snapshot)).toBe('{"__proto__":{"polluted":true},"a":1}');
    expect(({} as { polluted?: true }).polluted).toBeUndefined();
  });

  it('does not change with what it was made of', () => {
    const value = { list: [1], map: new Map([['a', 1]]) };
    const snapshot = toJsonData(value);
    value.list.push(2);
    value.map.set('b', 2);
    expect(snapshot).toEqual({ list: [1], map: { a: 1 } });
  });

  it('does not iterate what a subclass makes endless', () => {
    class Endless extends Set {
      override *values(): SetIterator<unknown> {
        for (;;) yield 1;
      }
    }
    expect(toJsonData(new Endless(['a']))).toEqual(['a']);
  });
});

describe('limits', () => {
  it('cut a string, never through a character, and say by how much', () => {
    expect(toJsonData('abcdef', { stringLength: 4 })).toBe('abcd… [2 more characters]');
    expect(toJsonData('abc🐢', { stringLength: 4 })).toBe('abc… [1 more characters]');
  });

  it('cut lists and objects, and say by how much', () => {
    expect(toJsonData([1, 2, 3, 4], { items: 2 })).toEqual([1, 2, '… [2 more items]']);
    expect(toJsonData(new Set([1, 2, 3]), { items: 2 })).toEqual([1, 2, '… [1 more items]']);
    expect(toJsonData({ a: 1, b: 2, c: 3 }, { items: 2 })).toEqual({ a: 1, b: 2, '…': '[1 more properties]' });
    expect(toJsonData(new Uint8Array(5), { items: 1 })).toEqual([0, '… [4 more items]']);
  });

  it('stop at a depth', () => {
    expect(toJsonData({ a: { b: { c: [1] } } }, { depth: 2 })).toEqual({
      a: { b: '[Object, not recorded: too large]' },
    });
  });

  it('stop at so many values, and at so many characters', () => {
    expect(toJsonData([[1, 2], [3, 4], [5]], { values: 6 })).toEqual([
      [1, 2],
      [3, '… [1 more items]'],
      '… [1 more items]',
    ]);
    expect(toJsonData(['abc', 'def', { a: 1 }], { characters: 4 })).toEqual([
      'abc',
      'd… [2 more characters]',
      '[Object, not recorded: too large]',
    ]);
  });

  it('hold for what would take minutes: a deep chain, a wide object, a shared web', () => {
    let chain: unknown = 1;
    for (let depth = 0; depth < 100_000; depth++) chain = { chain };
    const wide = Object.fromEntries(Array.from({ length: 200_000 }, (_, index) => [`k${index}`, index]));
    let web: unknown[] = [1];
    for (let depth = 0; depth < 19; depth++) web = Array.from({ length: 20 }, () => web);
    const startedAtMs = Date.now();
    for (const value of [chain, wide, web])
      expect(JSON.stringify(toJsonData(value)).length).toBeLessThan(3_000_000);
    expect(Date.now() - startedAtMs).toBeLessThan(3000);
  });
});

/** Anything, with what JSON cannot hold and what throws. */
const anything = fc.anything({
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withNullPrototype: true,
  withObjectString: true,
  withSparseArray: true,
  withTypedArray: true,
  withUnicodeString: true,
});

const hostile = fc.anything().map((value) => ({
  value,
  get broken(): unknown {
    return thrower();
  },
  toJSON: typeof value === 'number' ? thrower : () => [value, thrower, Symbol.iterator],
}));

const limits = fc.record(
  { stringLength: fc.nat(20), items: fc.nat(5), depth: fc.nat(4), values: fc.nat(30), characters: fc.nat(40) },
  { requiredKeys: [] },
);

describe('whatever the value', () => {
  it('the snapshot survives JSON unchanged, is well-formed, and nothing is thrown', () => {
    fc.assert(
      fc.property(fc.oneof(anything, hostile), (value) => {
        const snapshot = toJsonData(value);
        const text = JSON.stringify(snapshot);
        expect(text.isWellFormed()).toBe(true);
        expect(JSON.stringify(JSON.parse(text))).toBe(text);
        expect(JSON.stringify(toJsonData(snapshot))).toBe(text);
      }),
      { numRuns: 300 },
    );
  });

  it('the limits bound it', () => {
    fc.assert(
      fc.property(fc.oneof(anything, hostile), limits, (value, bounds) => {
        const text = JSON.stringify(toJsonData(value, bounds));
        expect(text.length).toBeLessThan(200_000);
        expect(JSON.parse(text)).toBeDefined();
      }),
      { numRuns: 200 },
    );
  });
});
