import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { clientOf, type Ended, runProgram, temporaryFolder } from './surroundings.ts';

/** Runs a program that uses a fake package of a version; the package may lack the function that is to be patched. */
async function runWith(
  version: string,
  { options = '{}', code = WHOLE, range = '>=1 <3', env = {} } = {},
): Promise<Ended> {
  const folder = temporaryFolder();
  const root = path.join(folder, 'node_modules', 'fake-library');
  fs.mkdirSync(root, { recursive: true });
  const manifest = { name: 'fake-library', version, type: 'module', exports: './index.js' };
  fs.writeFileSync(path.join(root, 'package.json'), JSON.stringify(manifest));
  fs.writeFileSync(path.join(root, 'index.js'), code);
  return runProgram(
    `
autologgingIntegration('fake', {
  packages: { 'fake-library': '${range}' },
  patches: ['greet', 'leave'].map((key) => ({ target: 'Library.prototype.' + key, span: { name: key, type: 'TOOL' } })),
});
autolog.autolog(${options});
const { Library } = await import('fake-library');
console.log(new Library().greet('you'));
`,
    { folder, env },
  );
}

const WHOLE = `export class Library { greet(name) { return 'hello ' + name; } leave() {} }`;

async function traceCount({ folder }: Ended): Promise<number> {
  return (await clientOf(folder).searchTraces({ experimentIds: ['0'] })).items.length;
}

describe('a library', () => {
  const OLD = 'fake-library 0.1.0 is older than the tested range >=1 <3';
  const NEW = 'fake-library 99.0.0 is outside of the tested range >=1 <3';

  test.concurrent.each([
    ['0.1.0', '{}', 1, `autolog: ${OLD}; what is logged may be incomplete: upgrade the package\n`],
    ['0.1.0', '{ silent: true }', 1, ''],
    ['0.1.0', '{ disableForUnsupportedVersions: true }', 0, `autolog: ${OLD}; it is not logged: `],
    ['99.0.0', '{}', 1, ''],
    ['99.0.0', '{ disableForUnsupportedVersions: true }', 0, `autolog: ${NEW}; it is not logged: `],
    ['99.0.0', '{ disableForUnsupportedVersions: true, silent: true }', 0, ''],
    [
      '2.0.0-beta.1',
      '{ disableForUnsupportedVersions: true }',
      0,
      'autolog: fake-library 2.0.0-beta.1 is outside',
    ],
    ['no version', '{ disableForUnsupportedVersions: true }', 0, 'autolog: fake-library no version is outside'],
    ['2.0.0', '{ disableForUnsupportedVersions: true }', 1, ''],
  ])(
    'of version %s with %s gives %i traces, and the program its results',
    async (version, options, traces, told) => {
      const ended = await runWith(version, { options });
      expect([ended.status, ended.stdout]).toEqual([0, 'hello you\n']);
      expect(ended.stderr.startsWith(told)).toBe(true);
      expect(ended.stderr.split('\n').length).toBe(told === '' ? 1 : 2);
      expect(await traceCount(ended)).toBe(traces);
    },
  );

  test.concurrent.each([
    [
      'lacks a function',
      WHOLE.replace('leave', 'left'),
      /fake-library 2.0.0 is not logged: Cannot patch 'Library.prototype.leave': found undefined, not a function/,
    ],
    [
      'has another kind of value',
      `${WHOLE.replace('leave() {}', '')}Library.prototype.leave = 42;`,
      /found number, not a function/,
    ],
  ])('that %s is left alone as a whole, which is told once', async (_what, code, told) => {
    const ended = await runWith('2.0.0', { code });
    expect([ended.status, ended.stdout]).toEqual([0, 'hello you\n']);
    expect(ended.stderr).toMatch(told);
    expect(ended.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(await traceCount(ended)).toBe(0);
  });

  test.concurrent('whose tested range is nonsense is not logged, and the program goes on', async () => {
    const ended = await runWith('2.0.0', { range: 'two or so' });
    expect([ended.status, ended.stdout]).toEqual([0, 'hello you\n']);
    expect(ended.stderr).toMatch(/'two or so': it is no range of semver/);
    expect(await traceCount(ended)).toBe(0);
  });
});
