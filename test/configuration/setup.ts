import fs from 'node:fs';
import path from 'node:path';
import { afterEach } from 'vitest';
import { autolog } from '../../src/autologging/autolog.ts';
import type { IntegrationDefinition } from '../../src/autologging/definition.ts';
import { type Autolog, autologgingIntegration } from '../../src/autologging/integration.ts';
import { integrationStates, resetIntegrations } from '../../src/autologging/registry.ts';

/** Options of the integrations that are made here. */
export interface OwnOptions {
  readonly ownFlag: boolean;
  readonly ownCount: number;
  readonly ownWord: string;
  readonly ownNames: readonly string[];
  readonly ownChoice: 'auto' | number | null | false;
  readonly ownAny: unknown;
}

/** Defaults of those options. */
export const OWN_DEFAULTS: OwnOptions = {
  ownFlag: true,
  ownCount: 3,
  ownWord: 'one',
  ownNames: ['a'],
  ownChoice: 'auto',
  ownAny: null,
};

let count = 0;

/** Makes an integration with options of its own, for a package that nobody has. */
export function makeConfigured(name?: string): { readonly name: string; readonly turn: Autolog<OwnOptions> } {
  count += 1;
  const chosen = name ?? `configured-${count}`;
  const definition: IntegrationDefinition<OwnOptions> = {
    packages: { [chosen]: '*' },
    options: OWN_DEFAULTS,
    choices: { ownChoice: ['auto', Number, null, false] },
    patches: [{ target: 'greet', observe: {} }],
  };
  return { name: chosen, turn: autologgingIntegration(chosen, definition) };
}

/** The configuration in force of an integration; undefined while it is off. */
export function configOf(name: string): Readonly<Record<string, unknown>> | undefined {
  return integrationStates().find((each) => each.name === name)?.config as Record<string, unknown> | undefined;
}

/** Where the options of an integration come from that environment and file have set. */
export function originsOf(name: string): Readonly<Record<string, string>> | undefined {
  return integrationStates().find((each) => each.name === name)?.configured.origins;
}

/** Writes a configuration file of its own and makes it the one in force. */
export function useConfigFile(content: unknown, name = 'autolog.config.json'): string {
  const file = path.join(fs.mkdtempSync(path.resolve('configuration-')), name);
  fs.writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  process.env.AUTOLOG_CONFIG_FILE = file;
  return file;
}

/** Runs the universal call; returns what it throws. */
export function refusalOf(call: () => void = autolog): { readonly code: string; readonly message: string } {
  try {
    call();
  } catch (error) {
    return error as { code: string; message: string };
  }
  throw new Error('nothing was thrown');
}

/** Takes back what the tests of a file have set, after each. */
export function cleanUpAfterEach(): void {
  afterEach(() => {
    for (const name of Object.keys(process.env)) {
      if (/^(AUTOLOG|MLFLOW)_/.test(name)) delete process.env[name];
    }
    resetIntegrations();
  });
}
