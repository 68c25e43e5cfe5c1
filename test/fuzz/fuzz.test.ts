import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const execute = promisify(execFile);

const PROGRAM = path.join(import.meta.dirname, 'fuzz-program.ts');
const COUNT = Number(process.env.AUTOLOG_FUZZ_PROGRAMS ?? 10_000);
const SEED = Number(process.env.AUTOLOG_FUZZ_SEED ?? 20_261_121);

describe('random programs of calls, breaks, throws, aborts, wrappers and changes of autologging', () => {
  it(`do as without it, and record each call once (${COUNT} programs, seed ${SEED})`, {
    timeout: 300_000,
  }, async () => {
    const { stdout } = await execute(process.execPath, ['--no-warnings', PROGRAM, `${COUNT}`, `${SEED}`]);
    expect(JSON.parse(stdout)).toMatchObject({ failed: false, numRuns: COUNT, counterexample: null, error: '' });
  });
});
