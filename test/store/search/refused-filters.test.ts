import { describe, expect, test } from 'vitest';
import { AutologError } from '../../../src/errors.ts';
import { parseExperimentFilter } from '../../../src/store/search/experiment-grammar.ts';
import { parseLoggedModelFilter } from '../../../src/store/search/logged-model-grammar.ts';
import { parseRunFilter } from '../../../src/store/search/run-grammar.ts';
import { parseTraceFilter } from '../../../src/store/search/trace-grammar.ts';

const MEGABYTE = 1_000_000;

type Row = readonly [filter: string, message: string];

const RUNS: readonly Row[] = [
  ["stauts = 'x'", "character 1 of the filter, there is no attribute 'stauts'; write 'status'"],
  ["experiment_id = '1'", "there is no attribute 'experiment_id'; write one of run_id, run_name, user_id, status"],
  ["paramz.lr = '1'", "'paramz' is no part that can be named before a dot; write 'param'"],
  ["Metrics.loss = '1'", "'Metrics' is no part that can be named before a dot; write 'metrics'"],
  ["span.name = 'x'", 'write one of attribute, metric, param, tag, dataset'],
  ["dataset.source = 'x'", "there is no dataset 'source'; write one of name, digest, context"],
  ["metrics.loss = 'x'", "character 16 of the filter, there is ''x'' where = takes a number"],
  ['params.lr = 0.1', "there is '0.1' where = takes quoted text; write '0.1'"],
  ['params.lr = x', "write 'x'"],
  ['tags.a = `x`', 'takes quoted text'],
  ['metrics.loss LIKE 5', "'metrics.loss' cannot be compared by LIKE; write one of =, !=, >, >=, <, <="],
  ["tags.a > 'x'", "'tags.a' cannot be compared by >"],
  ["params.a IN ('x')", "'params.a' cannot be compared by IN"],
  ["status IN ('FINISHED')", "'status' cannot be compared by IN"],
  ['status IS NULL', "'status' cannot be compared by IS NULL"],
  ["tags.a == 'x'", "'==' is no comparator; write ="],
  ["tags.a <> 'x'", "'<>' is no comparator; write !="],
  ["tags.a ~ 'x'", "'~' is no comparator"],
  ["tags.a LKE 'x'", "there is 'LKE' where the comparator of 'tags.a' belongs; write LIKE"],
  ["tags.a NOT LIKE 'x'", 'of comparators with NOT there are only NOT IN and IS NOT NULL'],
  ["tags.a IS 'x'", 'IS is not followed by NULL or NOT NULL'],
  ['tags.a', "there is the end of the text where the comparator of 'tags.a' belongs"],
  ['tags.a =', 'there is the end of the text where = takes quoted text'],
  ["run_id IN 'a'", "there is ''a'' where IN takes a list of quoted text; write ('a', 'b')"],
  ['run_id IN ()', 'the list of IN is empty'],
  ["run_id IN ('a', 5)", "there is '5' where IN takes a list"],
  ["run_id IN ('a' 'b')", "there is ''b'' where IN takes a list"],
  ["run_id IN ('a'", 'there is the end of the text where IN takes a list'],
  ["run_id = ('a')", "there is '(' where = takes quoted text"],
  ["(tags.a = 'x')", 'conditions take no brackets'],
  ["tags.a = 'x' OR tags.b = 'y'", 'character 14 of the filter, there is OR, which filters do not have'],
  ["NOT tags.a = 'x'", 'there is NOT before a key'],
  ["tags.a = 'x'; tags.b = 'y'", '";" cannot be part of a bare key'],
  ["params.x-y = 'a'", '"-" cannot be part of a bare key; put the key into back-ticks'],
  ["tags.a = 'x", "the quote ' is not closed"],
  ["tags.`a = 'x'", 'the quote ` is not closed'],
  ["tags.`` = 'x'", 'the key of the tag is empty'],
  ["tags. = 'x'", 'cannot follow the dot'],
  ["tags.a. = 'x'", 'cannot follow the dot'],
  ["'tags' = 'x'", "there is ''tags'' where a key belongs"],
  ["5 = 'x'", "there is '5' where a key belongs"],
  ["tags.a = 'x\0'", 'there is a NUL character'],
];

const OTHERS: readonly (readonly [string, (filter: string) => unknown, string, string])[] = [
  ['experiments', parseExperimentFilter, "metrics.a = 'x'", 'write one of attribute, tag'],
  ['experiments', parseExperimentFilter, "experiment_id = 'demo'", "'demo' is no experiment ID"],
  ['experiments', parseExperimentFilter, "experiment_id LIKE '1'", 'write one of =, !=, IN, NOT IN'],
  ['experiments', parseExperimentFilter, 'creation_time > 1.5', "'1.5' is no integer"],
  ['logged models', parseLoggedModelFilter, 'metric.loss > 1', "write 'metrics'"],
  ['logged models', parseLoggedModelFilter, 'tags.a IS NULL', 'cannot be compared by IS NULL'],
  ['logged models', parseLoggedModelFilter, 'tags.a = `x`', 'takes quoted text'],
  ['traces', parseTraceFilter, "text = 'x'", 'write one of LIKE, ILIKE'],
  ['traces', parseTraceFilter, "prompt = 'qa'", "'qa' is no version of a prompt"],
  ['traces', parseTraceFilter, "prompt != 'qa/1'", "'prompt' cannot be compared by !="],
  ['traces', parseTraceFilter, 'feedback.ok = true', "write 'true'"],
  ['traces', parseTraceFilter, "feedback.ok > 'x'", 'where > takes a number'],
  ['traces', parseTraceFilter, 'feedback.ok = 5', 'where = takes quoted text'],
  ['traces', parseTraceFilter, "span.color = 'x'", 'write one of name, type, status, content, attributes.<key>'],
  ['traces', parseTraceFilter, "span.attributes. = 'x'", 'cannot follow the dot'],
  ['traces', parseTraceFilter, "tags.a IN ('x')", 'cannot be compared by IN'],
  ['traces', parseTraceFilter, "timestamp > 'soon'", 'where > takes a number'],
  ['traces', parseTraceFilter, "issue.id != 'x'", "'issue.id' cannot be compared by !="],
];

describe('a filter of runs is refused', () => {
  test.each(RUNS)('%j', (filter, message) => {
    expectRefusal('runs', () => parseRunFilter(filter), message);
  });
});

describe('a filter is refused', () => {
  test.each(OTHERS)('of %s: %#', (subject, parse, filter, message) => {
    expectRefusal(subject, () => parse(filter), message);
  });

  test('that is no string', () => {
    expectRefusal('runs', () => parseRunFilter(5 as unknown as string), 'the filter is no string; pass a string');
  });
});

describe('a hostile filter of a megabyte is refused, or read, in linear time', () => {
  test.each<readonly [string, string, string]>([
    ['an unfinished quote', `tags.a = '${'x'.repeat(MEGABYTE)}`, 'is not closed'],
    ['quotes alone', `tags.a = ${"'".repeat(MEGABYTE + 1)}`, 'is not closed'],
    ['brackets', '('.repeat(MEGABYTE), 'conditions take no brackets'],
    ['brackets in a list', `run_id IN ${'('.repeat(MEGABYTE)}`, 'takes a list of quoted text'],
    ['100,000 conditions', 'metrics.a > 1 AND '.repeat(100_000), 'more than 1000 conditions'],
    ['250,000 values', `run_id IN (${"'a',".repeat(250_000)})`, 'more than 10000 values'],
    ['digits', `metrics.a > ${'1'.repeat(MEGABYTE)}x`, 'takes a number'],
    ['one word', 'x'.repeat(MEGABYTE), "there is no attribute 'xxx"],
    ['names and dots', 'a.'.repeat(MEGABYTE / 2), 'cannot follow the dot'],
    ['comparators', `status ${'<'.repeat(MEGABYTE)}`, 'is no comparator'],
    ['dashes', `status ${'-'.repeat(MEGABYTE)}`, 'means nothing here'],
    ['emoji', '🦉'.repeat(MEGABYTE / 2), '"🦉" means nothing here'],
    ['NUL characters', '\0'.repeat(MEGABYTE), 'there is a NUL character'],
  ])('%s', (_what, filter, message) => {
    expectRefusal('runs', () => parseRunFilter(filter), message);
  });

  test('the word AND, spaces and long values are no harm', () => {
    expect(parseRunFilter('AND '.repeat(MEGABYTE / 4))).toEqual([]);
    expect(parseRunFilter(' '.repeat(MEGABYTE))).toEqual([]);
    expect(parseRunFilter(`tags.a = '${'x'.repeat(MEGABYTE)}'`)[0]?.value).toHaveLength(MEGABYTE);
  });
});

function expectRefusal(subject: string, parse: () => unknown, message: string): void {
  const error = errorOf(parse);
  expect(error).toBeInstanceOf(AutologError);
  expect((error as AutologError).code).toBe('INVALID_PARAMETER_VALUE');
  expect((error as AutologError).message).toContain(message);
  expect((error as AutologError).message).toMatch(new RegExp(`^Cannot search ${subject}: .*\\.$`, 's'));
  expect((error as AutologError).message.length).toBeLessThan(400);
}

function errorOf(parse: () => unknown): unknown {
  try {
    return parse();
  } catch (error) {
    return error;
  }
}
