import { expect, test } from 'vitest';
import * as autolog from '../../src/index.ts';
import { pythonApiDocs } from './python-api-docs.ts';

const { ours, functions } = pythonApiDocs();

test('docs/python-api.md names every public function of ours, and no other', () => {
  const client = methodsOf(autolog.MlflowClient).map((name) => `MlflowClient.${name}`);
  const known = [...Object.keys(autolog), ...client];
  expect(known.filter((name) => !ours.has(name)).sort()).toEqual([]);
  // Types have no value at run time.
  expect([...ours].filter((name) => !known.includes(name) && name !== 'ActiveRun')).toEqual([]);
});

test('docs/python-api.md says of each function of Python’s whether ours is the same', () => {
  for (const [name, { here, remark }] of functions) {
    expect(remark, name).toMatch(here === '' ? /^not there/ : /^(same|differs: |as `\w+`$)/);
  }
});

function methodsOf(type: abstract new (...args: never[]) => object): string[] {
  const names = new Set<string>();
  for (let it = type.prototype; it !== Object.prototype; it = Object.getPrototypeOf(it))
    for (const name of Object.getOwnPropertyNames(it)) names.add(name);
  // TypeScript's own privacy leaves no trace at run time.
  for (const name of ['constructor', 'upToDate', 'write', 'artifacts', 'filesOf', 'modelFiles'])
    names.delete(name);
  return [...names];
}
