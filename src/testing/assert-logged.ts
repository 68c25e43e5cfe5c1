import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { type Logged, loggedTimes, readLogged } from './logged.ts';

const NOTHING: Logged = { traces: [], runs: [] };

/**
 * Checks what stands in the store in force; the message of a failure has it in a form to paste as `expected`.
 *
 * @throws {AssertionError} when it is something else.
 */
export async function assertLogged(expected: Logged, times = 1): Promise<void> {
  const logged = await readLogged();
  const wanted = loggedTimes(times, expected);
  try {
    assert.deepEqual(logged, wanted);
  } catch (error) {
    const text = inspect(logged, { depth: null, maxArrayLength: null, breakLength: 110 });
    const { message } = error as Error;
    throw new assert.AssertionError({
      message: `What was logged is not as expected.\n${message}\n\nIf it is right, paste it as 'expected':\n${text}`,
      actual: logged,
      expected: wanted,
      operator: 'deepStrictEqual',
    });
  }
}

/** @throws {AssertionError} when anything stands in the store in force. */
export async function assertNothingLogged(): Promise<void> {
  assert.deepEqual(await readLogged(), NOTHING);
}
