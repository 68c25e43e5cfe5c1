import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeLibrary } from '../support/make-library.ts';

const run = promisify(execFile);
const SOURCES = path.resolve(import.meta.dirname, '..', '..');

let folder: string;

beforeAll(() => {
  ({ folder } = makeLibrary({ name: 'greeter', version: '2.1.0' }));
  const dependent = path.join(folder, 'node_modules', 'dependent');
  makeLibrary({ name: 'greeter', version: '3.0.0', folder: dependent });
  const exports = { import: './index.mjs', require: './index.cjs' };
  fs.writeFileSync(
    path.join(dependent, 'package.json'),
    JSON.stringify({ name: 'dependent', version: '1.0.0', exports }),
  );
  fs.writeFileSync(path.join(dependent, 'index.mjs'), "export { Greeter } from 'greeter';\n");
  fs.writeFileSync(path.join(dependent, 'index.cjs'), "module.exports = require('greeter');\n");
  fs.copyFileSync(path.join(import.meta.dirname, 'loading-program.mjs'), path.join(folder, 'program.mjs'));
});

/** Runs the program to its end in a process of its own. */
async function runProgram(steps: string, options: object = {}) {
  const args = [path.join(folder, 'program.mjs'), SOURCES, JSON.stringify(options), ...steps.split(' ')];
  const { stdout, stderr } = await run(process.execPath, args, { cwd: folder });
  return { ...(JSON.parse(stdout) as { atOnce: string[]; atEnd: string[] }), stderr };
}

/** What is done in order, which copies are logged when they are called right after loading, and later. */
const ORDERS: readonly [steps: string, atOnce: string[], atEnd: string[]][] = [
  ['import autolog', [], ['import']],
  ['autolog import', ['import'], ['import']],
  ['require autolog', [], ['require']],
  ['autolog require', ['require'], ['require']],
  ['import autolog require', ['require'], ['import', 'require']],
  ['require autolog import', ['import'], ['require', 'import']],
  ['require autolog require-other', ['require-other'], ['require', 'require-other']],
  ['import import-other autolog require', ['require'], ['import', 'import-other', 'require']],
  ['autolog require autolog import autolog', ['require', 'import'], ['require', 'import']],
];

describe.concurrent('a library, loaded and enabled in the order', () => {
  for (const [steps, atOnce, atEnd] of ORDERS) {
    it(`${steps}, is logged in every copy, once for each call`, async ({ expect }) => {
      expect(await runProgram(steps)).toEqual({ atOnce, atEnd, stderr: '' });
    });
  }

  it('autolog import, with disable, is not logged', async ({ expect }) => {
    expect(await runProgram('autolog import require', { disable: true })).toMatchObject({ atOnce: [], atEnd: [] });
  });
});

describe.concurrent('two versions side by side', () => {
  const told =
    'autolog: greeter 3.0.0 is outside of the tested range >=1 <3; it is not logged: disableForUnsupportedVersions is set\n';

  for (const steps of [
    'import import-other autolog',
    'autolog import import-other',
    'require-other autolog require',
  ]) {
    const own = steps.includes('import') ? 'import' : 'require';

    it(`${steps}: are both logged, also beyond the tested range`, async ({ expect }) => {
      const { atEnd, stderr } = await runProgram(steps);
      expect([atEnd.sort(), stderr]).toEqual([[own, `${own}-other`], '']);
    });

    it(`${steps}: only the tested one is logged where others are ruled out, which is told`, async ({ expect }) => {
      const { atEnd, stderr } = await runProgram(steps, { disableForUnsupportedVersions: true });
      expect([atEnd, stderr]).toEqual([[own], told]);
    });
  }

  it('a version that is ruled out is not told of in silence', async ({ expect }) => {
    const options = { disableForUnsupportedVersions: true, silent: true };
    expect(await runProgram('autolog import-other', options)).toEqual({ atOnce: [], atEnd: [], stderr: '' });
  });
});

it('an untested fixture would prove nothing: the two copies differ', () => {
  const versions = ['.', 'node_modules/dependent'].map((each) => {
    const file = path.join(folder, each, 'node_modules', 'greeter', 'package.json');
    return JSON.parse(fs.readFileSync(file, 'utf8')).version;
  });
  expect(versions).toEqual(['2.1.0', '3.0.0']);
});
