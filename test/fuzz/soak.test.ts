import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const execute = promisify(execFile);

const ROOT = path.resolve(import.meta.dirname, '../..');
const CALLS = 300_000;

describe('a process that makes very many patched calls', () => {
  it(`keeps its heap, handles and listeners (${CALLS} calls)`, { timeout: 300_000 }, async () => {
    const program = path.join(ROOT, 'bench/soak.mjs');
    const args = ['--expose-gc', '--no-warnings', program, `${CALLS}`];
    const { stdout } = await execute(process.execPath, args);
    const last = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
    // One of ten calls throws, which the watching integration does not hear as a result.
    expect(last).toMatchObject({ calls: CALLS, watched: CALLS * 0.9, isFlat: true, isClean: true });
  });
});
