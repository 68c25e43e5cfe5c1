import { requireSource } from '../require-source.ts';

/** How a library's version stands to the tested range. */
export type VersionState = 'tested' | 'too old' | 'not tested';

/**
 * Compares a version with a tested range. A prerelease is tested only when the range names it; an unknown version
 * counts as tested.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for a range that is none.
 */
export function versionState(version: string | null, range: string): VersionState {
  const bounds = PLAIN_RANGE.exec(range);
  const plain = PLAIN_VERSION.exec(version ?? '0.0.0');
  if (bounds === null || plain === null) {
    // Its two dozen files would take longer to load than all else that is loaded for a library.
    const { semverState } = requireSource<typeof import('./semver-versions.ts')>('autologging/semver-versions');
    return semverState(version, range);
  }
  if (version === null) return 'tested';
  const numbers = plain.slice(1);
  if (isBelow(numbers, bounds.slice(1, 4))) return 'too old';
  return isBelow(numbers, bounds.slice(4)) ? 'tested' : 'not tested';
}

/** The usual form: `>=5 <8`, `>=0.3.20 <2`. */
const PLAIN_RANGE = /^>=(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))? <(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?$/;
const PLAIN_VERSION = /^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})$/;

/** What a bound leaves out is 0. */
function isBelow(version: readonly (string | undefined)[], bound: readonly (string | undefined)[]): boolean {
  for (const [place, number] of version.entries()) {
    const difference = Number(number) - Number(bound[place] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
