import { expect, test } from 'vitest';
import { validateArtifactFile, validateArtifactPath } from '../../src/artifacts/artifact-path.ts';

const INVALID = expect.objectContaining({ code: 'INVALID_PARAMETER_VALUE' });

test.each(['', 'a', 'a/b.txt', 'a b/ü.txt', '100%', '50%25', '...', 'a..b', '.hidden', 'a:b'.replace(':', '=')])(
  '%j is a path within',
  (path) => expect(validateArtifactPath(path)).toBe(path),
);

test.each([
  '/a',
  '//a',
  '\\a',
  'C:\\a',
  'c:a',
  '..',
  'a/../b',
  '../a',
  'a\\..\\b',
  './a',
  'a/./b',
  'a//b',
  'a\0b',
  '%2e%2e/a',
  'a%2f..%2fb',
  '%252e%252e%252fa',
  '%2Fetc',
  'a%00',
  '%2525252525252561',
])('%j leads outside or means nothing', (path) => {
  expect(() => validateArtifactPath(path)).toThrow(INVALID);
});

test('a trailing slash is dropped, and a file has a name', () => {
  expect(validateArtifactPath('a/')).toBe('a');
  expect(() => validateArtifactFile('')).toThrow(INVALID);
  expect(() => validateArtifactPath(3 as unknown as string)).toThrow(INVALID);
});
