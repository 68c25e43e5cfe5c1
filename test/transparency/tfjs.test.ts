import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Observation } from './case.ts';
import { suite } from './cases/tfjs/index.ts';
import { differences, scoreSpans } from './compare.ts';
import { type Observations, runCases } from './run-cases.ts';
import { autologSubject, nativeSubject } from './subjects.ts';

const root = fileURLToPath(new URL('.', import.meta.url));

describe.each(['require', 'import'] as const)('tfjs 4, by %s', (loading) => {
  let native: Observations;
  let seen: Observations;

  beforeAll(async () => {
    const options = { root, env: {}, sinkUrl: 'http://127.0.0.1:9' };
    [native, seen] = await Promise.all([
      runCases(suite, nativeSubject(loading), options),
      runCases(suite, autologSubject(loading), options),
    ]);
  }, 240_000);

  it.each(Object.entries(suite.cases))('nothing changes, and there are no spans: %s', (title, { spans }) => {
    const { before, after } = both(title);
    expect(differences(suite, before, after)).toEqual([]);
    expect(scoreSpans(spans, after.spans, true)).toEqual({ right: spans.length, of: spans.length, wrong: [] });
  });

  function both(title: string): { before: Observation; after: Observation } {
    const [before, after] = [native.get(title), seen.get(title)];
    if (before === undefined || after === undefined) throw new Error(`'${title}' was not run.`);
    return { before, after };
  }
});
