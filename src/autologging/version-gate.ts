import { reportFailure } from '../failures.ts';
import type { LoadedModule } from '../patching/loading/loaded-module.ts';
import type { CommonConfig } from './options.ts';
import { versionState } from './versions.ts';

/**
 * Decides whether a loaded copy is to be patched: any is, unless the user has ruled out versions beyond the tested
 * ones. Says once when a version is too old, or ruled out.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for a tested range that is none.
 */
export function mayPatch(
  packages: Readonly<Record<string, string>>,
  module: LoadedModule,
  { disableForUnsupportedVersions, silent }: CommonConfig,
): boolean {
  const name = Object.keys(packages).find(
    (each) => module.specifier === each || module.specifier.startsWith(`${each}/`),
  );
  const range = name === undefined ? undefined : packages[name];
  if (range === undefined) return true;
  const state = versionState(module.version, range);
  if (state === 'tested') return true;
  const what = `${name} ${module.version} is ${state === 'too old' ? 'older than' : 'outside of'} the tested range ${range}`;
  if (disableForUnsupportedVersions) {
    reportFailure(`${what}; it is not logged`, 'disableForUnsupportedVersions is set', { silent });
    return false;
  }
  if (state === 'too old') {
    reportFailure(`${what}; what is logged may be incomplete`, 'upgrade the package', { silent });
  }
  return true;
}
