import { describe, expect, it } from 'vitest';
import { DEFAULT_CONFIG } from '../../src/autologging/options.ts';
import { semverState } from '../../src/autologging/semver-versions.ts';
import { mayPatch } from '../../src/autologging/version-gate.ts';
import { versionState } from '../../src/autologging/versions.ts';
import { holdStderr } from '../../src/testing/hold-stderr.ts';

const CASES: readonly [version: string | null, range: string, state: string][] = [
  ['1.0.0', '>=1 <3', 'tested'],
  ['2.99.99', '>=1 <3', 'tested'],
  ['3.0.0', '>=1 <3', 'not tested'],
  ['0.9.9', '>=1 <3', 'too old'],
  ['1.0.0-rc.1', '>=1 <3', 'too old'],
  ['2.0.0-beta.1', '>=1 <3', 'not tested'],
  ['3.0.0-alpha', '>=1 <3', 'not tested'],
  ['2.0.0-beta.1', '>=1 <3 || 2.0.0-beta.1', 'tested'],
  ['1.2.3+build.5', '>=1 <3', 'tested'],
  ['newest', '>=1 <3', 'not tested'],
  ['1.2', '>=1 <3', 'not tested'],
  [null, '>=1 <3', 'tested'],
  ['7.0.0', '*', 'tested'],
];

describe('a version', () => {
  for (const [version, range, state] of CASES) {
    it(`${version} is ${state} in ${range}`, () => expect(versionState(version, range)).toBe(state));
  }

  it('cannot be compared with what is no range', () => {
    expect(() => versionState('1.0.0', 'recent')).toThrow(/'recent': it is no range of semver/);
  });
});

describe('a range of the usual form', () => {
  const versions = [
    ...[
      '0.0.0',
      '0.3.19',
      '0.3.20',
      '0.3.21',
      '1.2.2',
      '1.2.3',
      '1.10.0',
      '2.0.0',
      '4.9.9',
      '5.0.0',
      '7.99.99',
      '8.0.0',
    ],
    ...['5.0.0-beta', '5.0.0+build', '05.0.0', '5.0', '', 'newest'],
  ];

  it.each(['>=5 <8', '>=0.3.20 <2', '>=1.2 <1.2.3', '>=1.2.3 <1.10'])('means what semver says: %s', (range) => {
    for (const version of versions) {
      expect([version, versionState(version, range)]).toEqual([version, semverState(version, range)]);
    }
  });
});

describe('a loaded copy', () => {
  const packages = { '@scope/a': '>=2 <3', b: '>=1' };
  const copy = (specifier: string, version: string | null) => {
    return { specifier, version, exports: {}, packageRoot: null, how: 'require.cache' } as const;
  };
  const decide = (specifier: string, version: string | null, options = {}) => {
    const stderr = holdStderr();
    const answer = mayPatch(packages, copy(specifier, version), { ...DEFAULT_CONFIG, ...options });
    stderr.release();
    return [answer, stderr.text];
  };
  const strict = { disableForUnsupportedVersions: true };

  it('is patched whatever its version, and told of when it is too old', () => {
    expect(decide('@scope/a', '2.5.0')).toEqual([true, '']);
    expect(decide('@scope/a', '9.0.0')).toEqual([true, '']);
    expect(decide('@scope/a/inner', '1.0.0')).toEqual([
      true,
      'autolog: @scope/a 1.0.0 is older than the tested range >=2 <3; what is logged may be incomplete: upgrade the package\n',
    ]);
    expect(decide('@scope/a', '1.0.0')).toEqual([true, '']);
  });

  it('is ruled out by the range of its own package', () => {
    expect(decide('@scope/a/inner', '2.5.0', strict)).toEqual([true, '']);
    expect(decide('b', '9.0.0', strict)).toEqual([true, '']);
    expect(decide('b/inner', '0.1.0', strict)[0]).toBe(false);
    expect(decide('@scope/a', '2.5.0-rc.1', strict)[0]).toBe(false);
    expect(decide('@scope/a', null, strict)).toEqual([true, '']);
    expect(decide('@scope/ab', '0.0.1', strict)).toEqual([true, '']);
  });
});
