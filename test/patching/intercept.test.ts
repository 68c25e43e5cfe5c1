import * as nodePath from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { failureCounts } from '../../src/failures.ts';
import { intercept } from '../../src/patching/intercept.ts';
import type { Interceptor } from '../../src/patching/interceptor.ts';
import { PatchError } from '../../src/patching/patch-error.ts';

type AnyFunction = (...args: unknown[]) => unknown;

/** An interceptor that writes down what it is told. */
function createRecorder(name = 'test') {
  const events: unknown[][] = [];
  const interceptor: Interceptor = {
    name,
    begin: ({ self, args }) => {
      events.push(['begin', self, args]);
      return {
        resolved: (value) => events.push(['resolved', value]),
        rejected: (error) => events.push(['rejected', error]),
      };
    },
  };
  return { interceptor, events, kinds: () => events.map(([kind]) => kind) };
}

/** Every property of an object and of its prototypes but the built-in ones, as descriptors. */
function descriptorsOf(object: object): unknown[] {
  const all: unknown[] = [];
  const builtIn: unknown[] = [null, Object.prototype, Array.prototype, Function.prototype];
  for (let owner = object; !builtIn.includes(owner); owner = Object.getPrototypeOf(owner)) {
    all.push([Reflect.ownKeys(owner), Object.getOwnPropertyDescriptors(owner)]);
  }
  return all;
}

const symbol = Symbol('method');

/** Places where a function can stand, each with its key. */
const places: Record<string, () => { target: object; key: PropertyKey }> = {
  'an own method': () => ({ target: { a: 1, fn: (x: unknown) => x, z: 2 }, key: 'fn' }),
  'a class method': () => ({
    target: class {
      fn(x: unknown) {
        return x;
      }
    }.prototype,
    key: 'fn',
  }),
  'a static method': () => ({
    target: class {
      readonly made = true;
      static fn(x: unknown) {
        return x;
      }
    },
    key: 'fn',
  }),
  'an inherited method': () => ({
    target: class extends class {
      fn(x: unknown) {
        return x;
      }
    } {}.prototype,
    key: 'fn',
  }),
  'a symbol': () => ({ target: { [symbol]: (x: unknown) => x }, key: symbol }),
  'a getter': () => ({
    target: Object.defineProperty({}, 'fn', { get: () => Math.abs, configurable: true }),
    key: 'fn',
  }),
  'a static getter': () => ({
    target: class {
      readonly made = true;
      static get fn() {
        return Math.abs;
      }
    },
    key: 'fn',
  }),
  'a getter with a setter': () => ({
    target: Object.defineProperty({}, 'fn', {
      get: () => Math.abs,
      set: () => undefined,
      enumerable: true,
      configurable: true,
    }),
    key: 'fn',
  }),
  'a sealed object': () => ({ target: Object.seal({ fn: (x: unknown) => x }), key: 'fn' }),
  'an object that takes no more properties': () => ({
    target: Object.preventExtensions({ fn: (x: unknown) => x }),
    key: 'fn',
  }),
  'an inherited getter': () => ({
    target: Object.create(Object.defineProperty({}, 'fn', { get: () => Math.abs, configurable: true })),
    key: 'fn',
  }),
  'a read-only property': () => ({
    target: Object.defineProperty({}, 'fn', { value: (x: unknown) => x, configurable: true }),
    key: 'fn',
  }),
  'a non-configurable property': () => ({
    target: Object.defineProperty({}, 'fn', { value: (x: unknown) => x, writable: true }),
    key: 'fn',
  }),
  'an object without prototype': () => ({
    target: Object.assign(Object.create(null), { fn: (x: unknown) => x }),
    key: 'fn',
  }),
  'an array index': () => ({ target: [(x: unknown) => x], key: 0 }),
};

describe.each(Object.entries(places))('%s', (_, place) => {
  it('is called through the interceptor', () => {
    const { target, key } = place();
    const { interceptor, events } = createRecorder();
    intercept(target, key, interceptor);
    expect(Reflect.get(target, key).call(target, 7)).toBe(7);
    expect(events).toEqual([
      ['begin', target, [7]],
      ['resolved', 7],
    ]);
  });

  it.each([
    ['in turn', [0, 1]],
    ['in reverse', [1, 0]],
  ])('is exactly as before when two interceptors go %s', (__, order) => {
    const { target, key } = place();
    const before = descriptorsOf(target);
    const recorders = [createRecorder('a'), createRecorder('b')];
    const undo = recorders.map(({ interceptor }) => intercept(target, key, interceptor));
    Reflect.get(target, key).call(target, 1);
    expect(recorders.map(({ kinds }) => kinds())).toEqual([
      ['begin', 'resolved'],
      ['begin', 'resolved'],
    ]);
    undo[order[0] as number]?.();
    Reflect.get(target, key).call(target, 2);
    expect(recorders[order[0] as number]?.events).toHaveLength(2);
    expect(recorders[order[1] as number]?.events).toHaveLength(4);
    undo[order[1] as number]?.();
    expect(descriptorsOf(target)).toEqual(before);
    for (const again of undo) again();
    expect(descriptorsOf(target)).toEqual(before);
  });
});

describe('a property that cannot be patched', () => {
  it.each<[string, object, PropertyKey]>([
    ['is not there', {}, 'fn'],
    ['holds no function', { fn: 7 }, 'fn'],
    ['holds null', { fn: null }, 'fn'],
    ['is frozen', Object.freeze({ fn: () => 1 }), 'fn'],
    ['is inherited by a sealed object', Object.seal(Object.create({ fn: () => 1 })), 'fn'],
    ['is sealed and read-only', Object.seal(Object.defineProperty({}, 'fn', { value: () => 1 })), 'fn'],
    [
      'is a getter of a sealed object',
      Object.seal({
        get fn() {
          return Math.abs;
        },
      }),
      'fn',
    ],
    ['is a fixed getter', Object.defineProperty({}, 'fn', { get: () => Math.abs }), 'fn'],
    ['is an export of an ES module', nodePath, 'join'],
  ])('says so and stays: %s', (_, target, key) => {
    const before = descriptorsOf(target);
    expect(() => intercept(target, key, createRecorder().interceptor)).toThrow(PatchError);
    expect(descriptorsOf(target)).toEqual(before);
  });
});

describe('a wrapper of somebody else', () => {
  it('below is called, and stays', () => {
    const target = { fn: (x: number) => x + 1 };
    const original = target.fn;
    const foreign = vi.fn((x: number) => original(x) * 10);
    target.fn = foreign;
    const undo = intercept(target, 'fn', createRecorder().interceptor);
    expect(target.fn(1)).toBe(20);
    undo();
    expect(target.fn).toBe(foreign);
  });

  it('on top is kept, and calls through after the undo', () => {
    const target = { fn: (x: number) => x + 1 };
    const { interceptor, events } = createRecorder();
    const undo = intercept(target, 'fn', interceptor);
    const ours = target.fn;
    const foreign = (x: number): number => ours(x) * 10;
    target.fn = foreign;
    undo();
    expect(target.fn).toBe(foreign);
    expect(target.fn(1)).toBe(20);
    expect(events).toEqual([]);
  });

  it('on top that goes later uncovers a function that is put back by the next call', () => {
    const target = { fn: (x: number) => x + 1 };
    const before = descriptorsOf(target);
    const undo = intercept(target, 'fn', createRecorder().interceptor);
    const ours = target.fn;
    target.fn = (x) => ours(x) * 10;
    undo();
    for (let i = 0; i < 5; i++) expect(target.fn(1)).toBe(20);
    target.fn = ours;
    for (let i = 0; i < 5; i++) expect(target.fn(1)).toBe(2);
    expect(descriptorsOf(target)).toEqual(before);
  });

  it('on top that puts the original back drops our function, which is patched anew the next time', () => {
    const target = { fn: (x: number) => x + 1 };
    const before = target.fn;
    const undo = intercept(target, 'fn', createRecorder().interceptor);
    const ours = target.fn;
    target.fn = (x) => ours(x) * 10;
    undo();
    expect(target.fn(1)).toBe(20);
    target.fn = before;
    const { interceptor, events } = createRecorder();
    const undoAgain = intercept(target, 'fn', interceptor);
    expect([target.fn(1), events.length]).toEqual([2, 2]);
    undoAgain();
    expect(target.fn).toBe(before);
  });

  it('on top that goes later from an object that was frozen leaves a function that passes through', () => {
    const target = { fn: (x: number) => x + 1 };
    const undo = intercept(target, 'fn', createRecorder().interceptor);
    const ours = target.fn;
    target.fn = (x) => ours(x) * 10;
    undo();
    target.fn = ours;
    Object.freeze(target);
    for (let i = 0; i < 5; i++) expect(target.fn(1)).toBe(2);
  });

  it('on top that goes later leaves a function that can be patched and restored again', () => {
    const target = { fn: (x: number) => x + 1 };
    const before = target.fn;
    const undo = intercept(target, 'fn', createRecorder().interceptor);
    const ours = target.fn;
    target.fn = (x) => ours(x) * 10;
    undo();
    target.fn = ours;
    const { interceptor, events } = createRecorder();
    const undoAgain = intercept(target, 'fn', interceptor);
    expect(target.fn(1)).toBe(2);
    expect(events).toHaveLength(2);
    undoAgain();
    expect(target.fn).toBe(before);
  });

  it('on top can be patched, too', () => {
    const target = { fn: (x: number) => x + 1 };
    const first = createRecorder('first');
    const second = createRecorder('second');
    const undoFirst = intercept(target, 'fn', first.interceptor);
    const ours = target.fn;
    const foreign = (x: number): number => ours(x) * 10;
    target.fn = foreign;
    const undoSecond = intercept(target, 'fn', second.interceptor);
    expect(target.fn(1)).toBe(20);
    expect([first.events.length, second.events.length]).toEqual([2, 2]);
    undoSecond();
    expect(target.fn).toBe(foreign);
    undoFirst();
    expect(target.fn(1)).toBe(20);
    expect([first.events.length, second.events.length]).toEqual([2, 2]);
  });
});

describe('the patched function', () => {
  it('looks like the original', () => {
    const original = Object.assign((_a: unknown, _b: unknown) => 1, { extra: 'own', [symbol]: 2 });
    Object.defineProperty(original, 'name', { value: 'given' });
    const target = { fn: original };
    intercept(target, 'fn', createRecorder().interceptor);
    expect(target.fn).not.toBe(original);
    expect([target.fn.name, target.fn.length, target.fn.extra, target.fn[symbol]]).toEqual(['given', 2, 'own', 2]);
    expect(Object.keys(target.fn)).toEqual(Object.keys(original));
    expect(Object.getPrototypeOf(target.fn)).toBe(Object.getPrototypeOf(original));
  });

  it('cannot be constructed when the original cannot', () => {
    const target = {
      method() {
        return 1;
      },
      arrow: () => 1,
    } as unknown as Record<string, new () => unknown>;
    for (const key of ['method', 'arrow']) {
      intercept(target, key, createRecorder().interceptor);
      expect(() => Reflect.construct(target[key] as new () => unknown, [])).toThrow(TypeError);
    }
  });

  it('throws the very error of the original', () => {
    const error = { odd: true };
    const target = {
      fn() {
        throw error;
      },
    };
    const { interceptor, events } = createRecorder();
    intercept(target, 'fn', interceptor);
    let caught: unknown;
    try {
      target.fn();
    } catch (reason) {
      caught = reason;
    }
    expect(caught).toBe(error);
    expect(events.at(-1)).toEqual(['rejected', error]);
  });

  it('returns the very promise of the original', async () => {
    const promise = Promise.resolve(7);
    const target = { fn: () => promise };
    const { interceptor, events } = createRecorder();
    intercept(target, 'fn', interceptor);
    expect(target.fn()).toBe(promise);
    expect(events).toHaveLength(1);
    expect(await promise).toBe(7);
    expect(events.at(-1)).toEqual(['resolved', 7]);
  });

  it.each<[string, AnyFunction]>([
    ['an async function', async (x) => x],
    [
      'a generator',
      function* (x) {
        yield x;
      },
    ],
    [
      'an async generator',
      async function* (x) {
        yield x;
      },
    ],
  ])('returns what %s returns', async (_, fn) => {
    const target = { fn };
    intercept(target, 'fn', createRecorder().interceptor);
    const result = target.fn(7) as object;
    expect(Object.getPrototypeOf(result)).toBe(Object.getPrototypeOf(fn(7)));
    if (Symbol.iterator in result) expect([...(result as Iterable<unknown>)]).toEqual([7]);
    else if (Symbol.asyncIterator in result) {
      expect(await (result as AsyncGenerator<unknown>).next()).toEqual({ done: false, value: 7 });
    } else expect(await result).toBe(7);
  });

  it('follows a parent whose method is replaced later, as it would unpatched', () => {
    class Parent {
      fn(): string {
        return 'first';
      }
    }
    class Child extends Parent {}
    const undo = intercept(Child.prototype, 'fn', createRecorder().interceptor);
    Parent.prototype.fn = () => 'second';
    expect(new Child().fn()).toBe('second');
    undo();
    expect(Object.hasOwn(Child.prototype, 'fn')).toBe(false);
  });

  it.each(['child', 'parent'])('is observed once when parent and child are patched, the %s first', (first) => {
    for (const kind of ['method', 'getter']) {
      class Parent {}
      const fn = (x: unknown): unknown => x;
      Object.defineProperty(Parent.prototype, 'fn', {
        configurable: true,
        ...(kind === 'method' ? { value: fn } : { get: () => fn }),
      });
      class Child extends Parent {}
      const [parents, childs, other] = ['own parent', 'own child', 'other parent'].map(createRecorder);
      const steps = [
        () => intercept(Parent.prototype, 'fn', parents?.interceptor as Interceptor),
        () => intercept(Parent.prototype, 'fn', other?.interceptor as Interceptor),
        () => intercept(Child.prototype, 'fn', childs?.interceptor as Interceptor),
      ];
      for (const step of first === 'parent' ? steps : steps.reverse()) step();
      expect((new Child() as { fn(x: unknown): unknown }).fn(7)).toBe(7);
      expect([parents, childs, other].map((each) => each?.events.length)).toEqual([0, 2, 2]);
      expect((new Parent() as { fn(x: unknown): unknown }).fn(7)).toBe(7);
      expect([parents, childs, other].map((each) => each?.events.length)).toEqual([2, 2, 4]);
    }
  });

  it('leaves the parent alone when the child is patched', () => {
    class Parent {
      fn(): number {
        return 1;
      }
    }
    class Child extends Parent {}
    const { interceptor, events } = createRecorder();
    intercept(Child.prototype, 'fn', interceptor);
    new Parent().fn();
    expect(events).toEqual([]);
    new Child().fn();
    expect(events).toHaveLength(2);
  });
});

describe('a getter', () => {
  it('throws what it threw, and gives what is no function as it is', () => {
    const error = new Error('theirs');
    let value: unknown = error;
    const target = {
      get fn(): unknown {
        if (value === error) throw error;
        return value;
      },
    };
    intercept(target, 'fn', createRecorder().interceptor);
    expect(() => target.fn).toThrow(error);
    value = 'no function';
    expect(target.fn).toBe('no function');
    value = Math.abs;
    expect(target.fn).toBe(target.fn);
    expect((target.fn as (x: number) => number)(-1)).toBe(1);
  });

  it('is asked when the program asks, with its `this`, and keeps its setter', () => {
    class Library {
      value = 1;
      readonly asked: unknown[] = [];
      get fn(): () => number {
        this.asked.push(this);
        return () => this.value;
      }
      set fn(value: unknown) {
        this.value = value as number;
      }
    }
    intercept(Library.prototype, 'fn', createRecorder().interceptor);
    const library = new Library();
    expect(library.asked).toEqual([]);
    (library as { fn: unknown }).fn = 7;
    expect(library.fn()).toBe(7);
    expect(library.asked).toEqual([library]);
  });
});

describe('an interceptor', () => {
  const failure = new Error('ours');
  const throws = (): never => {
    throw failure;
  };

  it.each<[string, Interceptor]>([
    ['at the beginning', { name: 'begin', begin: throws }],
    ['when it enters its context', { name: 'run', begin: () => ({ run: throws }) }],
    ['after the call', { name: 'resolved', begin: () => ({ resolved: throws }) }],
    [
      'after the original, in its context',
      {
        name: 'late',
        begin: () => ({
          run: (fn) => {
            fn();
            return throws();
          },
        }),
      },
    ],
  ])('that fails %s changes nothing and is reported', (_, interceptor) => {
    vi.stubEnv('AUTOLOG_TESTING', '');
    const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const count = (): number => Object.values(failureCounts()).reduce((sum, each) => sum + each, 0);
    const fn = vi.fn((x: number) => x + 1);
    const target = { fn };
    intercept(target, 'fn', interceptor);
    const before = count();
    expect(target.fn(1)).toBe(2);
    expect(fn).toHaveBeenCalledTimes(1);
    expect(count()).toBe(before + 1);
    stderr.mockRestore();
    vi.unstubAllEnvs();
  });

  it('that runs the original twice runs it once', () => {
    const fn = vi.fn(() => 1);
    const target = { fn };
    intercept(target, 'fn', {
      name: 'twice',
      begin: () => ({
        run: (run) => {
          run();
          return run();
        },
      }),
    });
    expect(target.fn()).toBe(1);
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it('may let a call pass, or give other arguments', () => {
    const target = { fn: (...args: unknown[]) => args };
    intercept(target, 'fn', {
      name: 'args',
      begin: ({ args }) => (args[0] === 'pass' ? undefined : { args: [...args, 'more'] }),
    });
    expect(target.fn('pass')).toEqual(['pass']);
    expect(target.fn(1)).toEqual([1, 'more']);
  });

  it('that goes during a call hears the end of it', async () => {
    const { promise, resolve } = Promise.withResolvers<number>();
    const target = { fn: () => promise };
    const { interceptor, kinds } = createRecorder();
    const undo = intercept(target, 'fn', interceptor);
    const call = target.fn();
    undo();
    resolve(1);
    await call;
    expect(kinds()).toEqual(['begin', 'resolved']);
  });
});
