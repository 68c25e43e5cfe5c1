import { EventEmitter } from 'node:events';
import { Readable } from 'node:stream';

/** Told of everything that the library does. */
export type Tell = (event: string, ...values: readonly unknown[]) => void;

/** What a call of the library does in the end, and where. */
export interface Task {
  /** Is returned, resolved, or yielded so many times. */
  readonly value: unknown;
  readonly items: number;
  /** Thrown instead: before anything else for 'at once', in the middle of a stream for 'later'. */
  readonly fails: 'no' | 'at once' | 'later';
  readonly error: unknown;
  /** How many microtasks go by. */
  readonly turns: number;
}

/** Methods by the kind of what they return. */
export const METHODS = [
  'sync',
  'promise',
  'settled',
  'special',
  'thenable',
  'generator',
  'stream',
  'iterable',
  'sdkStream',
  'web',
  'readable',
  'emitter',
  'getter',
  'fixed',
  'inherited',
  'locked',
  'own',
] as const;

export type Method = (typeof METHODS)[number];

/** A library with every kind of function; each copy is one of its own. */
export interface Copy {
  readonly Machine: MachineClass;
  readonly make: (seed: string) => unknown;
}

interface MachineClass {
  new (name: string): Machine;
  readonly fixed: (task: Task) => unknown;
  readonly prototype: Machine;
}

type Machine = { readonly name: string; outer(fn: () => unknown): unknown } & {
  readonly [method in Exclude<Method, 'fixed'>]: (task: Task) => unknown;
};

/** Makes a copy of the library. */
export function createCopy(tell: Tell): Copy {
  class SpecialPromise<T> extends Promise<T> {
    readonly kind = 'special';
  }

  class Lazy {
    readonly #work: () => Promise<unknown>;

    constructor(work: () => Promise<unknown>) {
      this.#work = work;
    }

    // biome-ignore lint/suspicious/noThenProperty: libraries have such objects.
    then(onFulfilled?: (value: unknown) => unknown, onRejected?: (error: unknown) => unknown): Promise<unknown> {
      tell('lazy work begins', typeof onFulfilled, typeof onRejected);
      return this.#work().then(onFulfilled, onRejected);
    }
  }

  async function* produce({ items, value, turns, fails, error }: Task): AsyncGenerator<unknown> {
    tell('source opens');
    try {
      for (let i = 0; i < items; i++) {
        for (let turn = 0; turn < turns; turn++) await null;
        if (fails === 'later' && i === Math.floor(items / 2)) throw error;
        tell('source gives', i);
        yield i === 0 ? value : i;
      }
    } finally {
      tell('source closes');
    }
  }

  function* give({ items, value, fails, error }: Task): Generator<unknown> {
    tell('source opens');
    try {
      for (let i = 0; i < items; i++) {
        if (fails === 'later' && i === Math.floor(items / 2)) throw error;
        yield i === 0 ? value : i;
      }
    } finally {
      tell('source closes');
    }
  }

  async function work(task: Task): Promise<unknown> {
    for (let turn = 0; turn < task.turns; turn++) await null;
    if (task.fails !== 'no') throw task.error;
    return task.value;
  }

  /** As SDKs have them: the source behind `iterator`, which is used up once. */
  class SdkStream {
    readonly controller = new AbortController();
    readonly iterator: () => AsyncIterator<unknown>;

    constructor(iterator: () => AsyncIterator<unknown>) {
      this.iterator = iterator;
    }

    static of(task: Task): SdkStream {
      let isUsed = false;
      const stream: SdkStream = new SdkStream(async function* () {
        if (isUsed) throw new Error('the stream is used up');
        isUsed = true;
        for await (const item of produce(task)) {
          if (stream.controller.signal.aborted) return;
          yield item;
        }
      });
      return stream;
    }

    [Symbol.asyncIterator](): AsyncIterator<unknown> {
      return this.iterator();
    }

    tee(): [SdkStream, SdkStream] {
      const queues: [unknown[], unknown[]] = [[], []];
      const source = this.iterator();
      const branch = (own: unknown[]): SdkStream =>
        new SdkStream(() => ({
          next: () => {
            if (own.length === 0) {
              const result = source.next();
              for (const queue of queues) queue.push(result);
            }
            return own.shift() as Promise<IteratorResult<unknown>>;
          },
        }));
      return [branch(queues[0]), branch(queues[1])];
    }
  }

  const begin = (method: string, self: unknown, args: ArrayLike<unknown>): Task => {
    const task = args[0] as Task;
    tell(`${method} begins`, self, ...Array.from(args));
    if (task.fails === 'at once') throw task.error;
    return task;
  };

  class Base {
    // biome-ignore-start lint/complexity/noArguments: the library tells how many arguments came.
    inherited(_task: Task): unknown {
      return begin('inherited', this, arguments).value;
    }
  }

  class MachineOfCopy extends Base {
    static fixed(_task: Task): unknown {
      // biome-ignore lint/complexity/noThisInStatic: the library tells on what it was called.
      return begin('fixed', this, arguments).value;
    }

    readonly name: string;

    constructor(name: string) {
      super();
      tell('machine made', new.target.name, name);
      this.name = name;
    }

    get getter(): (task: Task) => unknown {
      const self = this;
      return function getter(this: unknown) {
        return begin('getter', this === self, arguments).value;
      };
    }

    // As arrow functions of constructors are, but settable in one place.
    readonly own = function own(this: unknown, _task: Task): unknown {
      return begin('own', this, arguments).value;
    };

    sync(_task: Task): unknown {
      return begin('sync', this, arguments).value;
    }

    async promise(_task: Task): Promise<unknown> {
      return work(begin('promise', this, arguments));
    }

    settled(_task: Task): Promise<unknown> {
      const { fails, value, error } = begin('settled', this, arguments);
      return fails === 'later' ? Promise.reject(error) : Promise.resolve(value);
    }

    special(_task: Task): Promise<unknown> {
      const task = begin('special', this, arguments);
      return new SpecialPromise((resolve, reject) => work(task).then(resolve, reject));
    }

    thenable(_task: Task): unknown {
      const task = begin('thenable', this, arguments);
      return new Lazy(() => work(task));
    }

    generator(_task: Task): unknown {
      return give(begin('generator', this, arguments));
    }

    stream(_task: Task): unknown {
      return produce(begin('stream', this, arguments));
    }

    iterable(_task: Task): unknown {
      const task = begin('iterable', this, arguments);
      return { [Symbol.asyncIterator]: () => produce(task) };
    }

    sdkStream(_task: Task): unknown {
      return SdkStream.of(begin('sdkStream', this, arguments));
    }

    web(_task: Task): unknown {
      const source = produce(begin('web', this, arguments));
      return new ReadableStream({
        async pull(controller) {
          try {
            const { done, value } = await source.next();
            if (done) controller.close();
            else controller.enqueue(value);
          } catch (error) {
            controller.error(error);
          }
        },
        async cancel() {
          await source.return(undefined);
        },
      });
    }

    readable(_task: Task): unknown {
      return Readable.from(produce({ ...begin('readable', this, arguments), value: 'first' }));
    }

    emitter(_task: Task): unknown {
      const { items, fails, error } = begin('emitter', this, arguments);
      const emitter = new EventEmitter();
      setImmediate(() => {
        for (let i = 0; i < items; i++) emitter.emit('item', i);
        if (fails === 'later' && emitter.listenerCount('error') > 0) emitter.emit('error', error);
        emitter.emit('end');
        tell('emitter is over', emitter.eventNames().length);
      });
      return emitter;
    }

    locked(_task: Task): unknown {
      return begin('locked', this, arguments).value;
    }

    outer(fn: () => unknown): unknown {
      tell('outer begins', this, arguments.length);
      return fn();
    }
    // biome-ignore-end lint/complexity/noArguments: as above
  }

  Object.defineProperty(MachineOfCopy.prototype, 'locked', { writable: false, enumerable: true });
  return {
    Machine: MachineOfCopy as unknown as MachineClass,
    make: function make(seed: string) {
      tell('make begins', seed);
      return { seed };
    },
  };
}
