import { captureContext } from '../context.ts';
import { reportFailure } from '../failures.ts';
import { type OutcomeListener, observeOutcome } from './observe-outcome.ts';
import { observeStep } from './observe-step.ts';
import { notWhenCollected, whenCollected } from './when-collected.ts';

/** Told what passes through a stream; `ended`, `failed`, `cancelled` and `abandoned` exclude each other, come once. */
export interface StreamListener {
  /** What the source does calls nothing that is logged: its steps need not run in the context of the call. */
  readonly isLeaf?: boolean;
  chunk(value: unknown): void;
  ended(): void;
  failed(error: unknown): void;
  /** The consumer broke out of its loop, called `return` or `cancel`, or aborted the stream's `controller`. */
  cancelled(): void;
  /** What `return` started has come to its end, with all that the source had started in its turn. */
  closed?(): void;
  /** Nobody has the stream any more, nor an iterator or reader of it: it was read in part, or not at all. */
  abandoned?(): void;
}

/** What the shadows on a stream, its iterators and its readers tell. */
export interface Watch {
  /** True for the iterator that is followed: the first one that is asked for anything. */
  follows(iterator: object): boolean;
  /** Runs a step of the source in the context of the call that made the stream; undefined where that is not needed. */
  readonly run: (<R>(fn: () => R) => R) | undefined;
  /** Takes an iterator's result. */
  stepped(result: unknown): void;
  failed(error: unknown): void;
  returned(): void;
  closed(): void;
}

/** Makes the watch of one stream. It lives as long as the stream and what reads it; the listener must not hold them. */
export function createWatch(stream: object, listener: StreamListener): Watch {
  let followed: object | undefined;
  let isOver = false;
  // Held by the functions below, and so by whatever shadows them.
  const sentinel = {};
  whenCollected(sentinel, sentinel, abandonedBy(listener));
  const finish = (event: () => void): void => {
    if (isOver) return;
    isOver = true;
    notWhenCollected(sentinel);
    tell(event);
  };
  return {
    run: listener.isLeaf ? undefined : captureContext(),
    follows(iterator) {
      followed ??= iterator;
      return followed === iterator;
    },
    stepped(result) {
      const { done, value } = (result ?? {}) as { done?: boolean; value?: unknown };
      if (done) finish(() => (isAborted(stream) ? listener.cancelled() : listener.ended()));
      else if (!isOver) tellChunk(listener, value);
    },
    failed: (error) => finish(() => listener.failed(error)),
    returned: () => finish(() => listener.cancelled()),
    closed: () => tell(() => listener.closed?.()),
  };
}

/** Apart from the watch, which this must not hold. */
function abandonedBy(listener: StreamListener): () => void {
  return () => listener.abandoned?.();
}

/** An SDK stream whose controller was aborted ends without an error. */
function isAborted(stream: object): boolean {
  const { controller } = stream as { controller?: Partial<AbortController> };
  return controller?.signal?.aborted === true;
}

function tell(event: () => void): void {
  try {
    event();
  } catch (error) {
    reportFailure('watching a stream', error);
  }
}

/** As `tell`, without a closure for each chunk. */
function tellChunk(listener: StreamListener, value: unknown): void {
  try {
    listener.chunk(value);
  } catch (error) {
    reportFailure('watching a stream', error);
  }
}

/** Does a step of the source and tells of its result, or of what its promise comes to. */
export function watchedStep(
  original: (...args: unknown[]) => unknown,
  self: unknown,
  args: unknown[],
  watch: Watch,
  listener: OutcomeListener,
): unknown {
  const { run } = watch;
  let result: unknown;
  try {
    result =
      run === undefined ? Reflect.apply(original, self, args) : run(() => Reflect.apply(original, self, args));
  } catch (error) {
    listener.rejected(error);
    throw error;
  }
  if (!observeStep(result, listener)) observeOutcome(result, listener);
  return result;
}

/** What a step that asks for the next item tells. */
export function onStep(watch: Watch): OutcomeListener {
  return { resolved: watch.stepped, rejected: watch.failed };
}

/** What a step that ends the stream early tells. */
export function onClose(watch: Watch): OutcomeListener {
  return { resolved: watch.closed, rejected: watch.closed };
}

/** Puts a function in front of a method, on the object itself; as hidden as the one it stands for. */
export function shadow(
  object: object,
  key: PropertyKey,
  wrap: (original: (...args: unknown[]) => unknown) => (this: unknown, ...args: unknown[]) => unknown,
): void {
  const original = (object as Record<PropertyKey, unknown>)[key];
  if (typeof original !== 'function') return;
  const own = Object.getOwnPropertyDescriptor(object, key);
  if (own === undefined ? !Object.isExtensible(object) : !own.configurable) return;
  const value = wrap(original as (...args: unknown[]) => unknown);
  const enumerable = own?.enumerable === true;
  void Object.defineProperty(object, key, { value, writable: true, enumerable, configurable: true });
}
