import { describe, expect, it } from 'vitest';
import { createContextSlot } from '../../src/context.ts';
import { observeStream } from '../../src/patching/observe-stream.ts';

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
