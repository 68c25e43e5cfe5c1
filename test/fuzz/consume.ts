import { EventEmitter } from 'node:events';
import type { Tell } from './machine.ts';
import type { CallStep } from './program.ts';

interface Stream extends AsyncIterable<unknown> {
  readonly controller?: AbortController;
  tee?(): [AsyncIterable<unknown>, AsyncIterable<unknown>];
  pipeTo?(sink: WritableStream): Promise<void>;
  on?(event: string, listener: (value: unknown) => void): unknown;
}

/** Goes on with what a call gave, as its step says, and tells all that comes of it. */
export async function consume(result: unknown, step: CallStep, tell: Tell): Promise<void> {
  if (step.ending === 'ignore' || step.ending === 'hold') return;
  if (isThenable(result)) return settle(result, step, tell);
  if (result instanceof EventEmitter && !(Symbol.asyncIterator in result)) return listen(result, tell);
  if (isObject(result) && Symbol.asyncIterator in result) return stream(result as unknown as Stream, step, tell);
  if (isObject(result) && Symbol.iterator in result)
    return read(result as unknown as Iterable<unknown>, step, tell);
  await null;
}

async function settle(promise: PromiseLike<unknown>, { ending }: CallStep, tell: Tell): Promise<void> {
  const native = promise as Promise<unknown>;
  await attempt(tell, async () => {
    if (ending === 'all') tell('all', ...(await Promise.all([promise, promise])));
    else if (ending === 'race') tell('race', await Promise.race([promise, undefined]));
    else if (ending === 'finally' && 'finally' in promise)
      tell('finally', await native.finally(() => tell('at last')));
    else if (ending === 'catch') {
      tell(
        'kept',
        await promise.then(
          (value) => value,
          (error: unknown) => ['rejected', error][1],
        ),
      );
    } else {
      tell('awaited', await promise);
      if (ending === 'await twice') tell('again', await promise);
    }
  });
}

async function listen(emitter: EventEmitter, tell: Tell): Promise<void> {
  await new Promise<void>((resolve) => {
    emitter.on('item', (item) => tell('item', item));
    emitter.on('error', (error) => tell('error event', error));
    emitter.on('end', () => {
      tell('end event');
      resolve();
    });
  });
}

async function stream(source: Stream, step: CallStep, tell: Tell): Promise<void> {
  const { ending } = step;
  await attempt(tell, async () => {
    if (ending === 'return') await byHand(source, step, tell);
    else if (ending === 'pipe' && source.pipeTo !== undefined) {
      await source.pipeTo(new WritableStream({ write: (chunk) => tell('written', chunk) }));
    } else if (ending === 'pipe' && source.on !== undefined) await flow(source, tell);
    else if ((ending === 'tee' || ending === 'one branch') && source.tee !== undefined) {
      const [first, second] = source.tee();
      await readAll(first, step, tell);
      if (ending === 'tee') await readAll(second, step, tell);
    } else {
      await readAll(source, step, tell, source.controller);
      if (ending === 'read twice') await readAll(source, step, tell);
    }
  });
}

async function readAll(
  source: AsyncIterable<unknown>,
  { ending, after }: CallStep,
  tell: Tell,
  controller?: AbortController,
): Promise<void> {
  let count = 0;
  for await (const item of source) {
    tell('item', item);
    if (count++ < after) continue;
    if (ending === 'break') break;
    if (ending === 'throw') throw new Error('of the loop');
    if (ending === 'abort') controller?.abort();
  }
  tell('loop is over');
}

async function byHand(source: AsyncIterable<unknown>, { after }: CallStep, tell: Tell): Promise<void> {
  const iterator = source[Symbol.asyncIterator]();
  for (let i = 0; i < after; i++) tellResult(tell, await iterator.next());
  await new Promise(setImmediate);
  tell('return', typeof iterator.return);
  if (iterator.return !== undefined) tellResult(tell, await iterator.return('early'));
  tellResult(tell, await iterator.next());
}

function tellResult(tell: Tell, { done, value }: IteratorResult<unknown>): void {
  tell('result', done, value);
}

function flow(source: Stream, tell: Tell): Promise<void> {
  return new Promise((resolve) => {
    source.on?.('data', (item) => tell('data', item));
    source.on?.('error', (error) => tell('error event', error));
    source.on?.('close', () => {
      tell('closed');
      resolve();
    });
  });
}

function read(source: Iterable<unknown>, { ending, after }: CallStep, tell: Tell): void {
  try {
    let count = 0;
    for (const item of source) {
      tell('item', item);
      if (count++ < after) continue;
      if (ending === 'break') break;
      if (ending === 'throw') throw new Error('of the loop');
    }
    tell('loop is over');
  } catch (error) {
    tell('caught', error);
  }
}

async function attempt(tell: Tell, task: () => Promise<void>): Promise<void> {
  try {
    await task();
  } catch (error) {
    tell('caught', error);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return isObject(value) && typeof value.then === 'function';
}

function isObject(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === 'object' && value !== null;
}
