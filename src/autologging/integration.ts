import { isSwitchedOff } from '../configuration/environment.ts';
import { invalidParameter } from '../errors.ts';
import { toJsonData } from '../json.ts';
import type { IntegrationDefinition } from './definition.ts';
import { type AutologOptions, COMMON_SCHEMA, checkOptions, schemaOf } from './options.ts';
import { enableIntegration, registerIntegration } from './registry.ts';

/** Turns one integration on, with the options given and the defaults for the rest, or off with `disable`. */
export interface Autolog<Options extends object = object> {
  (options?: AutologOptions & Partial<Options>): void;
  readonly integrationName: string;
  readonly definition: IntegrationDefinition<Options>;
}

const NAME = /^[a-z][a-z0-9-]*$/;

/**
 * Defines the autologging of a library and makes it known, so that the universal `autolog()` reaches it too.
 *
 * Returns the function that turns it on or off by itself. Each call takes back what the one before had patched, and
 * what is set by it is no longer changed by the universal `autolog()`.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for a bad name, no packages, no patches and no `attach`, or a patch
 * that says not what its calls mean.
 *
 * @example
 * export const autolog = autologgingIntegration('greeter', {
 *   packages: { greeter: '>=1 <3' },
 *   patches: [{ target: 'greet', span: { name: 'greet', type: 'TOOL' } }],
 * });
 */
export function autologgingIntegration<Options extends object = object>(
  name: string,
  definition: IntegrationDefinition<Options>,
): Autolog<Options> {
  checkDefinition(name, definition);
  const known = { ...COMMON_SCHEMA, ...schemaOf(definition.options, definition.choices) };
  registerIntegration(name, definition as unknown as IntegrationDefinition);
  const autolog = (options: AutologOptions & Partial<Options> = {}): void => {
    if (isSwitchedOff()) return;
    checkOptions(`Cannot enable ${name}`, options, known);
    enableIntegration(name, options);
  };
  return Object.assign(autolog, { integrationName: name, definition });
}

function checkDefinition<Options extends object>(name: string, definition: IntegrationDefinition<Options>): void {
  const reason = findFlaw(name, definition as unknown as Partial<IntegrationDefinition> | null | undefined);
  if (reason !== undefined)
    throw invalidParameter(`Cannot define integration '${String(name)}': ${reason}; see IntegrationDefinition.`);
}

/** What is wrong with a definition, which plain JavaScript may have got wrong in any way. */
function findFlaw(
  name: string,
  definition: Partial<IntegrationDefinition> | null | undefined,
): string | undefined {
  if (typeof name !== 'string' || !NAME.test(name))
    return 'its name must be lower-case letters, digits and dashes';
  const { packages, patches, attach } = definition ?? {};
  if (typeof packages !== 'object' || packages === null || Object.keys(packages).length === 0)
    return 'it names no package';
  const nameless = Object.entries(packages).find(([, range]) => typeof range !== 'string');
  if (nameless !== undefined) return `the tested range of ${nameless[0]} must be a string`;
  if (!Array.isArray(patches)) return 'its patches must be an array';
  if (patches.length === 0 && attach === undefined) return 'it has nothing to patch or attach';
  const flawed: unknown = patches.find((patch) => !isPatch(patch));
  if (flawed === undefined) return undefined;
  return `a patch must have a target and one of span, training and observe, found ${JSON.stringify(toJsonData(flawed))}`;
}

function isPatch(patch: unknown): boolean {
  if (typeof patch !== 'object' || patch === null) return false;
  const { target, span, training, observe } = patch as Readonly<Record<string, unknown>>;
  const meanings = [span, training, observe].filter((hooks) => typeof hooks === 'object' && hooks !== null);
  return typeof target === 'string' && target !== '' && meanings.length === 1;
}
