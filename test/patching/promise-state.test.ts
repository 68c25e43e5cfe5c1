import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { isPlainPromise, promiseState } from '../../src/patching/promise-state.ts';

class TypedError extends TypeError {
  readonly code = 'E_TYPED';
}

function rejected(reason: unknown): Promise<unknown> {
  const promise = Promise.reject(reason);
  promise.catch(() => undefined);
  return promise;
}

const FULFILLED: readonly unknown[] = [
  undefined,
  null,
  7,
  'text',
  '<pending>',
  '<rejected> text',
  { a: { b: { c: 1 } } },
  ['<pending>'],
  new Error('a value'),
  Symbol('<rejected>'),
  new Map([[1, 2]]),
  Array(10_000).fill('x'),
  'x'.repeat(100_000),
];

it.each(FULFILLED)('knows a promise that is fulfilled: %o', (value) => {
  expect(promiseState(Promise.resolve(value))).toEqual({ state: 'fulfilled' });
});

it('knows a promise that is pending, also with properties of its own', () => {
  const promise = new Promise(() => undefined);
  expect(promiseState(promise)).toEqual({ state: 'pending' });
  expect(promiseState(Object.assign(promise, { id: 1 }))).toEqual({ state: 'pending' });
});

it('is not misled by what the program has made the defaults of inspect', () => {
  const before = { ...inspect.defaultOptions };
  Object.assign(inspect.defaultOptions, {
    colors: true,
    compact: false,
    showHidden: true,
    depth: 9,
    breakLength: 10,
  });
  const promises = [new Promise(() => undefined), Promise.resolve(7), rejected(new Error('theirs'))];
  const states = promises.map(promiseState);
  Object.assign(inspect.defaultOptions, before);
  expect(states).toMatchObject([{ state: 'pending' }, { state: 'fulfilled' }, { error: { message: 'theirs' } }]);
});

it.each([
  [new Error('theirs'), 'Error', 'theirs'],
  [new TypeError('of a type'), 'TypeError', 'of a type'],
  [new Error(''), 'Error', ''],
  [new TypedError('with a code'), 'TypedError', 'with a code'],
  [new RangeError('of two\nlines'), 'RangeError', 'of two\nlines'],
  [Object.assign(new Error('with more'), { status: 400 }), 'Error', 'with more'],
  ['text', 'Error', "'text'"],
  [undefined, 'Error', 'undefined'],
  [7, 'Error', '7'],
])('tells what a promise rejected with, as it is shown: %o', (reason, name, message) => {
  const { state, error } = promiseState(rejected(reason));
  expect(state).toBe('rejected');
  expect({ name: error?.name, message: error?.message }).toEqual({ name, message });
  if (reason instanceof Error && message !== '') expect(error?.stack).toContain('promise-state.test.ts');
});

it('runs no code of the value', () => {
  let runs = 0;
  const count = (): never => {
    runs += 1;
    throw new Error('ran');
  };
  const value = new Proxy({}, { get: count, ownKeys: count, getOwnPropertyDescriptor: count });
  const inspected = { [Symbol.for('nodejs.util.inspect.custom')]: count, toJSON: count };
  expect(promiseState(Promise.resolve(inspected)).state).toBe('fulfilled');
  expect(promiseState(rejected(value)).state).toBe('rejected');
  expect(runs).toBe(0);
});

it('leaves a promise as unhandled as it was', async () => {
  const seen: unknown[] = [];
  const listeners = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.once('unhandledRejection', (reason) => seen.push(reason));
  promiseState(Promise.reject(new Error('theirs')));
  await new Promise((resolve) => setImmediate(resolve));
  for (const each of listeners) process.on('unhandledRejection', each);
  expect(seen).toMatchObject([{ message: 'theirs' }]);
});

it('takes subclasses and other thenables for no plain promises', () => {
  class Sub<T> extends Promise<T> {}
  // biome-ignore lint/suspicious/noThenProperty: thenables are what this is about.
  const values = [Sub.resolve(1), { then: () => 1 }, Object.assign(Promise.resolve(), { then: () => 1 }), null, 7];
  expect(values.map(isPlainPromise)).toEqual([false, false, false, false, false]);
  expect(isPlainPromise(Promise.resolve())).toBe(true);
});
