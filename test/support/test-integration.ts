import fs from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { IntegrationDefinition } from '../../src/autologging/definition.ts';
import { type Autolog, autologgingIntegration } from '../../src/autologging/integration.ts';
import { resetIntegrations } from '../../src/autologging/registry.ts';
import { failureCounts, setTrackingUri } from '../../src/index.ts';
import { listenToStderr } from './listen-to-stderr.ts';
import { type Logged, readLogged, sortTraces } from './read-logged.ts';

/** What an integration has to prove, against its real library. */
export interface IntegrationContract<Options extends object> {
  readonly integration: Autolog<Options>;
  /** Calls the library in the ways that the header names; returns plain data, the same each time. */
  readonly use: () => Promise<unknown>;
  /** Has a call fail with an error of the program; returns what came out of it as that error. */
  readonly fail: (error: Error) => Promise<unknown>;
  /** What `use` leaves in an empty store. */
  readonly expected: Logged;
  /** Hooks that `use` does not come to. @default [] */
  readonly unreached?: readonly string[];
}

let storeCount = 0;

/** Tests what is asked of every integration: it logs what it promises, and otherwise nobody notices it. */
export function testIntegration<Options extends object>(contract: IntegrationContract<Options>): void {
  const { integration, use, fail, unreached = [] } = contract;
  const expected = { ...contract.expected, traces: sortTraces(contract.expected.traces) };
  const { integrationName: name } = integration;
  const definition = integration.definition as unknown as IntegrationDefinition;
  const turn = (options: object = {}): void => (integration as unknown as Autolog)(options);

  beforeEach(() => {
    storeCount += 1;
    setTrackingUri(`sqlite:///contract-${storeCount}.db`);
  });

  afterEach(resetIntegrations);

  describe(`the integration ${name}`, () => {
    it('logs what it promises, and the program gets the same', async () => {
      const before = await use();
      expect(await readLogged()).toEqual({ traces: [], runs: [] });
      turn();
      expect(await use()).toEqual(before);
      expect(await readLogged()).toEqual(expected);
    });

    it('names all that it logs in its header', () => {
      const file = path.join(import.meta.dirname, '..', '..', 'integrations', `${name}.ts`);
      const header = fs.readFileSync(file, 'utf8').split('*/', 1)[0] ?? '';
      const types = new Set(expected.traces.flat().map((line) => line.trim().split(' ')[1] ?? ''));
      for (const type of types) expect(header).toContain(type);
      expect(header).toMatch(/^\/\*\*\n \* Logs /);
      expect(header).toMatch(/ \* Source: [^\n]+/);
    });

    it('logs nothing once it is turned off', async () => {
      turn();
      turn({ disable: true });
      await use();
      expect(await readLogged()).toEqual({ traces: [], runs: [] });
    });

    it('logs the same when it is turned on a second time', async () => {
      turn();
      turn({ disable: true });
      turn();
      turn();
      await use();
      expect(await readLogged()).toEqual(expected);
    });

    it("lets the program's own error through, the very object", async () => {
      const error = new Error('of the program');
      expect(await fail(error)).toBe(error);
      turn();
      expect(await fail(error)).toBe(error);
    });

    it('patches nothing of a version beyond the tested ones, where those are ruled out', async () => {
      const packages = Object.fromEntries(Object.keys(definition.packages).map((each) => [each, '<0.0.1']));
      const stderr = listenToStderr();
      try {
        autologgingIntegration(name, { ...definition, packages })({ disableForUnsupportedVersions: true });
        await use();
      } finally {
        stderr.stop();
      }
      expect(await readLogged()).toEqual({ traces: [], runs: [] });
      expect(stderr.text).toMatch(/^autolog: \S+ \S+ is outside of the tested range <0\.0\.1; it is not logged/m);
    });

    for (const hook of hooksOf(definition)) {
      it(`gives the program the same when each '${hook}' throws, and counts it`, async () => {
        const before = await use();
        const count = countFailures(name);
        const broken = autologgingIntegration(name, withThrowing(definition, hook));
        const stderr = listenToStderr();
        try {
          broken();
          expect(await use()).toEqual(before);
          const error = new Error('of the program');
          expect(await fail(error)).toBe(error);
        } finally {
          stderr.stop();
        }
        expect(stderr.text).toMatch(new RegExp(`^(autolog: ${name}[ :].*of a hook\n)*$`));
        expect(countFailures(name) > count).toBe(!unreached.includes(hook));
      });
    }

    // Each test may have put a definition of its own in its place.
    afterEach(() => void autologgingIntegration(name, definition));
  });

  afterAll(() => setTrackingUri('sqlite:///mlflow.db'));
}

function countFailures(name: string): number {
  const failures = Object.entries(failureCounts()).filter(([where]) => /^[\w-]+/.exec(where)?.[0] === name);
  return failures.reduce((sum, [, count]) => sum + count, 0);
}

type Hooks = Readonly<Record<string, unknown>>;

/** Names of the hooks that a definition has anywhere. */
function hooksOf(definition: IntegrationDefinition): string[] {
  const hooks = definition.patches.flatMap((patch) => Object.entries(hooksIn(patch)));
  const names = hooks.filter(([, hook]) => typeof hook === 'function').map(([name]) => name);
  return [...new Set([...names, ...(definition.attach === undefined ? [] : ['attach'])])];
}

function withThrowing(definition: IntegrationDefinition, name: string): IntegrationDefinition {
  const thrower = (): never => {
    throw new Error('of a hook');
  };
  if (name === 'attach') return { ...definition, attach: thrower };
  const patches = definition.patches.map((patch) => {
    const hooks = hooksIn(patch);
    if (typeof hooks[name] !== 'function') return patch;
    const kind = 'span' in patch ? 'span' : 'training' in patch ? 'training' : 'observe';
    return { ...patch, [kind]: { ...hooks, [name]: thrower } };
  });
  return { ...definition, patches: patches as IntegrationDefinition['patches'] };
}

function hooksIn(patch: IntegrationDefinition['patches'][number]): Hooks {
  return ('span' in patch ? patch.span : 'training' in patch ? patch.training : patch.observe) as unknown as Hooks;
}
