import type { IntegrationDefinition } from '../autologging/definition.ts';
import { type Autolog, autologgingIntegration } from '../autologging/integration.ts';
import type { AutologOptions } from '../autologging/options.ts';
import { patchGiven } from '../autologging/registry.ts';
import type { IntegrationContract } from './contract.ts';
import type { Logged } from './logged.ts';

/** An integration under test. */
export interface Subject {
  readonly name: string;
  readonly definition: IntegrationDefinition;
  readonly expected: Logged;
  readonly unreached: readonly string[];
  readonly module: unknown;
  use(): unknown;
  fail(error: Error): unknown;
  /** Turns the integration on or off, and hands its library over where the contract does. */
  turn(options?: AutologOptions): void;
  /** Turns another definition on in its place, until the check is over. */
  turnOn(definition: IntegrationDefinition): void;
}

/** Makes the subject of the checks; each takes the integration's own definition up again. */
export function createSubject<Options extends object>(contract: IntegrationContract<Options>): Subject {
  const { integration, use, fail, expected, unreached = [], module } = contract;
  const { integrationName: name } = integration;
  const definition = integration.definition as unknown as IntegrationDefinition;
  const handOver = (): void => {
    if (module !== undefined) patchGiven(name, module);
  };
  return {
    name,
    definition,
    expected,
    unreached,
    module,
    use,
    fail,
    turn(options = {}) {
      (integration as unknown as Autolog)(options);
      if (!options.disable) handOver();
    },
    turnOn(other) {
      autologgingIntegration(name, other)();
      handOver();
    },
  };
}
