import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Subject } from './case.ts';
import { suite } from './cases/openai/index.ts';
import { judgeSubject, type Verdict } from './judge.ts';
import { type RunOptions, runCases } from './run-cases.ts';
import { autologSubject, nativeSubject } from './subjects.ts';

const root = fileURLToPath(new URL('.', import.meta.url));

const copies: Record<string, Pick<RunOptions, 'aliases'> & Pick<Subject, 'loading'>> = {
  'openai 7, required': { loading: 'require' },
  'openai 6, imported': { loading: 'import', aliases: { openai: 'openai-6' } },
};

/** What a program can see of us all the same, and nothing else; docs/transparency.md shows it too. */
const known: Readonly<Record<string, RegExp>> = {
  'the source text of a method': /^value: create\(body, options\).* → /,
};

describe.each(Object.entries(copies))('%s', (_, { loading, aliases }) => {
  let verdicts: ReadonlyMap<string, Verdict>;

  beforeAll(async () => {
    const server = await suite.startServer?.();
    const options = { root, aliases, env: server?.env ?? {}, sinkUrl: 'http://127.0.0.1:9' };
    const native = await runCases(suite, nativeSubject(loading), options);
    verdicts = await judgeSubject(suite, autologSubject(loading), native, options);
    await server?.close();
  }, 300_000);

  it.each(Object.entries(suite.cases))('nothing changes, and the spans are right: %s', (title, { spans }) => {
    const verdict = verdicts.get(title);
    expect(verdict?.changes.filter((text) => !known[title]?.test(text))).toEqual([]);
    expect(verdict?.spans).toEqual({ right: spans.length, of: spans.length, wrong: [] });
  });
});
