import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const program = fileURLToPath(new URL('./tfjs-unawaited-program.ts', import.meta.url));

it.each([
  ['ends', { status: 'FINISHED', unhandled: [] }],
  ['fails', { status: 'FAILED', error: 'RangeError: no more', unhandled: ['RangeError: no more'] }],
])('a fit that nobody waits for and that %s has the status of its own end', (end, expected) => {
  const cwd = mkdtempSync(path.join(tmpdir(), 'autolog-unawaited-'));
  try {
    const env = { ...process.env, MLFLOW_TRACKING_URI: '', AUTOLOG_TESTING: '1' };
    const told = execFileSync(process.execPath, [program, end], { cwd, env, encoding: 'utf8' });
    expect(JSON.parse(told)).toEqual(expected);
  } finally {
    rmSync(cwd, { recursive: true, force: true, maxRetries: 5 });
  }
});
