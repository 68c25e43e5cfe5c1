import assert from 'node:assert/strict';
import { autologgingIntegration } from '../autologging/integration.ts';
import { withoutAutolog } from '../autologging/session.ts';
import { hooksOf } from './altered-definition.ts';
import { assertLogged, assertNothingLogged } from './assert-logged.ts';
import type { IntegrationContract } from './contract.ts';
import { findTargets } from './found-targets.ts';
import { holdStderr } from './hold-stderr.ts';
import { checkArguments, checkThrowing } from './hook-checks.ts';
import { withOwnStore } from './own-store.ts';
import { shapeOf } from './shape.ts';
import { createSubject, type Subject } from './subject.ts';

/** One thing that is asked of every integration. */
export interface ContractCheck {
  /** A fact in the present tense. */
  readonly name: string;
  /** Rejects with an AssertionError when it does not hold. */
  run(): Promise<void>;
}

type Check = (subject: Subject) => Promise<void>;

/** So many uses at once are told apart. */
const CONCURRENT = 5;

const CHECKS: Readonly<Record<string, Check>> = {
  'logs what it promises, and the program gets the same': checkPromise,
  'logs nothing once it is turned off': checkOff,
  'logs the same when it is turned on again and again': checkAgain,
  'leaves every function as it was found, once it is turned off': checkTargets,
  "lets the program's own error through, the very object": checkError,
  'logs nothing inside withoutAutolog': checkSuppression,
  'tells uses apart that go on at the same time': checkConcurrency,
  'patches nothing of a version beyond the tested ones, where those are ruled out': checkVersion,
  'changes no argument in its hooks': checkArguments,
};

/** What is asked of every integration, a check each, to be run one after the other. */
export function contractChecks<Options extends object>(contract: IntegrationContract<Options>): ContractCheck[] {
  const subject = createSubject(contract);
  const { name, definition } = subject;
  const checks = Object.entries(CHECKS).filter(
    ([, check]) => check !== checkConcurrency || contract.concurrent !== false,
  );
  for (const hook of hooksOf(definition)) {
    const title = `gives the program the same when '${hook}' throws, and counts it`;
    checks.push([title, (each) => checkThrowing(hook, each)]);
  }
  return checks.map(([title, check]) => ({
    name: title,
    run: () =>
      withOwnStore(async () => {
        // A check before may have put a definition of its own in the place.
        autologgingIntegration(name, definition);
        try {
          await check(subject);
        } finally {
          autologgingIntegration(name, definition);
        }
      }),
  }));
}

async function checkPromise({ turn, use, expected }: Subject): Promise<void> {
  const before = await use();
  await assertNothingLogged();
  process.env.AUTOLOG_TESTING = '1';
  turn();
  const after = await use();
  assert.deepEqual(after, before);
  assert.deepEqual(shapeOf(after), shapeOf(before));
  await assertLogged(expected);
}

async function checkOff({ turn, use }: Subject): Promise<void> {
  turn();
  turn({ disable: true });
  await use();
  await assertNothingLogged();
}

async function checkAgain({ turn, use, expected }: Subject): Promise<void> {
  turn();
  turn({ disable: true });
  turn();
  turn();
  await use();
  await assertLogged(expected);
}

async function checkTargets({ definition, module, turn, use }: Subject): Promise<void> {
  const before = findTargets(definition, module);
  const isPatched = before.length > 0 || definition.attach !== undefined;
  assert.ok(isPatched, 'the library is not loaded, or has none of the functions');
  turn();
  await use();
  turn({ disable: true });
  assert.deepEqual(findTargets(definition, module), before);
}

async function checkError({ turn, fail }: Subject): Promise<void> {
  const error = new Error('of the program');
  assert.equal(await fail(error), error);
  turn();
  assert.equal(await fail(error), error);
}

async function checkSuppression({ turn, use }: Subject): Promise<void> {
  turn();
  await withoutAutolog(use);
  await assertNothingLogged();
}

async function checkConcurrency({ turn, use, expected }: Subject): Promise<void> {
  turn();
  await Promise.all(Array.from({ length: CONCURRENT }, use));
  await assertLogged(expected, CONCURRENT);
}

async function checkVersion({ name, definition, use }: Subject): Promise<void> {
  const packages = Object.fromEntries(Object.keys(definition.packages).map((each) => [each, '<0.0.1']));
  const stderr = holdStderr();
  try {
    // Of what is handed over nobody knows the version.
    autologgingIntegration(name, { ...definition, packages })({ disableForUnsupportedVersions: true });
    await use();
  } finally {
    stderr.release();
  }
  await assertNothingLogged();
  const isFound = findTargets(definition, undefined).length > 0;
  if (isFound) assert.match(stderr.text, /^autolog: \S+ \S+ is outside of the tested range <0\.0\.1; it is not/m);
}
