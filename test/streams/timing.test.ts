import { describe, expect, it } from 'vitest';
import { observeOutcome } from '../../src/patching/observe-outcome.ts';
import { observeStream } from '../../src/patching/observe-stream.ts';

/** Runs a program beside a clock that counts turns of the microtask queue; its log has the turn of each event. */
async function turnsOf(program: (log: (event: string) => void) => unknown): Promise<string[]> {
  const events: string[] = [];
  let turn = 0;
  let isOver = false;
  const tick = (): void => {
    turn += 1;
    if (!isOver && turn < 200) queueMicrotask(tick);
  };
  queueMicrotask(tick);
  await program((event) => events.push(`${turn} ${event}`));
  isOver = true;
  return events;
}

const ignore = (): undefined => undefined;

function observed<T>(value: T): T {
  observeOutcome(value, { resolved: ignore, rejected: ignore });
  return value;
}

class Sub<T> extends Promise<T> {}

async function slow(turns: number): Promise<string> {
  for (let turn = 0; turn < turns; turn++) await null;
  return 'slow';
}

async function* count(): AsyncGenerator<number> {
  for (let item = 1; item <= 3; item++) {
    await null;
    yield item;
  }
}

/** What a library gives. */
const RESULTS: Readonly<Record<string, () => PromiseLike<unknown>>> = {
  'a promise that is fulfilled': () => Promise.resolve('value'),
  'a promise that is rejected': () => Promise.reject(new Error('theirs')),
  'a promise that settles later': () => slow(5),
  'a promise of a subclass': () => Sub.resolve('value'),
  'a thenable': () => {
    // biome-ignore lint/suspicious/noThenProperty: query builders are such objects.
    return { then: (onFulfilled, onRejected) => slow(2).then(onFulfilled, onRejected) };
  },
};

type Log = (event: string) => void;

/** What a program does with it, while others of its jobs go on. */
const PROGRAMS: Readonly<Record<string, (result: PromiseLike<unknown>, log: Log) => unknown>> = {
  await: async (result, log) => {
    try {
      log(String(await result));
    } catch (error) {
      log(String(error));
    }
  },
  'several handlers, in order': async (result, log) => {
    const names = ['first', 'second', 'third'];
    const all = names.map((name) =>
      Promise.resolve(
        result.then(
          () => log(name),
          () => log(`${name} failed`),
        ),
      ),
    );
    await Promise.all(all);
  },
  'a race with jobs of its own': async (result, log) => {
    const mine = async (name: string, turns: number): Promise<void> => {
      await slow(turns);
      log(name);
    };
    const theirs = (async () => {
      await Promise.resolve(result).catch(ignore);
      log('theirs');
    })();
    await Promise.all([
      mine('before', 1),
      theirs,
      ...[2, 3, 4, 5, 6, 7, 8].map((turns) => mine(`${turns}`, turns)),
    ]);
  },
  'return from async functions': async (result, log) => {
    const inner = async () => result;
    const outer = async () => inner();
    await outer().catch(ignore);
    log('through');
  },
  'Promise.all, race and allSettled': async (result, log) => {
    const each = Promise.resolve(result);
    await Promise.all([each, slow(3)]).catch(() => log('all failed'));
    await Promise.race([each, slow(3)]).catch(() => log('race failed'));
    await Promise.allSettled([each]);
    log('settled');
  },
};

describe.each(Object.keys(RESULTS))('%s', (result) => {
  it.each(Object.keys(PROGRAMS))('comes in the same turn with and without the watch: %s', async (program) => {
    const make = RESULTS[result] as () => PromiseLike<unknown>;
    const play = PROGRAMS[program] as (result: PromiseLike<unknown>, log: Log) => unknown;
    const plain = await turnsOf((log) => play(make(), log));
    expect(await turnsOf((log) => play(observed(make()), log))).toEqual(plain);
    expect(plain.length).toBeGreaterThan(0);
  });
});

it('has the items of a stream come in the same turn with and without the watch', async () => {
  const listener = { chunk: ignore, ended: ignore, failed: ignore, cancelled: ignore };
  const read = async (stream: AsyncGenerator<number>, log: Log): Promise<void> => {
    for await (const item of stream) log(String(item));
    log('end');
  };
  const plain = await turnsOf((log) => read(count(), log));
  const seen = await turnsOf((log) => {
    const stream = count();
    observeStream(stream, listener);
    return read(stream, log);
  });
  expect(seen).toEqual(plain);
});
