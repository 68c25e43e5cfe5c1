import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const PROGRAM = path.join(import.meta.dirname, '..', 'integrations', 'tfjs-refit-program.ts');

test('a model whose last state is lost by process.exit() is told of once', () => {
  const cwd = fs.mkdtempSync(path.resolve('refit-'));
  const { stderr, status } = spawnSync(process.execPath, [PROGRAM, 'exit'], { cwd, encoding: 'utf8' });
  expect(status).toBe(0);
  expect(stderr.match(/the model's last state was not saved: .*; let it end by itself/g)).toHaveLength(1);
});

test('a model whose last state is saved at the end of the program is not told of', () => {
  const cwd = fs.mkdtempSync(path.resolve('refit-'));
  const { stderr, status } = spawnSync(process.execPath, [PROGRAM], { cwd, encoding: 'utf8' });
  expect(status).toBe(0);
  expect(stderr).not.toContain('last state');
});
