import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { nodeExecutables, nodeVersion } from '../support/requirements.ts';

const execute = promisify(execFile);

const PROGRAM = path.join(import.meta.dirname, 'fuzz-program.ts');
const COUNT = Number(process.env.AUTOLOG_FUZZ_PROGRAMS ?? 10_000);
const SEED = Number(process.env.AUTOLOG_FUZZ_SEED ?? 20_261_121);

/** The others are tried with fewer. */
const NODES = nodeExecutables().map((node, i) => ({
  node,
  version: nodeVersion(node) ?? '',
  count: i === 0 ? COUNT : Math.ceil(COUNT / 5),
}));

describe.each(NODES)('random programs of calls, breaks, throws, aborts and wrappers on Node $version', (each) => {
  const { node, version, count } = each;

  it(`do as without it, and record each call once (${count} programs, seed ${SEED})`, {
    timeout: 300_000,
  }, async () => {
    // Before 22.18 Node runs TypeScript only when it is told to.
    const flags = version.startsWith('v22.') ? ['--experimental-strip-types'] : [];
    const { stdout } = await execute(node, ['--no-warnings', ...flags, PROGRAM, `${count}`, `${SEED}`]);
    expect(JSON.parse(stdout)).toMatchObject({ failed: false, numRuns: count, counterexample: null, error: '' });
  });
});
