import lessThan from 'semver/functions/lt.js';
import parse from 'semver/functions/parse.js';
import satisfies from 'semver/functions/satisfies.js';
import minVersion from 'semver/ranges/min-version.js';
import validRange from 'semver/ranges/valid.js';
import { invalidParameter } from '../errors.ts';

/** How a library's version stands to the tested range. */
export type VersionState = 'tested' | 'too old' | 'not tested';

/**
 * Compares a version with a tested range. A prerelease is tested only when the range names it; an unknown version
 * counts as tested.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for a range that is none.
 */
export function versionState(version: string | null, range: string): VersionState {
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
