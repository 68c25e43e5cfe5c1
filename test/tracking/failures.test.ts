import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { failureCounts, reportFailure } from '../../src/failures.ts';

afterEach(() => {
  delete process.env.AUTOLOG_TESTING;
});

function listen() {
  const spy = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  onTestFinished(() => spy.mockRestore());
  return spy;
}

test('a failure is told once for each target, and counted each time', () => {
  const stderr = listen();
  reportFailure('a', new Error('one'));
  reportFailure('a', new Error('two'));
  reportFailure('b', 'text');
  expect(stderr.mock.calls.map(([text]) => text)).toEqual(['autolog: a: one\n', 'autolog: b: text\n']);
  expect(failureCounts()).toMatchObject({ a: 2, b: 1 });
});

test('a silent failure is counted, and the next one that is not silent is told', () => {
  const stderr = listen();
  reportFailure('quiet', new Error('one'), { silent: true });
  expect(stderr).not.toHaveBeenCalled();
  reportFailure('quiet', new Error('two'));
  expect(stderr).toHaveBeenCalledOnce();
  expect(failureCounts().quiet).toBe(2);
});

test('in test mode a failure is thrown, as the same object', () => {
  process.env.AUTOLOG_TESTING = '1';
  const error = new Error('mine');
  expect(() => reportFailure('thrown', error)).toThrow(error);
  expect(failureCounts().thrown).toBe(1);
});
