import { isSwitchedOff } from '../configuration/environment.ts';
import { invalidParameter } from '../errors.ts';
import { silenceFailures } from '../failures.ts';
import { configuredFor, type OnProblem } from './configured.ts';
import { COMMON_SCHEMA, checkOptions, createConfig, type UniversalOptions } from './options.ts';
import { enableAll, patchGiven, prepareConfiguration, requireIntegration } from './registry.ts';

/** What of the universal options is more than a type is looked at apart. */
const KNOWN = { ...COMMON_SCHEMA, excludeFlavors: [], modules: [Object] };

/**
 * Logs what every supported library does from now on: libraries loaded already and those to come.
 *
 * May be called again; the later call wins. Integrations that were set by their own function keep their setting. What a
 * call leaves out comes from the environment (`AUTOLOG_LOG_MODELS=false`), else from the configuration file, else from
 * the defaults. Does nothing where `AUTOLOG_DISABLED=true`.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for an option or integration that does not exist, a value that an option
 * cannot have, in the call, environment or file, a bad tag, or a module that is none of the integration's; nothing is
 * enabled then.
 *
 * @example
 * import { autolog } from 'autolog';
 * autolog();
 */
export function autolog(options: UniversalOptions = {}): void {
  if (isSwitchedOff()) return;
  enable(options, 'throw');
}

/** Does the same before a program begins, which must start: what environment and file get wrong is told and left out. */
export function autologAtStart(): void {
  if (isSwitchedOff()) return;
  enable({}, 'report');
}

function enable(options: UniversalOptions, onProblem: OnProblem): void {
  checkOptions('Cannot enable autologging', options, KNOWN);
  const { excludeFlavors, modules = {}, ...common } = options;
  if (excludeFlavors !== undefined && !Array.isArray(excludeFlavors)) {
    throw invalidParameter("Cannot enable autologging: excludeFlavors is no array; pass names, as ['openai'].");
  }
  for (const name of [...(excludeFlavors ?? []), ...Object.keys(modules)]) requireIntegration(name);
  prepareConfiguration(onProblem);
  const except =
    excludeFlavors ?? (configuredFor(null).values.excludeFlavors as readonly string[] | undefined) ?? [];
  for (const [name, handle] of Object.entries(modules)) {
    if (createConfig(common, {}, configuredFor(name).values).silent) silenceFailures(name, true);
    patchGiven(name, handle);
  }
  enableAll(common, except);
}
