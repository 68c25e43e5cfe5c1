// node test/fuzz/fuzz-program.ts <programs> <seed>: prints what it found as JSON.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { failureCounts } from '../../src/failures.ts';
import { createAutologging, native } from './autologging.ts';
import { play } from './play.ts';
import { type Program, programs } from './program.ts';

const [count = '1000', seed = '1'] = process.argv.slice(2);

/** Throws unless nobody notices autologging in a program, and it records each call once. */
async function check(program: Program): Promise<void> {
  const before = await play(program, native);
  const autologging = createAutologging();
  const after = await play(program, autologging);
  const { expected, found, repeated, failures } = autologging.recorded;
  assert.deepEqual(after, before);
  assert.deepEqual({ repeated, failures }, { repeated: 0, failures: [] });
  if (expected !== undefined) {
    assert.equal(found.all, expected.all, 'number of spans');
    assert.ok(found.failed >= expected.failed, `${found.failed} spans failed, not ${expected.failed}`);
    assert.ok(found.cancelled >= expected.cancelled, `${found.cancelled} cancelled, not ${expected.cancelled}`);
  }
  assert.deepEqual(failureCounts(), {});
}

const details = await fc.check(fc.asyncProperty(programs, check), {
  numRuns: Number(count),
  seed: Number(seed),
  endOnFailure: process.argv.includes('--no-shrink'),
});
const { failed, numRuns, numShrinks, counterexample, counterexamplePath } = details;
const error = details.errorInstance instanceof Error ? details.errorInstance.message : '';
console.log(JSON.stringify({ failed, numRuns, numShrinks, counterexample, counterexamplePath, error }, null, 1));
