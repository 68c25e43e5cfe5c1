import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { loadSqlite } from '../../src/store/sql/sqlite-module.ts';
import { nodeExecutables, nodeVersion } from '../support/requirements.ts';

const MODULE = pathToFileURL(path.join(import.meta.dirname, '../../src/store/sql/sqlite-module.ts')).href;

test.each(nodeExecutables().map((node) => [nodeVersion(node), node]))(
  'on Node %s, SQLite’s announcement is not printed and other warnings are',
  (_version, node = process.execPath) => {
    const program = `import { loadSqlite } from '${MODULE}';
      loadSqlite();
      process.emitWarning('another experiment', 'ExperimentalWarning');`;
    const { stderr, status } = spawnSync(
      node,
      ['--experimental-strip-types', '--input-type=module', '--eval', program],
      { encoding: 'utf8' },
    );
    expect(status).toBe(0);
    expect(stderr).toMatch(/another experiment/);
    expect(stderr).not.toMatch(/SQLite/);
  },
);

test('process.emitWarning is afterwards what it was', () => {
  const before = Object.getOwnPropertyDescriptor(process, 'emitWarning');
  loadSqlite();
  expect(Object.getOwnPropertyDescriptor(process, 'emitWarning')).toEqual(before);
});

test('somebody else’s emitWarning stays theirs and is not called', () => {
  const original = process.emitWarning;
  const calls: unknown[] = [];
  const theirs = (warning: string | Error) => {
    calls.push(warning);
  };
  process.emitWarning = theirs;
  onTestFinished(() => {
    process.emitWarning = original;
  });
  loadSqlite();
  expect(process.emitWarning).toBe(theirs);
  expect(calls).toEqual([]);
});
