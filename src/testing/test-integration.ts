import * as nodeTest from 'node:test';
import { invalidParameter } from '../errors.ts';
import { contractChecks } from './checks.ts';
import type { IntegrationContract } from './contract.ts';

/** The two functions of a test runner that are needed; those of node:test, vitest, jest and mocha fit. */
export interface TestRunner {
  describe(name: string, body: () => void): unknown;
  it(name: string, body: () => Promise<void>): unknown;
}

/**
 * Tests what is asked of every integration: it logs what it promises, and otherwise nobody notices it.
 *
 * Each check has an empty store of its own, in the system's folder for temporary files, and leaves every integration
 * turned off. The checks of one process must not run side by side.
 *
 * @param runner the test runner's functions. @default the global `describe` and `it`, else those of node:test
 * @throws {AutologError} INVALID_PARAMETER_VALUE under vitest without its globals, whose functions must be given.
 *
 * @example
 * testIntegration({ integration: autolog, use, fail, expected: { traces: [['greet TOOL inputs outputs']], runs: [] } });
 */
export function testIntegration<Options extends object>(
  contract: IntegrationContract<Options>,
  runner: TestRunner = presentRunner(),
): void {
  runner.describe(`the integration ${contract.integration.integrationName}`, () => {
    for (const { name, run } of contractChecks(contract)) runner.it(name, run);
  });
}

function presentRunner(): TestRunner {
  const { describe, it } = globalThis as Partial<TestRunner>;
  if (typeof describe === 'function' && typeof it === 'function') return { describe, it };
  if (process.env.VITEST === undefined) return nodeTest as TestRunner;
  throw invalidParameter(
    "Cannot find vitest's functions: import { describe, it } from 'vitest' and pass them, as in testIntegration(contract, { describe, it }).",
  );
}
