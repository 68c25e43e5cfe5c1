import { captureContext } from '../context.ts';
import { reportFailure } from '../failures.ts';
import { observePromise } from './observe-promise.ts';

/** Told what passes through a stream; `ended`, `failed` and `cancelled` exclude each other and come once. */
export interface StreamListener {
  chunk(value: unknown): void;
  ended(): void;
  failed(error: unknown): void;
  /** The consumer broke out of its loop, called `return`, or aborted the stream's `controller`. */
  cancelled(): void;
  /** What `return` started has come to its end, with all that the source had started in its turn. */
  closed?(): void;
}

type Step = (...args: unknown[]) => unknown;
type AnyIterator = { next: Step; return?: Step; throw?: Step };

/** What tells of one step of an iterator. */
interface Watch {
  /** True for the iterator that is followed: the first one that is asked for anything. */
  follows(iterator: AnyIterator): boolean;
  run<R>(fn: () => R): R;
  stepped(result: unknown): void;
  failed(error: unknown): void;
  returned(): void;
  closed(): void;
}

/**
 * Watches a stream's one iteration in place, without `tee`, buffer or proxy.
 *
 * An SDK stream keeps its source in an own `iterator` function, which `for await`, `tee()` and `toReadableStream()`
 * all use; an async generator is watched at its own `next`; any other async iterable at its `Symbol.asyncIterator`.
 * Each step runs in the present context, so that what the source does nests under the call that made the stream.
 *
 * Returns false when the value is no stream, or cannot be changed.
 */
export function observeStream(stream: unknown, listener: StreamListener): boolean {
  if (typeof stream !== 'object' || stream === null || !Object.isExtensible(stream)) return false;
  const { iterator, next, [Symbol.asyncIterator]: open } = stream as Record<PropertyKey, unknown>;
  if (typeof open !== 'function') return false;
  const watch = createWatch(stream, listener);
  if (typeof iterator === 'function') replaceOpener(stream, 'iterator', iterator as Step, watch);
  else if (typeof next === 'function') watchSteps(stream as AnyIterator, watch);
  else replaceOpener(stream, Symbol.asyncIterator, open as Step, watch);
  return true;
}

function replaceOpener(stream: object, key: PropertyKey, open: Step, watch: Watch): void {
  const value = function (this: unknown, ...args: unknown[]): unknown {
    const iterator = Reflect.apply(open, this, args) as AnyIterator;
    if (typeof iterator?.next === 'function' && Object.isExtensible(iterator)) watchSteps(iterator, watch);
    return iterator;
  };
  Object.defineProperty(stream, key, {
    value,
    writable: true,
    enumerable: key === 'iterator',
    configurable: true,
  });
}

function createWatch(stream: object, listener: StreamListener): Watch {
  let followed: AnyIterator | undefined;
  let isOver = false;
  const tell = (event: () => void): void => {
    try {
      event();
    } catch (error) {
      reportFailure('watching a stream', error);
    }
  };
  const finish = (event: () => void): void => {
    if (isOver) return;
    isOver = true;
    tell(event);
  };
  return {
    run: captureContext(),
    follows(iterator) {
      followed ??= iterator;
      return followed === iterator;
    },
    stepped(result) {
      const { done, value } = (result ?? {}) as { done?: boolean; value?: unknown };
      if (done) finish(() => (isAborted(stream) ? listener.cancelled() : listener.ended()));
      else if (!isOver) tell(() => listener.chunk(value));
    },
    failed: (error) => finish(() => listener.failed(error)),
    returned: () => finish(() => listener.cancelled()),
    closed: () => tell(() => listener.closed?.()),
  };
}

/** An SDK stream whose controller was aborted ends without an error. */
function isAborted(stream: object): boolean {
  const { controller } = stream as { controller?: Partial<AbortController> };
  return controller?.signal?.aborted === true;
}

function watchSteps(iterator: AnyIterator, watch: Watch): void {
  for (const key of ['next', 'return', 'throw'] as const) {
    const original = iterator[key];
    if (typeof original !== 'function') continue;
    const value = function (this: unknown, ...args: unknown[]): unknown {
      if (!watch.follows(iterator)) return Reflect.apply(original, this, args);
      const step = () => Reflect.apply(original, this, args);
      if (key !== 'return') return watchedStep(step, watch);
      watch.returned();
      return watchedStep(step, { ...watch, stepped: watch.closed, failed: watch.closed });
    };
    Object.defineProperty(iterator, key, { value, writable: true, enumerable: false, configurable: true });
  }
}

function watchedStep(step: () => unknown, watch: Watch): unknown {
  let result: unknown;
  try {
    result = watch.run(step);
  } catch (error) {
    watch.failed(error);
    throw error;
  }
  const { stepped, failed } = watch;
  if (result instanceof Promise) observePromise(result, { resolved: stepped, rejected: failed });
  else stepped(result);
  return result;
}
