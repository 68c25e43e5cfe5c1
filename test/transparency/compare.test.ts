import { describe, expect, it } from 'vitest';
import type { ExpectedSpan, Observation, SeenSpan, Suite } from './case.ts';
import { differences, scoreSpans } from './compare.ts';
import { describeValue } from './describe-value.ts';

const suite: Suite<unknown> = { name: 'none', createContext: () => undefined, cases: {} };
const native: Observation = {
  outcome: { value: { a: 1, b: ['x'] } },
  ended: true,
  unhandled: [],
  warnings: [],
  notes: { request: [{ body: { n: 1 } }] },
  spans: [],
};
const exit = { code: 0, signal: null, stdout: 'alive', stderr: '' };

describe('differences', () => {
  it.each<[string, Partial<Observation>, string[]]>([
    ['nothing', {}, []],
    ['a changed value', { outcome: { value: { a: 1, b: ['y'] } } }, ['value.b.0: x → y']],
    ['a missing key', { outcome: { value: { a: 1 } } }, ['value.b: ["x"] → absent']],
    ['another order of keys', { outcome: { value: { b: ['x'], a: 1 } } }, ['value: order of keys']],
    ['an error', { outcome: { error: { '(error)': 'TypeError', message: 'no' } } }, ['throws TypeError: no']],
    ['no end', { ended: false }, ['does not end']],
    ['a rejection', { unhandled: ['Error: late'] }, ['extra unhandled rejection: Error: late']],
    ['a second request', { notes: { request: [{}, {}] } }, ['requests: 1 → 2']],
    ['another body', { notes: { request: [{ body: { n: 2 } }] } }, ['request.0.body.n: 1 → 2']],
    ['a process that died', { exit: { ...exit, code: 7 } }, ['process ended with 7']],
  ])('tells of %s', (_, seen, words) => {
    expect(differences(suite, native, { ...native, ...seen })).toEqual(words);
  });

  it('tells of the end of a process, but not of the places in its stacks', () => {
    const error = 'file:///a.js:1\n  source();\n  ^\n\nError: x\n    at f (a.js:1:2)\n\nNode.js v24\n';
    const alone = { ...native, exit: { ...exit, stderr: error } };
    const other = error.replaceAll('a.js', 'b.js');
    expect(differences(suite, alone, { ...alone, exit: { ...exit, stderr: other } })).toEqual([]);
    expect(differences(suite, alone, { ...alone, exit: { ...exit, stderr: '' } })).toEqual(['stderr: empty']);
    expect(differences(suite, alone, { ...alone, exit: { ...alone.exit, code: 1 } })).toEqual(['exit code 0 → 1']);
  });
});

describe('scoreSpans', () => {
  const span: SeenSpan = {
    id: '1',
    parentId: null,
    name: 'a',
    type: 'LLM',
    isEnded: true,
    isError: false,
    data: '',
  };
  const data = '{"text":"hello \\"you\\"","usage":{"in":130,"out":9}}';

  it.each<[string, ExpectedSpan[], SeenSpan[], boolean, string[]]>([
    ['nothing wrong', [{ name: 'a', type: 'LLM' }], [span], true, []],
    ['a missing span', [{}], [], true, ['no span']],
    ['one too many', [{}], [span, span], true, ['1 too many']],
    ['one where there are none', [], [span], true, ['1 too many']],
    ['a span that never ends', [{}], [{ ...span, isEnded: false }], false, ['never ends']],
    ['a missing error', [{ isError: true }], [span], false, ['error missing']],
    ['a wrong error', [{}], [{ ...span, isError: true }], false, ['marked as error']],
    ['another name', [{ name: 'b' }], [span], true, ['name a']],
    ['another name, of a peer', [{ name: 'b' }], [span], false, []],
    ['a text that is there', [{ text: 'hello "you"' }], [{ ...span, data }], false, []],
    ['a text that is not', [{ text: 'bye' }], [{ ...span, data }], false, ["'bye' missing"]],
    ['tokens that are there', [{ tokens: [130, 9] }], [{ ...span, data }], false, []],
    ['tokens without their cached part', [{ tokens: [150, 9], parts: [20, 0] }], [{ ...span, data }], false, []],
    ['tokens that are not there', [{ tokens: [13, 9] }], [{ ...span, data }], false, ['tokens missing']],
    ['a span that peers need not have', [{ isOurs: true }], [], false, []],
    ['another parent', [{ parent: 'b' }], [span], true, ['parent undefined']],
  ])('tells of %s', (_, expected, seen, isOurs, wrong) => {
    expect(scoreSpans(expected, seen, isOurs).wrong).toEqual(wrong);
  });
});

describe('describeValue', () => {
  it('keeps what programs tell values apart by', () => {
    class Reply {
      readonly id = 1n;
    }
    const cycle: Record<string, unknown> = { reply: new Reply(), none: undefined, call: describeValue };
    cycle.self = cycle;
    expect(describeValue(cycle)).toEqual({
      reply: { '(class)': 'Reply', id: '(bigint 1)' },
      none: '(undefined)',
      call: '(function describeValue)',
      self: '(cycle)',
    });
    expect(describeValue(Object.assign(new RangeError('far'), { status: 4 }))).toEqual({
      '(error)': 'RangeError',
      name: 'RangeError',
      message: 'far',
      fields: { status: 4 },
    });
  });
});
