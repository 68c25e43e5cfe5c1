import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { failureCounts } from '../../src/failures.ts';
import { intercept } from '../../src/patching/intercept.ts';
import type { Call, Interceptor, Observer } from '../../src/patching/interceptor.ts';
import { holdStderr } from '../../src/testing/hold-stderr.ts';
import { kinds, type Subject } from './kinds.ts';

const theirs = new Error('of the original');

let count = 0;
let name: string;

beforeEach(() => {
  count += 1;
  name = `matrix-${count} fn`;
});

afterEach(() => {
  delete process.env.AUTOLOG_TESTING;
});

function thrower(): never {
  throw new Error('of a hook');
}

/** Hooks that write down what they are told. */
function createRecorder(more: Partial<Observer> = {}, own = name) {
  const calls: Call[] = [];
  const outcomes: (readonly ['resolved' | 'rejected', unknown])[] = [];
  const interceptor: Interceptor = {
    name: own,
    begin(call) {
      calls.push(call);
      return {
        resolved: (value) => outcomes.push(['resolved', value]),
        rejected: (error) => outcomes.push(['rejected', error]),
        ...more,
      };
    },
  };
  return { interceptor, calls, outcomes };
}

/** Calls it, and returns what comes out in the end: a value, or an error that was thrown then or later. */
async function outcomeOf(subject: Subject, args: unknown[] = ['Ann', 7]): Promise<unknown> {
  try {
    return { value: await subject.settle(subject.call(...args)) };
  } catch (error) {
    return { error };
  }
}

const HOOKS: Readonly<Record<string, Interceptor['begin']>> = {
  'at its beginning': thrower,
  'before the original, in its context': () => ({ run: thrower }),
  'after the original, in its context': () => ({
    run: (fn) => {
      fn();
      return thrower();
    },
  }),
};

/** What is asked of every kind. */
const CASES: Readonly<Record<string, (make: () => Subject) => unknown>> = {
  'tells the hooks what the caller passed': async (make) => {
    const subject = make();
    const { interceptor, calls } = createRecorder();
    intercept(subject.target, subject.key, interceptor);
    const args = [{ given: true }, 7];
    await outcomeOf(subject, args);
    const [call, ...others] = calls;
    expect(others).toEqual([]);
    expect(call?.args).toEqual(args);
    expect(call?.args[0]).toBe(args[0]);
    const { self } = subject.original.calls[0] as { self: unknown };
    if (self !== undefined) expect(call?.self).toBe(self);
  },

  'calls the original once, with the very arguments': async (make) => {
    const subject = make();
    intercept(subject.target, subject.key, createRecorder().interceptor);
    const args = [Object.freeze({ given: true }), Symbol('s')];
    await outcomeOf(subject, args);
    expect(subject.original.calls).toHaveLength(1);
    expect(subject.original.calls[0]?.args).toEqual(args);
    expect(subject.original.calls[0]?.args[0]).toBe(args[0]);
  },

  'gives the caller what the original gave, the very object': async (make) => {
    const [subject, untouched] = [make(), make()];
    intercept(subject.target, subject.key, createRecorder().interceptor);
    const result = subject.call('Ann', 7);
    const { returned } = subject.original.calls[0] as { returned: unknown };
    // What was constructed holds what the original gave.
    expect([result, (result as { greeting?: unknown }).greeting]).toContain(returned);
    expect(await subject.settle(result)).toEqual(await untouched.settle(untouched.call('Ann', 7)));
  },

  'tells how the call turned out, once': async (make) => {
    const subject = make();
    const { interceptor, outcomes } = createRecorder();
    intercept(subject.target, subject.key, interceptor);
    const result = subject.call('Ann', 7);
    const settled = await subject.settle(result);
    await new Promise(setImmediate);
    expect(outcomes).toHaveLength(1);
    expect(outcomes[0]?.[0]).toBe('resolved');
    expect([result, settled]).toContain(outcomes[0]?.[1]);
  },

  'fails with the very error of the original, which is told': async (make) => {
    const subject = make();
    subject.original.error = { thrown: theirs };
    const { interceptor, outcomes } = createRecorder();
    intercept(subject.target, subject.key, interceptor);
    expect(await outcomeOf(subject)).toEqual({ error: theirs });
    expect(outcomes.map(([kind]) => kind)).toEqual([subject.failsAsCall ? 'rejected' : 'resolved']);
    if (subject.failsAsCall) expect(outcomes[0]?.[1]).toBe(theirs);
  },

  'takes what is thrown that is no error': async (make) => {
    for (const thrown of [undefined, null, 'text', Object.create(null)]) {
      const subject = make();
      subject.original.error = { thrown };
      intercept(subject.target, subject.key, createRecorder().interceptor);
      const outcome = (await outcomeOf(subject)) as { error: unknown };
      expect(Object.keys(outcome)).toEqual(['error']);
      expect(outcome.error).toBe(thrown);
    }
  },

  'gives the same when a hook throws, which is told once': async (make) => {
    for (const [when, begin] of Object.entries({ ...HOOKS, 'at the end': () => ({ resolved: thrower }) })) {
      const own = `${name.replace(' fn', '')}-${when.replaceAll(' ', '-')} fn`;
      const [subject, untouched] = [make(), make()];
      intercept(subject.target, subject.key, { name: own, begin });
      const stderr = holdStderr();
      const outcomes = [await outcomeOf(subject), await outcomeOf(subject)];
      stderr.release();
      const expected = await outcomeOf(untouched);
      expect(outcomes).toEqual([expected, expected]);
      expect(subject.original.calls).toHaveLength(2);
      expect(stderr.text).toBe(`autolog: ${own}: of a hook\n`);
      expect(failureCounts()[own]).toBe(2);
    }
  },

  'fails with the error of the original when a hook throws, too': async (make) => {
    for (const begin of [...Object.values(HOOKS), () => ({ rejected: thrower })]) {
      const subject = make();
      subject.original.error = { thrown: theirs };
      intercept(subject.target, subject.key, { name, begin });
      const stderr = holdStderr();
      expect(await outcomeOf(subject)).toEqual({ error: theirs });
      stderr.release();
      expect(subject.original.calls).toHaveLength(1);
    }
  },

  'runs the original once when a hook runs it twice, later or not at all': async (make) => {
    const later: (() => unknown)[] = [];
    const runs: Observer['run'][] = [
      (fn) => {
        fn();
        return fn();
      },
      (fn) => {
        later.push(fn);
        return undefined as never;
      },
      () => undefined as never,
    ];
    for (const run of runs) {
      const [subject, untouched] = [make(), make()];
      intercept(subject.target, subject.key, createRecorder({ run }).interceptor);
      expect(await outcomeOf(subject)).toEqual(await outcomeOf(untouched));
      for (const fn of later) fn();
      expect(subject.original.calls).toHaveLength(1);
    }
  },

  'throws what a hook throws in test mode': (make) => {
    process.env.AUTOLOG_TESTING = '1';
    for (const begin of Object.values(HOOKS)) {
      const subject = make();
      intercept(subject.target, subject.key, { name, begin });
      expect(() => subject.call('Ann', 7)).toThrow('of a hook');
      expect(subject.original.calls.length).toBeLessThanOrEqual(1);
    }
  },

  'gives the same in test mode when nothing is wrong': async (make) => {
    process.env.AUTOLOG_TESTING = '1';
    const [subject, untouched] = [make(), make()];
    const { interceptor, outcomes } = createRecorder({ run: (fn) => fn() });
    intercept(subject.target, subject.key, interceptor);
    expect(await outcomeOf(subject)).toEqual(await outcomeOf(untouched));
    expect(outcomes).toHaveLength(1);
  },

  'passes through, as it was found, once the hooks are taken back': async (make) => {
    const [subject, untouched] = [make(), make()];
    const before = descriptorsOf(subject);
    const { interceptor, calls } = createRecorder();
    const undo = intercept(subject.target, subject.key, interceptor);
    undo();
    expect(descriptorsOf(subject)).toEqual(before);
    expect(await outcomeOf(subject)).toEqual(await outcomeOf(untouched));
    expect(calls).toEqual([]);
    undo();
    expect(descriptorsOf(subject)).toEqual(before);
  },

  'passes through what was kept of it, once the hooks are taken back': async (make) => {
    const subject = make();
    const { interceptor, calls } = createRecorder();
    const undo = intercept(subject.target, subject.key, interceptor);
    const kept = Object.getOwnPropertyDescriptor(subject.target, subject.key) as PropertyDescriptor;
    undo();
    Object.defineProperty(subject.target, subject.key, kept);
    onTestFinished(() => void Reflect.deleteProperty(subject.target, subject.key));
    expect(await outcomeOf(subject)).toHaveProperty('value');
    expect([calls, subject.original.calls.length]).toEqual([[], 1]);
  },

  'tells the end of a call that began before the hooks were taken back': async (make) => {
    const subject = make();
    const { interceptor, outcomes } = createRecorder();
    const undo = intercept(subject.target, subject.key, interceptor);
    const result = subject.call('Ann', 7);
    undo();
    await subject.settle(result);
    expect(outcomes).toHaveLength(1);
  },

  'tells each of two, and one of two that have a name': async (make) => {
    const subject = make();
    const [one, two, twin] = [
      createRecorder({}, 'one fn'),
      createRecorder({}, 'two fn'),
      createRecorder({}, 'two fn'),
    ];
    for (const { interceptor } of [one, two, twin]) intercept(subject.target, subject.key, interceptor);
    await outcomeOf(subject);
    expect([one, two, twin].map(({ outcomes }) => outcomes.length)).toEqual([1, 1, 0]);
    expect(subject.original.calls).toHaveLength(1);
  },

  'enters the context of one although that of another fails': async (make) => {
    const subject = make();
    const entered: string[] = [];
    const enter = (own: string) =>
      createRecorder(
        {
          run: (fn) => {
            entered.push(own);
            return fn();
          },
        },
        `${own} fn`,
      );
    intercept(subject.target, subject.key, enter('one').interceptor);
    intercept(subject.target, subject.key, { name, begin: () => ({ run: thrower }) });
    intercept(subject.target, subject.key, enter('two').interceptor);
    const stderr = holdStderr();
    await outcomeOf(subject);
    stderr.release();
    expect(entered.sort()).toEqual(['one', 'two']);
    expect(subject.original.calls).toHaveLength(1);
  },

  'passes on what hooks add to the arguments, one after the other': async (make) => {
    const subject = make();
    for (const own of ['one', 'two']) {
      intercept(subject.target, subject.key, {
        name: `${own} fn`,
        begin: ({ args }) => ({ args: [...args, own] }),
      });
    }
    await outcomeOf(subject);
    expect(subject.original.calls[0]?.args).toEqual(['Ann', 7, 'one', 'two']);
  },

  'keeps from the original what a hook does to the list of arguments': async (make) => {
    const subject = make();
    intercept(subject.target, subject.key, {
      name,
      begin({ args }) {
        (args as unknown[]).push('ours');
        return {};
      },
    });
    await outcomeOf(subject);
    expect(subject.original.calls[0]?.args).toEqual(['Ann', 7]);
  },

  'looks as before': (make) => {
    const subject = make();
    const before = looksOf(subject);
    intercept(subject.target, subject.key, createRecorder().interceptor);
    expect(looksOf(subject)).toEqual(before);
  },
};

/** All properties at the target and above it. */
function descriptorsOf({ target }: Subject): unknown[] {
  const all: unknown[] = [];
  for (
    let owner = target;
    owner !== Object.prototype && owner !== Function.prototype;
    owner = Object.getPrototypeOf(owner)
  ) {
    all.push([Reflect.ownKeys(owner), Object.getOwnPropertyDescriptors(owner)]);
  }
  return all;
}

/** What a program can see of the function, without calling it or asking for its text. */
function looksOf({ target, key }: Subject): unknown {
  const fn = Reflect.get(target, key) as { readonly prototype?: object };
  const { name: ownName, length } = fn as unknown as { name: string; length: number };
  const { constructor: _, ...members } = Object.getOwnPropertyDescriptors(fn.prototype ?? {});
  const { enumerable } = Object.getOwnPropertyDescriptor(target, key) ?? { enumerable: undefined };
  return {
    type: typeof fn,
    text: Object.prototype.toString.call(fn),
    ownName,
    length,
    keys: Object.keys(fn),
    ownKeys: Reflect.ownKeys(fn).filter((each) => !MARKS.includes(each)),
    parent: Object.getPrototypeOf(fn),
    members,
    isEnumerable: Object.hasOwn(target, key) ? enumerable : false,
    targetKeys: Object.keys(target),
  };
}

/** Of shimmer, not enumerable: other tools know them. */
const MARKS: readonly PropertyKey[] = ['__original', '__unwrap', '__wrapped'];

describe.each(kinds)('%s', (_kind, make) => {
  it.each(Object.entries(CASES))('%s', async (_title, check) => {
    await check(make);
  });
});
