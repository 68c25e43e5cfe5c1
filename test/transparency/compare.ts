import type { ExpectedSpan, Observation, ProcessEnd, SeenSpan, Suite } from './case.ts';

/** What a program sees otherwise than natively, in few words, the most serious first; empty when nothing. */
export function differences(suite: Suite<unknown>, native: Observation, seen: Observation): string[] {
  const blank = suite.blank ?? ((text: string) => text);
  const found = [
    endDifference(native, seen),
    outcomeDifference(plain(native.outcome, blank), plain(seen.outcome, blank)),
    countDifference('unhandled rejection', native.unhandled, seen.unhandled),
    countDifference('warning', native.warnings, seen.warnings),
    ...Object.keys({ ...native.notes, ...seen.notes }).map((kind) =>
      noteDifference(kind, plain(native.notes[kind] ?? [], blank), plain(seen.notes[kind] ?? [], blank)),
    ),
  ];
  return found.filter((text) => text !== undefined);
}

function endDifference(native: Observation, seen: Observation): string | undefined {
  if (native.exit === undefined && seen.exit !== undefined) return `process ended with ${seen.exit.code}`;
  if (native.ended && !seen.ended) return 'does not end';
  if (!native.ended && seen.ended) return 'ends';
  if (native.exit === undefined || seen.exit === undefined) return undefined;
  if (native.exit.code !== seen.exit.code) return `exit code ${native.exit.code} → ${seen.exit.code}`;
  if (native.exit.stdout !== seen.exit.stdout) return `stdout: ${excerpt(seen.exit.stdout || 'empty')}`;
  const [before, after] = [errorText(native.exit), errorText(seen.exit)];
  return before === after ? undefined : `stderr: ${excerpt(after === '' ? 'empty' : after)}`;
}

/** What went to stderr, without the frames and source lines of stacks. */
function errorText({ stderr }: ProcessEnd): string {
  const noise = /^\s+at |^\s*\^|^\S+:\d+$|^Node\.js v|^ {2,}/;
  return stderr
    .split('\n')
    .filter((line, at, all) => line !== '' && !noise.test(line) && !/^\S+:\d+$/.test(all[at - 1] ?? ''))
    .join('\n');
}

function outcomeDifference(native: unknown, seen: unknown): string | undefined {
  if (native === undefined || JSON.stringify(native) === JSON.stringify(seen)) return undefined;
  const error = (seen as { error?: { '(error)'?: string; message?: string } })?.error;
  if (error !== undefined && !Object.hasOwn(native as object, 'error')) {
    return `throws ${error['(error)']}: ${excerpt(String(error.message))}`;
  }
  return firstDifference(native, seen, '');
}

function countDifference(what: string, native: readonly string[], seen: readonly string[]): string | undefined {
  if (JSON.stringify(native) === JSON.stringify(seen)) return undefined;
  if (seen.length === native.length)
    return `other ${what}: ${excerpt(seen.find((text, at) => text !== native[at]) ?? '')}`;
  if (seen.length < native.length) return `${what} swallowed`;
  return `extra ${what}: ${excerpt(seen.find((text) => !native.includes(text)) ?? '')}`;
}

function noteDifference(kind: string, native: unknown, seen: unknown): string | undefined {
  const [before, after] = [native as unknown[], seen as unknown[]];
  if (before.length !== after.length) return `${kind}s: ${before.length} → ${after.length}`;
  return firstDifference(before, after, kind);
}

function firstDifference(native: unknown, seen: unknown, path: string): string | undefined {
  if (JSON.stringify(native) === JSON.stringify(seen)) return undefined;
  if (!isRecord(native) || !isRecord(seen))
    return `${path || 'outcome'}: ${excerpt(show(native))} → ${excerpt(show(seen))}`;
  const keys = new Set([...Object.keys(native), ...Object.keys(seen)]);
  for (const key of keys) {
    const inner = firstDifference(native[key], seen[key], path === '' ? key : `${path}.${key}`);
    if (inner !== undefined) return inner;
  }
  return `${path}: order of keys`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function show(value: unknown): string {
  return value === undefined ? 'absent' : typeof value === 'string' ? value : JSON.stringify(value);
}

function excerpt(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > 60 ? `${line.slice(0, 57)}…` : line;
}

function plain(value: unknown, blank: (text: string) => string): unknown {
  return value === undefined ? undefined : JSON.parse(blank(JSON.stringify(value)));
}

/** How many of a case's spans are right, of how many; more than named count as wrong ones. */
export interface SpanScore {
  readonly right: number;
  readonly of: number;
  /** What is wrong, in few words. */
  readonly wrong: readonly string[];
}

/**
 * Judges a subject's spans by what a case names. Of peers, names, types and parents are not asked, nor spans that only
 * this package makes; and where a case is about what this package leaves alone, what they trace there is their affair.
 */
export function scoreSpans(
  expected: readonly ExpectedSpan[],
  seen: readonly SeenSpan[],
  isOurs: boolean,
): SpanScore {
  const asked = isOurs ? expected : expected.filter((one) => one.isOurs !== true);
  const left = [...seen];
  const missing: ExpectedSpan[] = [];
  for (const one of asked) {
    const at = left.findIndex((span) => faultOf(one, span, seen, isOurs) === undefined);
    if (at >= 0) left.splice(at, 1);
    else missing.push(one);
  }
  const wrong = missing.map((one) => faultOfNearest(one, left, seen, isOurs));
  if (left.length > 0 && (isOurs || asked.length > 0)) wrong.push(`${left.length} too many`);
  return { right: asked.length - missing.length, of: asked.length, wrong };
}

function faultOfNearest(one: ExpectedSpan, left: SeenSpan[], all: readonly SeenSpan[], isOurs: boolean): string {
  const nearest = left.shift();
  return nearest === undefined ? 'no span' : (faultOf(one, nearest, all, isOurs) ?? 'no span');
}

/** JSON may stand in JSON, and be written with spaces or without. */
function bare(text: string): string {
  return text.replaceAll(/[\\\s]/g, '');
}

function hasTokens({ tokens, parts }: ExpectedSpan, { data }: SeenSpan): boolean {
  const isThere = (count: number) => new RegExp(`[:"]${count}(?!\\d)`).test(data);
  return tokens?.every((count, at) => isThere(count) || isThere(count - (parts?.[at] ?? 0))) ?? true;
}

function faultOf(
  one: ExpectedSpan,
  span: SeenSpan,
  all: readonly SeenSpan[],
  isOurs: boolean,
): string | undefined {
  if (!span.isEnded) return 'never ends';
  if (span.isError !== (one.isError ?? false)) return span.isError ? 'marked as error' : 'error missing';
  if (one.text !== undefined && !bare(span.data).includes(bare(one.text))) return `'${excerpt(one.text)}' missing`;
  if (!hasTokens(one, span)) return 'tokens missing';
  if (!isOurs) return undefined;
  if (one.name !== undefined && one.name !== span.name) return `name ${span.name}`;
  if (one.type !== undefined && one.type !== span.type) return `type ${span.type}`;
  const parent = all.find(({ id }) => id === span.parentId)?.name;
  return one.parent !== undefined && one.parent !== parent ? `parent ${parent}` : undefined;
}
