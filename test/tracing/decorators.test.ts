import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';

const PROGRAM = path.join(import.meta.dirname, 'decorators-program.ts');
const TSC = path.resolve(
  path.dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
  'bin/tsc',
);
const SOURCES = pathToFileURL(path.resolve(import.meta.dirname, '../../src')).href;

/** The program as TypeScript makes it, with the sources where they are. */
function compile(flags: readonly string[]): string {
  const folder = fs.mkdtempSync(path.resolve('decorators-'));
  const args = [
    '--ignoreConfig',
    '--target',
    'es2022',
    '--module',
    'esnext',
    '--moduleResolution',
    'bundler',
    '--noCheck',
  ];
  const { status, stdout } = spawnSync(
    process.execPath,
    [
      TSC,
      ...args,
      '--rewriteRelativeImportExtensions',
      'false',
      '--noResolve',
      ...flags,
      '--outDir',
      folder,
      PROGRAM,
    ],
    { encoding: 'utf8' },
  );
  const made = path.join(folder, 'decorators-program.js');
  if (!fs.existsSync(made)) throw new Error(`tsc made nothing (status ${status}): ${stdout}`);
  const file = path.join(folder, 'program.mjs');
  fs.writeFileSync(file, fs.readFileSync(made, 'utf8').replaceAll("'../../src/", `'${SOURCES}/`));
  return file;
}

describe('decorators', () => {
  for (const [title, flags] of [
    ['of the standard', []],
    ["of TypeScript's older kind", ['--experimentalDecorators']],
  ] as const) {
    it(`${title} trace methods, static ones and generators`, () => {
      const { stdout, stderr } = spawnSync(process.execPath, [compile(flags)], { encoding: 'utf8' });
      expect(stderr).toBe('');
      expect(JSON.parse(stdout)).toEqual({
        answer: 'ann: why',
        counted: [1, 2],
        names: [
          ['make', 'UNKNOWN'],
          ['answer', 'AGENT'],
          ['count', 'UNKNOWN'],
        ],
      });
    });
  }
});
