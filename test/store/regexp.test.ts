import path from 'node:path';
import { expect, test } from 'vitest';
import { all } from '../../src/store/sql/operation.ts';
import { SqliteEngine } from '../../src/store/sql/sqlite-engine.ts';
import { temporaryFolder } from './records.ts';

const QUERY = `SELECT COUNT(*) AS fits FROM (SELECT ? AS text UNION ALL SELECT 'something else altogether') AS texts
 WHERE texts.text REGEXP ?`;

test.each([
  ['resnet-50', '^res', 1],
  ['resnet-50', 'net-\\d+$', 1],
  ['resnet-50', 'NET', 0],
  ['resnet-50', '(?i)NET', 1],
  ['a b', '^(?P<first>\\w) (?P<second>\\w)$', 1],
  ['aa', '(?P<x>a)(?P=x)', 1],
  ['res', '\\Ares\\Z', 1],
  ['a\nres', '\\Ares', 0],
  ['größe', 'gr.ße', 1],
  ['\u{1F600}', '^.$', 1],
  ['a_b', 'a\\_b', 1],
  ['resnet', '(unclosed', 0],
  ['resnet', '', 2],
])('%j is searched by %j as Python would', (text, pattern, fits) => {
  const engine = new SqliteEngine(path.join(temporaryFolder(), 'a.db'));
  expect(engine.run(all(QUERY, text, pattern))[0]?.fits).toBe(fits);
  engine.close();
});

test('a pattern that would run for ever is refused, and the database goes on', () => {
  const engine = new SqliteEngine(path.join(temporaryFolder(), 'a.db'));
  expect(() => engine.snapshot(all(QUERY, `${'a'.repeat(60)}!`, '(a+)+$'))).toThrow(
    expect.objectContaining({
      code: 'INVALID_PARAMETER_VALUE',
      message: expect.stringMatching(/^Cannot search by RLIKE: the regular expression took longer than 5 s; /),
    }),
  );
  expect(engine.snapshot(all(QUERY, 'aaa', '(a+)+$'))[0]?.fits).toBe(1);
  engine.close();
});
