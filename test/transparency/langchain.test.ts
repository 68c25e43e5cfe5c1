import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Observation, Subject } from './case.ts';
import { suite } from './cases/langchain/index.ts';
import { differences, scoreSpans } from './compare.ts';
import { type Observations, type RunOptions, runCases } from './run-cases.ts';
import { autologSubject, nativeSubject } from './subjects.ts';

const root = fileURLToPath(new URL('.', import.meta.url));

const copies: Record<string, Pick<RunOptions, 'aliases'> & Pick<Subject, 'loading'>> = {
  'core 1, required': { loading: 'require' },
  'core 0.3, imported': { loading: 'import', aliases: { '@langchain/core': '@langchain/core-03' } },
};

/** Langchain may drop an aborted stream: its span ends when it is collected, or as it is at exit. */
const DROPPED = 'a stream of a chat model is aborted';

describe.each(Object.entries(copies))('%s', (_, { loading, aliases }) => {
  let native: Observations;
  let seen: Observations;

  beforeAll(async () => {
    const options = { root, aliases, env: {}, sinkUrl: 'http://127.0.0.1:9' };
    [native, seen] = await Promise.all([
      runCases(suite, nativeSubject(loading), options),
      runCases(suite, autologSubject(loading), options),
    ]);
  }, 240_000);

  it.each(Object.entries(suite.cases))('nothing changes, and the spans are right: %s', (title, { spans }) => {
    const { before, after } = both(title);
    expect(differences(suite, before, after)).toEqual([]);
    const expected = title === DROPPED ? after.spans.map(({ name, isError }) => ({ name, isError })) : spans;
    expect(after.spans.length).toBe(spans.length);
    expect(scoreSpans(expected, after.spans, true)).toEqual({ right: spans.length, of: spans.length, wrong: [] });
  });

  function both(title: string): { before: Observation; after: Observation } {
    const [before, after] = [native.get(title), seen.get(title)];
    if (before === undefined || after === undefined) throw new Error(`'${title}' was not run.`);
    return { before, after };
  }
});
