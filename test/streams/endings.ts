import { AsyncLocalStorage } from 'node:async_hooks';
import { pipeline } from 'node:stream/promises';
import { type AnyStream, type Behaviour, THEIRS, toText } from './kinds.ts';

/** What an ending may use. */
export interface Kit {
  open(behaviour?: Behaviour): Promise<AnyStream>;
  log(...words: unknown[]): void;
}

/** Returns false where a kind of stream has no such thing. */
type Ending = (kit: Kit) => Promise<boolean | undefined>;

async function readAll(stream: AsyncIterable<unknown>, log: Kit['log'], name = ''): Promise<void> {
  try {
    for await (const item of stream) log(name, toText(item));
    log(name, 'end');
  } catch (error) {
    log(name, nameOf(error));
  }
}

/** An error as the log shows it: that of the source is known by its identity. */
function nameOf(error: unknown): string {
  return error === THEIRS ? 'their error' : `${(error as Error).constructor.name}: ${(error as Error).message}`;
}

async function step(log: Kit['log'], fn: () => unknown): Promise<void> {
  try {
    const { value, done } = (await fn()) as IteratorResult<unknown>;
    log(done ? 'done' : toText(value));
  } catch (error) {
    log(nameOf(error));
  }
}

const place = new AsyncLocalStorage<string>();

/** What programs do with a stream, as the rows of the table name it. */
export const ENDINGS: Readonly<Record<string, Ending>> = {
  async 'is read to its end'({ open, log }) {
    await readAll(await open(), log);
    return true;
  },
  async 'is left by break'({ open, log }) {
    for await (const item of await open()) {
      log(toText(item));
      break;
    }
    log('left');
    return true;
  },
  async 'is left by an error in the loop'({ open, log }) {
    try {
      for await (const item of await open()) {
        log(toText(item));
        throw new RangeError('mine');
      }
    } catch (error) {
      log(nameOf(error));
    }
    return true;
  },
  async 'is returned by hand'({ open, log }) {
    const iterator = (await open())[Symbol.asyncIterator]();
    await step(log, () => iterator.next());
    await step(log, () => iterator.return?.());
    await step(log, () => iterator.next());
    return true;
  },
  async 'has an error thrown into it'({ open, log }) {
    const iterator = (await open())[Symbol.asyncIterator]();
    if (iterator.throw === undefined) return false;
    await step(log, () => iterator.next());
    await step(log, () => iterator.throw?.(new RangeError('mine')));
    return true;
  },
  async 'is aborted by a signal'({ open, log }) {
    const controller = new AbortController();
    try {
      for await (const item of await open({ signal: controller.signal })) {
        log(toText(item));
        controller.abort();
      }
      log('end');
    } catch (error) {
      log(nameOf(error));
    }
    return true;
  },
  async 'is aborted by its controller'({ open, log }) {
    const stream = await open();
    if (stream.controller === undefined) return false;
    for await (const item of stream) {
      log(toText(item));
      stream.controller.abort();
    }
    log('end');
    return true;
  },
  async 'is cancelled or destroyed'({ open, log }) {
    const stream = await open();
    if (stream.destroy === undefined && stream.cancel === undefined) return false;
    stream.destroy?.();
    log(await stream.cancel?.());
    return true;
  },
  async 'fails halfway'({ open, log }) {
    await readAll(await open({ fails: true }), log);
    return true;
  },
  async 'is split and both branches are read'({ open, log }) {
    const [left, right] = (await open()).tee?.() ?? [];
    if (left === undefined || right === undefined) return false;
    await readAll(left, log, 'left');
    await readAll(right, log, 'right');
    return true;
  },
  async 'is split and one branch is read'({ open, log }) {
    const [left] = (await open()).tee?.() ?? [];
    if (left === undefined) return false;
    await readAll(left, log, 'left');
    return true;
  },
  async 'is split and no branch is read'({ open, log }) {
    const branches = (await open()).tee?.();
    if (branches === undefined) return false;
    log(branches.length);
    return true;
  },
  async 'is made a web stream and read'({ open, log }) {
    const stream = await open();
    if (stream.toReadableStream === undefined) return false;
    await readAll(stream.toReadableStream(), log);
    return true;
  },
  async 'is made a web stream and left'({ open, log }) {
    const stream = await open();
    if (stream.toReadableStream === undefined) return false;
    for await (const item of stream.toReadableStream()) {
      log(toText(item));
      break;
    }
    return true;
  },
  async 'is read by a reader'({ open, log }) {
    const reader = (await open()).getReader?.();
    if (reader === undefined) return false;
    for (let turn = 0; turn < 4; turn++) await step(log, () => reader.read());
    reader.releaseLock();
    return true;
  },
  async 'is read by a reader, released and read on'({ open, log }) {
    const stream = await open();
    const reader = stream.getReader?.();
    if (reader === undefined) return false;
    await step(log, () => reader.read());
    reader.releaseLock();
    await readAll(stream, log);
    return true;
  },
  async 'is piped to a writable one'({ open, log }) {
    const stream = await open();
    if (stream.pipeTo === undefined) return false;
    await stream.pipeTo(new WritableStream({ write: (item) => log(item) }));
    return true;
  },
  async 'is piped through another'({ open, log }) {
    const stream = await open();
    if (stream.pipeThrough === undefined) return false;
    const upper = new TransformStream<unknown, string>({
      transform: (item, controller) => controller.enqueue(String(item).toUpperCase()),
    });
    await readAll(stream.pipeThrough(upper), log);
    return true;
  },
  async 'goes through a Node pipeline'({ open, log }) {
    await pipeline(await open(), async (items: AsyncIterable<unknown>) => readAll(items, log));
    return true;
  },
  async 'is read twice'({ open, log }) {
    const stream = await open();
    await readAll(stream, log, 'first');
    await readAll(stream, log, 'second');
    return true;
  },
  async 'is asked for two steps at once'({ open, log }) {
    const iterator = (await open())[Symbol.asyncIterator]();
    const steps = [iterator.next(), iterator.next(), iterator.next(), iterator.next()];
    for (const each of steps) await step(log, () => each);
    return true;
  },
  async 'is read in another context'({ open, log }) {
    const onStep = (): void => log('source in', place.getStore());
    const stream = await place.run('maker', () => open({ onStep }));
    await place.run('reader', () => readAll(stream, (...words) => log(...words, place.getStore())));
    return true;
  },
  async 'has an iterator that is returned late'({ open, log }) {
    const iterator = (await open())[Symbol.asyncIterator]();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await step(log, () => iterator.return?.());
    return true;
  },
  async 'has an iterator that is dropped'({ open, log }) {
    const iterator = (await open())[Symbol.asyncIterator]();
    await step(log, () => iterator.next());
    return true;
  },
  async 'has a step that is never awaited'({ open, log }) {
    const iterator = (await open({ fails: true }))[Symbol.asyncIterator]();
    await step(log, () => iterator.next());
    await step(log, () => iterator.next());
    void iterator.next();
    return true;
  },
  async 'is never read'({ open, log }) {
    log(typeof (await open()));
    return true;
  },
};
