import shimmer from 'shimmer';
import { describe, expect, it } from 'vitest';
import { intercept } from '../../src/patching/intercept.ts';
import type { Call, Interceptor } from '../../src/patching/interceptor.ts';
import { PatchError } from '../../src/patching/patch-error.ts';

class Library {
  static readonly kind: string = 'library';
  static count = 0;
  readonly args: readonly unknown[];
  readonly made: unknown;

  constructor(...args: unknown[]) {
    this.made = new.target;
    this.args = args;
  }

  static create(...args: unknown[]): Library {
    return new this(...args);
  }

  #secret = 7;

  reveal(): number {
    return this.#secret;
  }
}

/** A module with the class in it, patched; `made` are the instances that were told. */
function setUp(base: new (...args: never[]) => object = class extends Library {}) {
  const exports = { Library: base as unknown as typeof Library };
  const before = Object.getOwnPropertyDescriptors(exports);
  const calls: Call[] = [];
  const made: unknown[] = [];
  const interceptor: Interceptor = {
    name: 'test Library',
    begin(call) {
      calls.push(call);
      return { resolved: (instance) => made.push(instance), rejected: (error) => made.push(error) };
    },
  };
  const undo = intercept(exports, 'Library', interceptor);
  return { exports, original: base as unknown as typeof Library, before, calls, made, undo };
}

describe('a patched class', () => {
  it('constructs what it constructs, and tells of it once', () => {
    const { exports, original, calls, made } = setUp();
    const library = new exports.Library(1, 2);
    expect([library.made, library.args, library.reveal()]).toEqual([original, [1, 2], 7]);
    expect(calls).toEqual([{ self: undefined, args: [1, 2], newTarget: original }]);
    expect(made).toEqual([library]);
    expect(Object.getPrototypeOf(library)).toBe(original.prototype);
  });

  it('is asked for by instanceof, before and after', () => {
    const earlier = new Library();
    const { exports, original, undo } = setUp(Library);
    const patched = exports.Library;
    const library = new patched();
    undo();
    for (const each of [earlier, library, new patched()]) {
      expect([each instanceof original, each instanceof patched]).toEqual([true, true]);
    }
  });

  it('may be extended, and goes on working in its subclasses once it is taken back', () => {
    const { exports, original, calls, made, undo } = setUp();
    class Derived extends exports.Library {}
    const derived = new Derived(3);
    expect([derived instanceof Derived, derived instanceof original, derived.made, derived.reveal()]).toEqual([
      true,
      true,
      Derived,
      7,
    ]);
    expect([calls[0]?.newTarget, made]).toEqual([Derived, [derived]]);
    undo();
    expect([new Derived(4).args, Derived.kind, made.length]).toEqual([[4], 'library', 1]);
  });

  it('cannot be called without new when it could not', () => {
    const { exports } = setUp();
    expect(() => (exports.Library as unknown as () => void)()).toThrow(TypeError);
  });

  it('shares its static properties with the original, also those to come', () => {
    const { exports, original, undo } = setUp();
    exports.Library.count += 1;
    Object.assign(exports.Library, { later: 'on the patched one' });
    Object.assign(original, { other: 'on the original' });
    const seen = (of: object) => ['count', 'later', 'other'].map((key) => Reflect.get(of, key));
    expect(seen(original)).toEqual([1, 'on the patched one', 'on the original']);
    expect(seen(exports.Library)).toEqual(seen(original));
    expect(Reflect.ownKeys(exports.Library)).toEqual(Reflect.ownKeys(original));
    undo();
    expect(seen(exports.Library)).toEqual([1, 'on the patched one', 'on the original']);
  });

  it('tells of what its static methods make', () => {
    const { exports, made } = setUp();
    const library = exports.Library.create('a');
    expect([library.args, made]).toEqual([['a'], [library]]);
  });

  it('fails with the very error of its constructor', () => {
    const error = new Error('theirs');
    const { exports, made } = setUp(
      class {
        constructor() {
          throw error;
        }
      },
    );
    expect(() => new exports.Library()).toThrow(error);
    expect(made).toEqual([error]);
  });

  it('may compare itself with new.target, as abstract classes do', () => {
    class Abstract {
      constructor() {
        if (new.target === Abstract) throw new TypeError('abstract');
      }
    }
    const { exports } = setUp(Abstract);
    expect(() => new exports.Library()).toThrow('abstract');
    expect(new (class extends exports.Library {})()).toBeInstanceOf(Abstract);
  });

  it('may make promises, which are told of when they are made', () => {
    const { exports, made } = setUp(class extends Promise<unknown> {} as never);
    const OwnPromise = exports.Library as unknown as typeof Promise;
    const promise = new OwnPromise<number>((resolve) => resolve(7));
    expect(made[0]).toBe(promise);
    return expect(promise).resolves.toBe(7);
  });

  it('is put back exactly, and carries no mark of a patch', () => {
    const own = Object.getOwnPropertyDescriptors(Library);
    const { exports, before, undo } = setUp(Library);
    expect(Object.getOwnPropertyDescriptors(Library)).toEqual(own);
    undo();
    expect(Object.getOwnPropertyDescriptors(exports)).toEqual(before);
    expect(Object.getOwnPropertyDescriptors(Library)).toEqual(own);
  });

  it('may be patched by others, over and under', () => {
    const { exports, made, undo } = setUp();
    const patched = exports.Library;
    shimmer.wrap(exports, 'Library', (inner) => class extends (inner as typeof Library) {} as never);
    expect(new exports.Library('a').args).toEqual(['a']);
    expect(made).toHaveLength(1);
    shimmer.unwrap(exports, 'Library');
    expect(exports.Library).toBe(patched);
    undo();
    expect(new exports.Library('b').args).toEqual(['b']);
    expect(made).toHaveLength(1);
  });

  it('of functions and prototypes is one, too', () => {
    function Old(this: { args: unknown[] }, ...args: unknown[]): void {
      this.args = args;
    }
    Old.prototype.first = function (this: { args: unknown[] }) {
      return this.args[0];
    };
    const { exports, made } = setUp(Old as never);
    Object.assign(Old, { later: 1 });
    const library = new exports.Library('a') as unknown as { first(): unknown };
    expect([library.first(), exports.Library, made]).toEqual([
      'a',
      expect.objectContaining({ later: 1 }),
      [library],
    ]);
  });
});

describe('the limits of a patched class', () => {
  it('are that its instances name the original as their constructor', () => {
    const { exports, original } = setUp();
    expect(new exports.Library().constructor).toBe(original);
    expect(exports.Library.prototype.constructor).toBe(original);
    expect(exports.Library).not.toBe(original);
  });

  it('are that its text is not to be had', () => {
    const { exports } = setUp();
    expect(String(exports.Library)).toBe('function () { [native code] }');
  });

  it('are that it is refused when it has private static members', () => {
    class Private {
      readonly made = true;
      static #count = 0;
      static next(): number {
        // biome-ignore lint/complexity/noThisInStatic: what a Proxy in the place of the class would break.
        this.#count += 1;
        // biome-ignore lint/complexity/noThisInStatic: as above.
        return this.#count;
      }
    }
    expect(() => setUp(Private)).toThrow(PatchError);
    expect(() => setUp(Private)).toThrow(
      "Cannot patch 'Library': its private static members work on the class alone",
    );
    expect(Private.next()).toBe(1);
  });
});
