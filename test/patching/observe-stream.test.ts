import { on, once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createContextSlot } from '../../src/context.ts';
import { observeStream } from '../../src/patching/observe-stream.ts';
import { holdStderr } from '../../src/testing/hold-stderr.ts';

/** Observes a stream and gathers what is told; chunks as they are, the end by its name. */
function observe(stream: unknown): unknown[] {
  const told: unknown[] = [];
  observeStream(stream, {
    chunk: (value) => told.push(value),
    ended: () => told.push('ended'),
    failed: (error) => told.push(error),
    cancelled: () => told.push('cancelled'),
  });
  return told;
}

const error = new Error('theirs');

async function* count(to: number, fails = false): AsyncGenerator<number> {
  for (let i = 1; i <= to; i++) yield i;
  if (fails) throw error;
}

/** A stream as SDKs made by Stainless have it: once readable, its source in an own `iterator` function. */
class SdkStream {
  readonly controller = new AbortController();
  iterator: () => AsyncIterator<number>;
  constructor(iterator: () => AsyncIterator<number>) {
    this.iterator = iterator;
  }
  [Symbol.asyncIterator](): AsyncIterator<number> {
    return this.iterator();
  }
}

/** Each kind of stream, counting to 3 and then ending or failing. */
const kinds: Record<string, (fails?: boolean) => AsyncIterable<number>> = {
  'an async generator': (fails) => count(3, fails),
  'an SDK stream': (fails) => new SdkStream(() => count(3, fails)),
  'an async iterable': (fails) => ({ [Symbol.asyncIterator]: () => count(3, fails) }),
  'an iterator with synchronous steps': (fails) => {
    let value = 0;
    const next = (): unknown => {
      value += 1;
      if (value > 3 && fails) throw error;
      return { value, done: value > 3 };
    };
    return {
      [Symbol.asyncIterator]: () => ({ next, return: () => ({ done: true }) }),
    } as unknown as AsyncIterable<number>;
  },
};

Object.assign(kinds, {
  'a web stream': (fails?: boolean) => ReadableStream.from(count(3, fails)),
  'a Node stream': (fails?: boolean) => Readable.from(count(3, fails)),
});

async function collect(stream: AsyncIterable<number>, stopAt = Number.POSITIVE_INFINITY): Promise<number[]> {
  const all: number[] = [];
  for await (const value of stream) {
    all.push(value);
    if (value === stopAt) break;
  }
  return all;
}

describe.each(Object.entries(kinds))('%s', (_, make) => {
  it('tells its chunks and its end', async () => {
    const stream = make();
    const told = observe(stream);
    expect(await collect(stream)).toEqual([1, 2, 3]);
    expect(told).toEqual([1, 2, 3, 'ended']);
  });

  it('tells its failure', async () => {
    const stream = make(true);
    const told = observe(stream);
    await expect(collect(stream)).rejects.toBe(error);
    expect(told).toEqual([1, 2, 3, error]);
  });

  it('tells that it was left early', async () => {
    const stream = make();
    const told = observe(stream);
    expect(await collect(stream, 2)).toEqual([1, 2]);
    expect(told).toEqual([1, 2, 'cancelled']);
  });

  it('tells nothing while nobody reads it', () => {
    expect(observe(make())).toEqual([]);
  });
});

describe('an SDK stream', () => {
  it('has the same properties', () => {
    const stream = new SdkStream(() => count(1));
    const before = [Object.keys(stream), stream.constructor];
    observe(stream);
    expect([Object.keys(stream), stream.constructor]).toEqual(before);
  });

  it('is cancelled when its controller is aborted', async () => {
    const stream = new SdkStream(async function* () {
      yield 1;
      // The SDK ends an aborted stream without an error.
      if (stream.controller.signal.aborted) return;
      yield 2;
    });
    const told = observe(stream);
    for await (const value of stream) if (value === 1) stream.controller.abort();
    expect(told).toEqual([1, 'cancelled']);
  });

  it('is followed in the iteration that begins first', async () => {
    let isRead = false;
    const stream = new SdkStream(async function* () {
      if (isRead) throw error;
      isRead = true;
      yield* count(3);
    });
    const told = observe(stream);
    const [first, second] = await Promise.allSettled([collect(stream), collect(stream)]);
    expect(first).toEqual({ status: 'fulfilled', value: [1, 2, 3] });
    expect(second).toEqual({ status: 'rejected', reason: error });
    expect(told).toEqual([1, 2, 3, 'ended']);
  });

  it('is followed beyond an iterator that is never used', async () => {
    const stream = new SdkStream(() => count(2));
    const told = observe(stream);
    stream[Symbol.asyncIterator]();
    await collect(stream);
    expect(told).toEqual([1, 2, 'ended']);
  });
});

describe('a step of a stream', () => {
  it('is the very promise and result of the source', async () => {
    const result = { value: 1, done: false };
    const promise = Promise.resolve(result);
    const source = { next: () => promise };
    const stream = new SdkStream(() => source as AsyncIterator<number>);
    observe(stream);
    const step = stream[Symbol.asyncIterator]().next();
    expect(step).toBe(promise);
    expect(await step).toBe(result);
  });

  it('runs in the context in which the stream was made', async () => {
    const slot = createContextSlot<string>('test');
    const seen: unknown[] = [];
    const stream = new SdkStream(async function* () {
      seen.push(slot.get());
      yield 1;
      seen.push(slot.get());
    });
    slot.with('maker', () => observe(stream));
    await slot.with('reader', async () => {
      for await (const _ of stream) seen.push(slot.get());
    });
    expect(seen).toEqual(['maker', 'reader', 'maker']);
  });

  it('passes arguments, return values and thrown errors', async () => {
    const calls: unknown[] = [];
    async function* echo(): AsyncGenerator<unknown, string, unknown> {
      try {
        calls.push(yield 'first');
        yield 'second';
      } catch (reason) {
        calls.push(reason);
      }
      return 'end';
    }
    const stream = echo();
    const told = observe(stream);
    await stream.next();
    await stream.next('sent');
    expect(await stream.throw(error)).toEqual({ value: 'end', done: true });
    expect(calls).toEqual(['sent', error]);
    expect(told).toEqual(['first', 'second', 'ended']);
  });
});

describe('a web stream', () => {
  it('has the same methods by their look, and is locked no earlier', async () => {
    const stream = ReadableStream.from(count(3));
    const before = [Object.keys(stream), stream.locked];
    const told = observe(stream);
    expect([Object.keys(stream), stream.locked]).toEqual(before);
    const reader = stream.getReader();
    expect([stream.locked, reader instanceof ReadableStreamDefaultReader]).toEqual([true, true]);
    await expect(stream.cancel()).rejects.toThrow(TypeError);
    expect(told).toEqual([]);
    await reader.cancel();
    expect(told).toEqual(['cancelled']);
  });

  it('is well when a reader lets go of it while it waits', async () => {
    const stream = ReadableStream.from(count(2));
    const told = observe(stream);
    const reader = stream.getReader();
    await reader.read();
    const waiting = reader.read();
    reader.releaseLock();
    await waiting.catch(() => undefined);
    expect(told).not.toContainEqual(expect.any(TypeError));
    await collect(stream);
    expect(told.at(-1)).toBe('ended');
  });

  it('is the body of a response like any other', async () => {
    const stream = ReadableStream.from([Buffer.from('one'), Buffer.from('two')]);
    const told = observe(stream);
    expect(await new Response(stream).text()).toBe('onetwo');
    expect(told.map(String)).toEqual(['one', 'two', 'ended']);
  });

  it('gives its bytes to a reader that brings its own buffer', async () => {
    const stream = new ReadableStream({
      type: 'bytes',
      pull(controller) {
        controller.enqueue(new Uint8Array([1, 2]));
        controller.close();
      },
    });
    const told = observe(stream);
    const reader = stream.getReader({ mode: 'byob' });
    const { value } = await reader.read(new Uint8Array(4));
    expect([...(value ?? [])]).toEqual([1, 2]);
    await reader.read(new Uint8Array(4));
    expect(told).toEqual([value, 'ended']);
  });

  it('is cancelled when both of its branches are', async () => {
    const stream = ReadableStream.from(count(3));
    const told = observe(stream);
    const [left, right] = stream.tee();
    void left.cancel();
    expect(told).toEqual([]);
    await right.cancel();
    expect(told).toEqual(['cancelled']);
  });

  it('has each item told once, whichever branch is ahead', async () => {
    const stream = ReadableStream.from(count(3));
    const told = observe(stream);
    const [left, right] = stream.tee().map((branch) => branch.getReader());
    for (const reader of [left, right, right, left, left, right, left, right]) await reader?.read();
    expect(told).toEqual([1, 2, 3, 'ended']);
  });

  it('tells its failure when it is piped', async () => {
    const stream = ReadableStream.from(count(1, true));
    const told = observe(stream);
    await expect(stream.pipeTo(new WritableStream())).rejects.toBe(error);
    expect(told).toEqual([error]);
  });
});

describe('a Node stream', () => {
  it('keeps its mode, its listeners and its keys', async () => {
    const stream = Readable.from(count(3));
    const before = [Object.keys(stream), stream.readableFlowing, stream.eventNames()];
    const told = observe(stream);
    await turn();
    expect([Object.keys(stream), stream.readableFlowing, stream.eventNames()]).toEqual(before);
    expect(told).toEqual([]);
  });

  const ways: Record<string, (stream: Readable) => Promise<unknown>> = {
    'by its data events': async (stream) => {
      stream.on('data', () => undefined);
      await once(stream, 'end');
    },
    'by read()': async (stream) => {
      for await (const _ of on(stream, 'readable', { close: ['end'] })) while (stream.read() !== null);
    },
    'by a pipe': async (stream) => {
      await once(stream.pipe(new PassThrough({ objectMode: true })).resume(), 'end');
    },
    'by toArray()': (stream) => stream.toArray(),
    'by a helper of its own': (stream) => stream.map((value) => value).toArray(),
    'as a web stream': async (stream) => await collect(Readable.toWeb(stream) as unknown as AsyncIterable<number>),
  };

  it.each(Object.keys(ways))('tells its chunks and its end when it is read %s', async (way) => {
    const stream = Readable.from(count(3));
    const told = observe(stream);
    await ways[way]?.(stream);
    expect(told).toEqual([1, 2, 3, 'ended']);
  });

  it('raises its error as uncaught where nobody listens', async () => {
    const stream = Readable.from(count(1, true));
    const told = observe(stream);
    const raised = new Promise((resolve) => {
      stream.emit = new Proxy(stream.emit, {
        apply(emit, self, args) {
          try {
            return Reflect.apply(emit, self, args);
          } catch (thrown) {
            resolve(thrown);
            return false;
          }
        },
      });
    });
    stream.resume();
    expect(await raised).toBe(error);
    expect(told).toEqual([1, error]);
  });
});

describe('an iterator that cannot be changed', () => {
  const fixes: Record<string, (iterator: object) => object> = {
    frozen: Object.freeze,
    sealed: Object.seal,
    'with a fixed next': (iterator) => Object.defineProperty(iterator, 'next', { configurable: false }),
  };

  it.each(Object.keys(fixes))('passes: %s', async (how) => {
    const fix = fixes[how] ?? Object;
    let value = 0;
    const stream = {
      [Symbol.asyncIterator]: () =>
        fix({
          next: async () => {
            value += 1;
            return { value, done: value > 2 };
          },
        }) as AsyncIterator<number>,
    };
    observe(stream);
    expect(await collect(stream)).toEqual([1, 2]);
  });

  it('passes: with a getter that throws', () => {
    const iterator = Object.defineProperty({}, 'next', {
      get() {
        throw error;
      },
    });
    const stream = { [Symbol.asyncIterator]: () => iterator as AsyncIterator<number> };
    const stderr = holdStderr();
    observe(stream);
    expect(stream[Symbol.asyncIterator]()).toBe(iterator);
    stderr.release();
    expect(stderr.text).toBe('autolog: watching a stream: theirs\n');
  });
});

it('takes an inherited method named iterator for no SDK stream', async () => {
  class Query {
    iterator(): never {
      throw error;
    }
    [Symbol.asyncIterator](): AsyncIterator<number> {
      return count(2);
    }
  }
  const stream = new Query();
  const told = observe(stream);
  expect(Object.keys(stream)).toEqual([]);
  await collect(stream);
  expect(told).toEqual([1, 2, 'ended']);
});

describe('a value that is no stream', () => {
  it.each([null, undefined, 7, 'text', {}, [1], { iterator: () => [] }, { next: () => 1 }, new Response('x')])(
    'is left alone: %o',
    (value) => {
      expect(observeStream(value, { chunk: fail, ended: fail, failed: fail, cancelled: fail })).toBe(false);
    },
  );

  it('may be a frozen one', async () => {
    const stream = Object.freeze(new SdkStream(() => count(2)));
    expect(observeStream(stream, { chunk: fail, ended: fail, failed: fail, cancelled: fail })).toBe(false);
    expect(await collect(stream)).toEqual([1, 2]);
  });
});

function fail(): never {
  throw new Error('told of something');
}
