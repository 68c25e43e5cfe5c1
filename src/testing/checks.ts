import assert from 'node:assert/strict';
import type { IntegrationDefinition } from '../autologging/definition.ts';
import { type Autolog, autologgingIntegration } from '../autologging/integration.ts';
import type { AutologOptions } from '../autologging/options.ts';
import { patchGiven } from '../autologging/registry.ts';
import { withoutAutolog } from '../autologging/session.ts';
import { failureCounts } from '../failures.ts';
import type { Call } from '../patching/interceptor.ts';
import { hooksOf, withAlteredHooks } from './altered-definition.ts';
import { assertLogged, assertNothingLogged } from './assert-logged.ts';
import type { IntegrationContract } from './contract.ts';
import { findTargets } from './found-targets.ts';
import { holdStderr } from './hold-stderr.ts';
import { withOwnStore } from './own-store.ts';
import { shapeOf } from './shape.ts';

/** One thing that is asked of every integration. */
export interface ContractCheck {
  /** A fact in the present tense. */
  readonly name: string;
  /** Rejects with an AssertionError when it does not hold. */
  run(): Promise<void>;
}

/** So many uses at once are told apart. */
const CONCURRENT = 5;

/** What is asked of every integration, a check each, to be run one after the other. */
export function contractChecks<Options extends object>(contract: IntegrationContract<Options>): ContractCheck[] {
  const { integration, use, fail, expected, unreached = [], module, concurrent = true } = contract;
  const { integrationName: name } = integration;
  const definition = integration.definition as unknown as IntegrationDefinition;
  const turn = (options: AutologOptions = {}, by = integration as unknown as Autolog): void => {
    by(options);
    if (module !== undefined && !options.disable) patchGiven(name, module);
  };
  const check = (title: string, run: () => Promise<void>): ContractCheck => ({
    name: title,
    run: () =>
      withOwnStore(async () => {
        // A check before may have put a definition of its own in the place.
        autologgingIntegration(name, definition);
        try {
          await run();
        } finally {
          autologgingIntegration(name, definition);
        }
      }),
  });

  return [
    check('logs what it promises, and the program gets the same', async () => {
      const before = await use();
      await assertNothingLogged();
      process.env.AUTOLOG_TESTING = '1';
      turn();
      const after = await use();
      assert.deepEqual(after, before);
      assert.deepEqual(shapeOf(after), shapeOf(before));
      await assertLogged(expected);
    }),
    check('logs nothing once it is turned off', async () => {
      turn();
      turn({ disable: true });
      await use();
      await assertNothingLogged();
    }),
    check('logs the same when it is turned on again and again', async () => {
      turn();
      turn({ disable: true });
      turn();
      turn();
      await use();
      await assertLogged(expected);
    }),
    check('leaves every function as it was found, once it is turned off', async () => {
      const before = findTargets(definition, module);
      assert.notEqual(before.length + (definition.attach === undefined ? 0 : 1), 0, 'the library is not loaded');
      turn();
      await use();
      turn({ disable: true });
      assert.deepEqual(findTargets(definition, module), before);
    }),
    check("lets the program's own error through, the very object", async () => {
      const error = new Error('of the program');
      assert.equal(await fail(error), error);
      turn();
      assert.equal(await fail(error), error);
    }),
    check('logs nothing inside withoutAutolog', async () => {
      turn();
      await withoutAutolog(use);
      await assertNothingLogged();
    }),
    ...(concurrent
      ? [
          check('tells uses apart that go on at the same time', async () => {
            turn();
            await Promise.all(Array.from({ length: CONCURRENT }, use));
            await assertLogged(expected, CONCURRENT);
          }),
        ]
      : []),
    check('patches nothing of a version beyond the tested ones, where those are ruled out', async () => {
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
      if (isFound)
        assert.match(stderr.text, /^autolog: \S+ \S+ is outside of the tested range <0\.0\.1; it is not/m);
    }),
    check('changes no argument in its hooks', async () => {
      const changed = new Set<string>();
      const watched = withAlteredHooks(definition, (hook, hookName) => (...args) => {
        const call = args.find(isCall);
        const before = call && shapeOf(call.args);
        const result = hook(...args);
        try {
          assert.deepEqual(call && shapeOf(call.args), before);
        } catch {
          changed.add(hookName);
        }
        return result;
      });
      turn({}, autologgingIntegration(name, watched));
      await use();
      assert.deepEqual([...changed], []);
    }),
    ...hooksOf(definition).map((hook) =>
      check(`gives the program the same when '${hook}' throws, and counts it`, async () => {
        const before = await use();
        const count = countFailures(name);
        const thrower = (): never => {
          throw new Error('of a hook');
        };
        const stderr = holdStderr();
        try {
          turn(
            {},
            autologgingIntegration(
              name,
              withAlteredHooks(definition, () => thrower, hook),
            ),
          );
          assert.deepEqual(await use(), before);
          const error = new Error('of the program');
          assert.equal(await fail(error), error);
        } finally {
          stderr.release();
        }
        assert.match(stderr.text, new RegExp(`^(autolog: ${name}[ :].*of a hook\n)*$`));
        const isReached = countFailures(name) > count;
        assert.equal(isReached, !unreached.includes(hook), `'${hook}' is ${isReached ? '' : 'not '}reached`);
      }),
    ),
  ];
}

function isCall(value: unknown): value is Call {
  return typeof value === 'object' && value !== null && 'self' in value && 'args' in value;
}

function countFailures(name: string): number {
  const failures = Object.entries(failureCounts()).filter(([where]) => /^[\w-]+/.exec(where)?.[0] === name);
  return failures.reduce((sum, [, count]) => sum + count, 0);
}
