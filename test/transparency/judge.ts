import type { Subject, Suite } from './case.ts';
import { differences, type SpanScore, scoreSpans } from './compare.ts';
import { type Observations, type RunOptions, runCases } from './run-cases.ts';
import { nativeSubject } from './subjects.ts';

/** What one subject did in one case. */
export interface Verdict {
  /** Empty for a program that noticed nothing. */
  readonly changes: readonly string[];
  readonly spans: SpanScore;
}

/**
 * Runs a suite under a subject and judges each case by its title. A case with a fault is run once more, natively and
 * under the subject: on a machine under load, what depends on time may differ once, and what is real differs again.
 */
export async function judgeSubject(
  suite: Suite<unknown>,
  subject: Subject,
  native: Observations,
  options: RunOptions,
): Promise<ReadonlyMap<string, Verdict>> {
  const verdicts = judge(suite, subject, native, await runCases(suite, subject, options));
  const titles = [...verdicts].filter(([, verdict]) => isFaulty(verdict)).map(([title]) => title);
  if (titles.length === 0) return verdicts;
  const again = { ...options, titles };
  const nativeAgain = await runCases(suite, nativeSubject(subject.loading), again);
  const second = judge(suite, subject, nativeAgain, await runCases(suite, subject, again));
  return new Map([...verdicts].map(([title, first]) => [title, better(first, second.get(title))]));
}

function judge(
  suite: Suite<unknown>,
  subject: Subject,
  native: Observations,
  seen: Observations,
): Map<string, Verdict> {
  const verdicts = new Map<string, Verdict>();
  for (const [title, after] of seen) {
    const before = native.get(title);
    const expected = suite.cases[title]?.spans;
    if (before === undefined || expected === undefined) throw new Error(`'${title}' was not run natively.`);
    verdicts.set(title, {
      changes: differences(suite, before, after),
      spans: scoreSpans(expected, after.spans, subject.id === 'autolog'),
    });
  }
  return verdicts;
}

function isFaulty({ changes, spans }: Verdict): boolean {
  return changes.length > 0 || spans.wrong.length > 0;
}

function better(first: Verdict, second: Verdict | undefined): Verdict {
  return second !== undefined && weightOf(second) < weightOf(first) ? second : first;
}

function weightOf({ changes, spans }: Verdict): number {
  return changes.length * 1_000 + spans.wrong.length;
}
