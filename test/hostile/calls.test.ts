import { expect, test } from 'vitest';
import { activeRun, setTrackingUri, startRun, withoutAutolog, withRun, withSpan } from '../../src/index.ts';

/** As plain JavaScript may call it. */
const wrongly = <F>(fn: F): ((...args: readonly unknown[]) => unknown) => fn as never;

test.each<[string, () => unknown, RegExp]>([
  ['a span by its name alone', () => wrongly(withSpan)('answer', () => 1), /^Cannot begin a span: it has no name/],
  ['a span without a name', () => wrongly(withSpan)({}, () => 1), /^Cannot begin a span: it has no name/],
  [
    'a span without a function',
    () => wrongly(withSpan)({ name: 'a' }),
    /^Cannot begin the span 'a': found undefined/,
  ],
  ['a run of nothing', () => wrongly(withRun)(), /^Cannot run in a run: found undefined, not a function/],
  ['a run of a number', () => wrongly(withRun)({}, 5), /^Cannot run in a run: found number, not a function/],
  ['a run that is a text', () => wrongly(startRun)('first'), /^Cannot start a run: its options are first; pass/],
  ['a run that is null', () => wrongly(startRun)(null), /^Cannot start a run: its options are null; pass/],
  ['withoutAutolog of a number', () => wrongly(withoutAutolog)(5), /^Cannot leave autologging: found number/],
  ['a number for a store', () => wrongly(setTrackingUri)(5), /^Cannot use a tracking URI: found number/],
])('refuses %s with one sentence, and begins nothing', (_, call, message) => {
  expect(call).toThrow(
    expect.objectContaining({ code: 'INVALID_PARAMETER_VALUE', message: expect.stringMatching(message) }),
  );
  expect(activeRun()).toBeUndefined();
});
