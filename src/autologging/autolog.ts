import { invalidParameter } from '../errors.ts';
import { silenceFailures } from '../failures.ts';
import { checkOptions, DEFAULT_CONFIG, type UniversalOptions } from './options.ts';
import { enableAll, patchGiven, requireIntegration } from './registry.ts';

const KNOWN = new Set([...Object.keys(DEFAULT_CONFIG), 'excludeFlavors', 'modules']);

/**
 * Logs what every supported library does from now on: libraries loaded already and those to come.
 *
 * May be called again; the later call wins. Integrations that were set by their own function keep their setting.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for an option or integration that does not exist, a bad tag, or a module
 * that is none of the integration's; nothing is enabled then.
 *
 * @example
 * import { autolog } from 'autolog';
 * autolog();
 */
export function autolog(options: UniversalOptions = {}): void {
  checkOptions('Cannot enable autologging', options, KNOWN);
  const { excludeFlavors = [], modules = {}, ...common } = options;
  if (!Array.isArray(excludeFlavors)) {
    throw invalidParameter("Cannot enable autologging: excludeFlavors is no array; pass names, as ['openai'].");
  }
  for (const name of [...excludeFlavors, ...Object.keys(modules)]) requireIntegration(name);
  for (const [name, handle] of Object.entries(modules)) {
    if (common.silent) silenceFailures(name, true);
    patchGiven(name, handle);
  }
  enableAll(common, excludeFlavors);
}
