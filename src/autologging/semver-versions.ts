import lessThan from 'semver/functions/lt.js';
import parse from 'semver/functions/parse.js';
import satisfies from 'semver/functions/satisfies.js';
import minVersion from 'semver/ranges/min-version.js';
import validRange from 'semver/ranges/valid.js';
import { invalidParameter } from '../errors.ts';
import type { VersionState } from './versions.ts';

/**
 * Compares any version with any range, as `versionState` says.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for a range that is none.
 */
export function semverState(version: string | null, range: string): VersionState {
  if (validRange(range) === null)
    throw invalidParameter(
      `Cannot compare versions with '${range}': it is no range of semver; write it as '>=1 <3'.`,
    );
  if (version === null) return 'tested';
  const parsed = parse(version);
  if (parsed === null) return 'not tested';
  if (satisfies(parsed, range)) return 'tested';
  const minimum = minVersion(range);
  return minimum !== null && lessThan(parsed, minimum) ? 'too old' : 'not tested';
}
