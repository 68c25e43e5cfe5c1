import { EventEmitter, once } from 'node:events';

/** A function of some kind, in the place where a program finds it. */
export interface Subject {
  readonly target: object;
  readonly key: PropertyKey;
  /** Calls it as a program does. */
  call(...args: unknown[]): unknown;
  /** Waits for all that a call does, and returns what it came to. */
  settle(result: unknown): Promise<unknown>;
  readonly original: Original;
  /** False where a failure comes out of what the call returned, later. */
  readonly failsAsCall: boolean;
}

/** What the function does, and what it has seen. */
export interface Original {
  readonly calls: { readonly self: unknown; readonly args: unknown[]; readonly returned: unknown }[];
  /** Thrown by each call, if set. */
  error: { readonly thrown: unknown } | undefined;
}

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/** Makes a result of its kind; `greet` throws when the original is to fail. */
type Give = (greet: () => string) => unknown;

const greetingOf = (args: readonly unknown[]): string => `Hello, ${args.map(String).join(' and ')}`;

/** The body of the function under test. */
function bodyOf(original: Original, give: Give): (self: unknown, args: unknown[]) => unknown {
  return (self, args) => {
    const call = { self, args, returned: undefined as unknown };
    original.calls.push(call);
    call.returned = give(() => {
      if (original.error !== undefined) throw original.error.thrown;
      return greetingOf(args);
    });
    return call.returned;
  };
}

/** As query builders are: work that begins when asked, each time anew. */
class Lazy {
  readonly work: () => string;
  constructor(work: () => string) {
    this.work = work;
  }
  // biome-ignore lint/suspicious/noThenProperty: libraries have such objects.
  then(onFulfilled: (value: string) => unknown, onRejected: (error: unknown) => unknown): Promise<unknown> {
    return new Promise<string>((resolve) => resolve(this.work())).then(onFulfilled, onRejected);
  }
}

class OwnPromise<T> extends Promise<T> {}

async function readAll(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const each of stream) all.push(each);
  return all;
}

interface Result {
  readonly give: Give;
  readonly settle: (result: never) => unknown;
  readonly failsAsCall?: boolean;
}

const plain: Result = { give: (greet) => greet(), settle: (result) => result };

/** What a call may give. */
const results: Readonly<Record<string, Result>> = {
  'that returns a value': plain,
  'that returns a promise': {
    give: async (greet) => {
      await null;
      return greet();
    },
    settle: async (result) => await result,
  },
  'that returns a lazy thenable': { give: (greet) => new Lazy(greet), settle: async (result) => await result },
  'that returns a subclass of Promise': {
    give: (greet) => new OwnPromise((resolve) => setImmediate(resolve)).then(greet),
    settle: async (result) => await result,
  },
  'that returns a generator': {
    give: (greet) =>
      (function* () {
        yield greet();
      })(),
    settle: (result) => [...(result as Iterable<unknown>)],
    failsAsCall: false,
  },
  'that returns an async generator': {
    give: (greet) =>
      (async function* () {
        yield greet();
      })(),
    settle: (result) => readAll(result),
    failsAsCall: false,
  },
  'that returns an async iterable': {
    give: (greet) => ({
      [Symbol.asyncIterator]: () => {
        let isDone = false;
        return {
          async next() {
            if (isDone) return { done: true, value: undefined };
            isDone = true;
            return { done: false, value: greet() };
          },
        };
      },
    }),
    settle: (result) => readAll(result),
    failsAsCall: false,
  },
  'that returns an event emitter': {
    give: (greet) => {
      const emitter = new EventEmitter();
      setImmediate(() => {
        try {
          emitter.emit('end', greet());
        } catch (error) {
          emitter.emit('error', error);
        }
      });
      return emitter;
    },
    settle: async (result) => (await once(result, 'end'))[0],
    failsAsCall: false,
  },
};

interface Place {
  readonly target: object;
  readonly key: PropertyKey;
  readonly call: AnyFunction;
}

type Body = (self: unknown, args: unknown[]) => unknown;

const KEY = Symbol('method');

const withCall = (target: object, key: PropertyKey, on = target): Place => ({
  target,
  key,
  call: (...args) => Reflect.apply(Reflect.get(on, key) as AnyFunction, on, args),
});

/** Where a function may stand. */
const places: Readonly<Record<string, (body: Body) => Place>> = {
  'a method': (body) => {
    class Library {
      fn(...args: unknown[]): unknown {
        return body(this, args);
      }
    }
    return withCall(Library.prototype, 'fn', new Library());
  },
  'an inherited method': (body) => {
    class Parent {
      fn(...args: unknown[]): unknown {
        return body(this, args);
      }
    }
    class Child extends Parent {}
    return withCall(Child.prototype, 'fn', new Child());
  },
  'a static method': (body) => {
    class Library {
      readonly made = true;
      static fn(...args: unknown[]): unknown {
        // biome-ignore lint/complexity/noThisInStatic: `this` is what the caller calls it on.
        return body(this, args);
      }
    }
    return withCall(Library, 'fn');
  },
  'a method from a getter': (body) => {
    class Library {
      get fn(): AnyFunction {
        return function (this: unknown, ...args) {
          return body(this, args);
        };
      }
    }
    return withCall(Library.prototype, 'fn', new Library());
  },
  'a method from an inherited static getter': (body) => {
    class Parent {
      readonly made = true;
      static get fn(): AnyFunction {
        return function (this: unknown, ...args) {
          return body(this, args);
        };
      }
    }
    return withCall(class extends Parent {}, 'fn');
  },
  'a method whose key is a symbol': (body) => {
    const target = {
      [KEY](...args: unknown[]) {
        return body(this, args);
      },
    };
    return withCall(target, KEY);
  },
  'an arrow function of an instance': (body) =>
    withCall({ fn: (...args: unknown[]) => body(undefined, args) }, 'fn'),
  'a read-only method': (body) => {
    const value = function fn(this: unknown, ...args: unknown[]): unknown {
      return body(this, args);
    };
    return withCall(Object.defineProperty({}, 'fn', { value, configurable: true }), 'fn');
  },
  'an exported function': (body) => {
    const exports = {
      fn: function fn(this: unknown, ...args: unknown[]): unknown {
        return body(this, args);
      },
    };
    return withCall(exports, 'fn');
  },
};

/** What is constructed keeps the greeting. */
const constructed: Readonly<Record<string, (body: Body) => Place>> = {
  'a class': (body) => {
    class Library {
      readonly greeting: unknown;
      constructor(...args: unknown[]) {
        this.greeting = body(undefined, args);
      }
    }
    const target = { Library };
    return { target, key: 'Library', call: (...args) => new target.Library(...args) };
  },
  'a class that is extended': (body) => {
    class Library {
      readonly greeting: unknown;
      constructor(...args: unknown[]) {
        this.greeting = body(undefined, args);
      }
    }
    const target = { Library };
    return { target, key: 'Library', call: (...args) => new (class extends target.Library {})(...args) };
  },
  'a function that constructs': (body) => {
    const target = {
      Library: function Library(this: { greeting: unknown }, ...args: unknown[]) {
        this.greeting = body(undefined, args);
      } as unknown as new (
        ...args: unknown[]
      ) => object,
    };
    return { target, key: 'Library', call: (...args) => new target.Library(...args) };
  },
};

function kindOf(
  makePlace: (body: Body) => Place,
  result: Result,
  of?: (instance: never) => unknown,
): () => Subject {
  return () => {
    const original: Original = { calls: [], error: undefined };
    const place = makePlace(bodyOf(original, result.give));
    return {
      ...place,
      original,
      failsAsCall: result.failsAsCall ?? true,
      settle: async (value) => await result.settle((of ? of(value as never) : value) as never),
    };
  };
}

const greetingIn = ({ greeting }: { readonly greeting: unknown }): unknown => greeting;

/** Every kind of function: each result from a method, each place with a value. Makes a new one each time. */
export const kinds: readonly (readonly [name: string, make: () => Subject])[] = [
  ...Object.entries(results).map(
    ([name, result]) => [`a method ${name}`, kindOf(places['a method'] as never, result)] as const,
  ),
  ...Object.entries(places)
    .slice(1)
    .map(([name, place]) => [name, kindOf(place, plain)] as const),
  [
    'an inherited method that returns a promise',
    kindOf(places['an inherited method'] as never, results['that returns a promise'] as never),
  ],
  ...Object.entries(constructed).map(([name, place]) => [name, kindOf(place, plain, greetingIn)] as const),
];
