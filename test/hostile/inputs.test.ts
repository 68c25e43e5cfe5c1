import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { autolog, endRun, type MlflowClient, resetAutolog, type Span, withSpan } from '../../src/index.ts';
import { autologgingIntegration } from '../../src/integration.ts';
import { query } from '../store/raw-database.ts';
import { databaseIn, useNewStore, watchStderr } from './surroundings.ts';

autologgingIntegration('echoer', {
  packages: { echoer: '*' },
  patches: [{ target: 'echo', span: { name: 'echo', type: 'TOOL' } }],
});

let folder: string;
let client: MlflowClient;
let stderr: { readonly text: string };
let library: { echo(value: unknown): unknown };

beforeEach(() => {
  ({ folder, client } = useNewStore());
  stderr = watchStderr();
  library = { echo: (value) => value };
  autolog({ modules: { echoer: library } });
});

afterEach(() => {
  endRun();
  resetAutolog();
});

/** Passes a value through a patched function, and returns what of it was recorded. */
async function recorded(value: unknown): Promise<unknown> {
  expect(library.echo(value)).toBe(value);
  const span = await onlySpan();
  expect(span.attributes['mlflow.spanOutputs']).toEqual(span.attributes['mlflow.spanInputs']);
  expect(stderr.text).toBe('');
  return span.attributes['mlflow.spanInputs'];
}

async function onlySpan(): Promise<Span> {
  const [info] = (await client.searchTraces({ experimentIds: ['0'] })).items;
  const { spans } = await client.getTrace(info?.traceId ?? '');
  return spans[0] as Span;
}

class Secretive {
  readonly #hidden = 'hidden';
  shown = 1;
  get length(): number {
    return this.#hidden.length;
  }
}

const cyclic: Record<string, unknown> = { name: 'a' };
cyclic.self = cyclic;
cyclic.list = [cyclic];
const own = { toJSON: (): unknown => own, a: 1 };

describe('inputs and outputs', () => {
  const VALUES: readonly (readonly [string, unknown, unknown])[] = [
    ['cycles', cyclic, { name: 'a', self: '[Circular]', list: ['[Circular]'] }],
    [
      'the same object twice',
      [own, own],
      [
        { toJSON: '[Function toJSON]', a: 1 },
        { toJSON: '[Function toJSON]', a: 1 },
      ],
    ],
    ['an object with a getter that throws', withGetter(), { good: 1, bad: '[Object, unreadable: no]' }],
    ['a proxy that throws', { proxy: throwingProxy({}) }, { proxy: '[Object, unreadable: trap]' }],
    ['a proxy of a function', { proxy: throwingProxy(() => 1) }, { proxy: '[Object, unreadable: trap]' }],
    ['a revoked proxy', [revoked()], [expect.stringMatching(/^\[Object, unreadable: /)]],
    ['toJSON that throws', { a: { toJSON: thrower } }, { a: '[Object, unreadable: no]' }],
    ['toJSON that returns itself', own, { toJSON: '[Function toJSON]', a: 1 }],
    ['toJSON without end', { a: endless() }, { a: expect.stringMatching(/too large/) }],
    [
      'numbers',
      [1.5, -0, Number.NaN, Infinity, -Infinity, 2n ** 70n],
      [1.5, 0, 'NaN', 'Infinity', '-Infinity', String(2n ** 70n)],
    ],
    [
      'symbols and functions',
      [Symbol('s'), Symbol.iterator, thrower, class A {}],
      ['Symbol(s)', 'Symbol(Symbol.iterator)', '[Function thrower]', '[Function A]'],
    ],
    ['nothing', [undefined, null, { a: undefined }], [null, null, {}]],
    ['typed arrays', [new Float32Array([0.5]), new Uint8Array(2)], [[0.5], [0, 0]]],
    ['bytes', [Buffer.from('x'), new ArrayBuffer(8)], ['[Buffer, 1 bytes]', '[ArrayBuffer, 8 bytes]']],
    ['private fields', new Secretive(), { shown: 1 }],
    [
      'maps and sets',
      [
        new Map<unknown, unknown>([
          ['a', 1],
          [2, new Set([3])],
        ]),
      ],
      [{ a: 1, 2: [3] }],
    ],
    ['dates', [new Date(0), new Date(Number.NaN)], ['1970-01-01T00:00:00.000Z', 'Invalid Date']],
    ['errors', new TypeError('t'), { name: 'TypeError', message: 't' }],
    ['promises', [Promise.resolve(1), new WeakMap()], ['[Promise]', '[WeakMap]']],
    ['boxed values', [Object('a'), Object(1), Object(false)], ['a', 1, false]],
    ['lone surrogates and NUL', 'a\ud83d\0b\udc00', 'a\ufffd\0b\ufffd'],
  ];

  test.each(VALUES)('may hold %s', async (_what, value, expected) => {
    expect(await recorded(value)).toEqual(expected);
  });

  test('may hold __proto__ and the like as keys', async () => {
    const value: unknown = JSON.parse('{"__proto__":{"a":1},"constructor":{"prototype":2},"hasOwnProperty":3}');
    const result = (await recorded(value)) as object;
    expect(JSON.stringify(result)).toBe(JSON.stringify(value));
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
    expect(({} as { a?: number }).a).toBeUndefined();
  });

  test('are stored as UTF-8 and JSON that others can read', async () => {
    await recorded({ text: 'a\ud83d\0b', '\udc00': '😀'.repeat(1000) });
    const rows = query(
      databaseIn(folder),
      'SELECT hex(content), hex(request_preview) FROM spans JOIN trace_info ON trace_id = request_id',
    );
    for (const hex of (rows[0] ?? []) as string[]) {
      const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(hex, 'hex'));
      expect(text).not.toMatch(/\\ud[89a-f]/i);
    }
  });

  test('are cut in previews between characters, never within one', async () => {
    await recorded('x'.concat('😀'.repeat(2000)));
    const [info] = (await client.searchTraces({ experimentIds: ['0'] })).items;
    expect(info?.requestPreview?.isWellFormed()).toBe(true);
    expect(info?.requestPreview).not.toContain('\ufffd');
    expect(Object.values(info?.metadata ?? {}).join()).not.toContain('\ufffd');
  });
});

describe('huge inputs', () => {
  const HUGE: readonly (readonly [string, () => unknown])[] = [
    ['a string of 100 MB', () => Buffer.alloc(100_000_000, 'x').toString('latin1')],
    ['1,000 strings of 100,000 characters', () => Array.from({ length: 1000 }, () => 'x'.repeat(100_000))],
    ['an array of a million objects', () => Array.from({ length: 1_000_000 }, (_, i) => ({ i }))],
    [
      'a thousand arrays of a thousand',
      () => Array.from({ length: 1000 }, () => Array.from({ length: 1000 }, (_, i) => i)),
    ],
    ['a set of a million', () => new Set(Array.from({ length: 1_000_000 }, (_, i) => i))],
    ['a map of a million', () => new Map(Array.from({ length: 1_000_000 }, (_, i) => [i, i]))],
    ['a typed array of 50 million', () => new Float32Array(50_000_000)],
    ['100,000 levels', () => nested(100_000)],
    ['an integer of a million digits', () => 10n ** 1_000_000n],
    ['a set that never ends', () => new EndlessSet([1])],
    [
      'an array that claims to be huge',
      () => new Proxy([], { get: (_, key) => (key === 'length' ? 2 ** 53 : 1) }),
    ],
  ];

  test.each(HUGE)('as %s are cut, and block the program for less than 50 ms', async (what, make) => {
    library.echo('warm');
    const value = make();
    const timesMs = Array.from({ length: 3 }, () => {
      const begin = performance.now();
      library.echo(value);
      return performance.now() - begin;
    });
    // Recorded twice, as input and as output; what else the machine does disturbs single measurements.
    expect(Math.min(...timesMs), what).toBeLessThan(2 * 50);
    await client.searchTraces({ experimentIds: ['0'] });
    const [[size]] = query(databaseIn(folder), 'SELECT max(length(content)) FROM spans') as [[number]];
    expect(size).toBeLessThan(5_000_000);
    expect(size).toBeGreaterThan(100);
    expect(stderr.text).toBe('');
  });

  test('as objects of 100,000 properties are listed a few times at most, however often they come', () => {
    const big = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`key${i}`, i]));
    const begin = performance.now();
    library.echo(Array.from({ length: 1000 }, () => big));
    expect(performance.now() - begin).toBeLessThan(1000);
  });
});

describe('what is thrown', () => {
  const THROWN: readonly (readonly [string, unknown, string])[] = [
    ['nothing', undefined, 'undefined'],
    ['a symbol', Symbol('s'), 'Symbol(s)'],
    ['an object without prototype', Object.create(null), 'unknown error'],
    ['a proxy that throws', throwingProxy({}), 'unknown error'],
    ['an error whose message is none', Object.assign(new Error('m'), { message: Symbol('s') }), 'Symbol(s)'],
    ['an error whose stack throws', Object.defineProperty(new Error('m'), 'stack', { get: thrower }), 'm'],
    ['an error with a lone surrogate', new Error('a\ud83d'), 'a\ufffd'],
  ];

  test.each(THROWN)('may be %s, and comes through as it is', async (_what, thrown, message) => {
    let caught: unknown;
    try {
      withSpan({ name: 'failing' }, () => {
        throw thrown;
      });
    } catch (error) {
      caught = error;
    }
    expect(Object.is(caught, thrown)).toBe(true);
    const span = await onlySpan();
    expect(span.status).toEqual({ code: 'ERROR', message });
    expect(span.events.map(({ name }) => name)).toEqual(['exception']);
  });
});

function thrower(): never {
  throw new Error('no');
}

function withGetter(): object {
  return Object.defineProperty({ good: 1 }, 'bad', { get: thrower, enumerable: true });
}

function throwingProxy(target: object): object {
  const trap = (): never => {
    throw new Error('trap');
  };
  return new Proxy(target, {
    get: trap,
    ownKeys: trap,
    getPrototypeOf: trap,
    has: trap,
    getOwnPropertyDescriptor: trap,
  });
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function endless(): object {
  return { toJSON: endless };
}

function nested(levels: number): unknown {
  let value: unknown = 'leaf';
  for (let i = 0; i < levels; i++) value = { value };
  return value;
}

class EndlessSet extends Set<number> {
  override *[Symbol.iterator](): SetIterator<number> {
    for (;;) yield 1;
  }
}
