import { expect, it } from 'vitest';
import { runProgram } from '../hostile/surroundings.ts';

/** Comes and goes this often, at each place. */
const ROUNDS = 20_000;

/** What may be left of all rounds together, bytes: 15 for each, and a shell alone has hundreds. */
const MAX_GROWTH = 300_000;

it('coming and going twenty thousand times leaves no memory, no key and no property behind', async () => {
  const { stdout, stderr } = await runProgram(
    `import { intercept } from '${new URL('../../src/patching/intercept.ts', import.meta.url).href}';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');
class Parent { fn(x) { return x; } static make(x) { return x; } get by() { return (x) => x; } }
class Child extends Parent {}
const exports = { Parent, fn: (x) => x };
const places = [[Parent.prototype, 'fn'], [Parent, 'make'], [Parent.prototype, 'by'], [Child.prototype, 'fn'],
  [exports, 'Parent'], [exports, 'fn']];
const use = () => [new exports.Parent().fn(1), Parent.make(2), new Parent().by(3), new Child().fn(4), exports.fn(5)];
const keys = () => JSON.stringify([exports, Parent, Parent.prototype, Child.prototype].map((each) =>
  Reflect.ownKeys(each).map((key) => {
    const { value, get, ...flags } = Object.getOwnPropertyDescriptor(each, key);
    return [String(key), typeof value, typeof get, flags];
  })));
let heard = 0;
const interceptor = (name) => ({ name, begin: () => ({ resolved: () => { heard += 1; } }) });
const round = (i) => {
  // Or V8 lets its weak tables grow to what was dead between two collections.
  if (i % 500 === 0) gc();
  const undo = places.flatMap(([target, key]) =>
    ['one fn', 'two fn'].map((name) => intercept(target, key, interceptor(name))));
  if (i % 100 === 0) use();
  // A stranger covers one of them from time to time, and leaves again.
  if (i % 10 === 0) {
    const inner = exports.fn;
    exports.fn = (x) => inner(x);
    for (const each of undo) each();
    exports.fn(1);
    exports.fn = inner;
    for (let n = 0; n < 4; n++) exports.fn(1);
  } else for (const each of undo) each();
};
const before = keys();
const { fn } = exports;
const heap = () => { for (let i = 0; i < 4; i++) gc(); return process.memoryUsage().heapUsed; };
for (let i = 0; i < ${ROUNDS}; i++) round(i);
const first = heap();
for (let i = 0; i < ${ROUNDS}; i++) round(i);
const growth = heap() - first;
console.log(JSON.stringify({ growth, heard: heard > 0, isSame: keys() === before && exports.fn === fn, results: use() }));`,
  );
  expect(stderr).toBe('');
  const { growth, ...rest } = JSON.parse(stdout);
  expect(rest).toEqual({ heard: true, isSame: true, results: [1, 2, 3, 4, 5] });
  expect(growth).toBeLessThan(MAX_GROWTH);
});
