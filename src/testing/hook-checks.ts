import assert from 'node:assert/strict';
import { failureCounts } from '../failures.ts';
import type { Call } from '../patching/interceptor.ts';
import { withAlteredHooks } from './altered-definition.ts';
import { holdStderr } from './hold-stderr.ts';
import { shapeOf } from './shape.ts';
import type { Subject } from './subject.ts';

/** Fails when a hook changes what a call was given. */
export async function checkArguments({ definition, turnOn, use }: Subject): Promise<void> {
  const changed = new Set<string>();
  const watched = withAlteredHooks(definition, (hook, name) => (...args) => {
    const call = args.find(isCall);
    const before = call && shapeOf(call.args);
    const result = hook(...args);
    try {
      assert.deepEqual(call && shapeOf(call.args), before);
    } catch {
      // AssertionError: it is told for all hooks together, as the program must not see it here.
      changed.add(name);
    }
    return result;
  });
  turnOn(watched);
  await use();
  assert.deepEqual([...changed], []);
}

/** Fails when the program notices that a hook throws, when that is not counted, or is not reached. */
export async function checkThrowing(hook: string, subject: Subject): Promise<void> {
  const { name, definition, unreached, turnOn, use, fail } = subject;
  const before = await use();
  const count = countFailures(name);
  const thrower = (): never => {
    throw new Error('of a hook');
  };
  const stderr = holdStderr();
  try {
    turnOn(withAlteredHooks(definition, () => thrower, hook));
    assert.deepEqual(await use(), before);
    const error = new Error('of the program');
    assert.equal(await fail(error), error);
  } finally {
    stderr.release();
  }
  assert.match(stderr.text, new RegExp(`^(autolog: ${name}[ :].*of a hook\n)*$`));
  const isReached = countFailures(name) > count;
  assert.equal(isReached, !unreached.includes(hook), `'${hook}' is ${isReached ? '' : 'not '}reached`);
}

function isCall(value: unknown): value is Call {
  return typeof value === 'object' && value !== null && 'self' in value && 'args' in value;
}

function countFailures(name: string): number {
  const failures = Object.entries(failureCounts()).filter(([where]) => /^[\w-]+/.exec(where)?.[0] === name);
  return failures.reduce((sum, [, count]) => sum + count, 0);
}
