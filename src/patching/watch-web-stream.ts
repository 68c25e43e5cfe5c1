import { reportFailure } from '../failures.ts';
import { observeOutcome } from './observe-outcome.ts';
import { onClose, onStep, shadow, type Watch, watchedStep } from './stream-watch.ts';
import { watchOpener } from './watch-iterator.ts';

/** Tells a web ReadableStream by its methods: that of another realm or of a polyfill is one too. */
export function isWebStream(value: object): boolean {
  const { getReader, tee, pipeTo, cancel } = value as Partial<ReadableStream>;
  return [getReader, tee, pipeTo, cancel].every((method) => typeof method === 'function');
}

/**
 * Watches a web stream at what reads it: its readers, iterators and branches. What is piped within the runtime shows
 * only its end.
 */
export function watchWebStream(stream: object, watch: Watch): void {
  const whole: Watch = { ...watch, follows: () => true };
  const { values, [Symbol.asyncIterator]: open } = stream as Partial<ReadableStream>;
  watchResult(stream, 'getReader', (reader) => watchReader(reader as object, whole));
  watchResult(stream, 'tee', (branches) => watchBranches(branches as readonly object[], whole));
  watchResult(stream, 'pipeTo', (piped) => {
    const listener = { resolved: () => whole.stepped({ done: true }), rejected: whole.failed };
    observeOutcome(piped, listener);
  });
  watchResult(stream, 'pipeThrough', (out) =>
    watchWebStream(out as object, { ...whole, stepped: onlyEnd(whole) }),
  );
  // A subclass may read through a reader of its own.
  if (open === values) for (const key of ['values', Symbol.asyncIterator]) watchOpener(stream, key, whole);
  watchCancel(stream, whole);
  shadow(stream, 'throw', (original) => {
    return function (...args) {
      whole.failed(args[0]);
      return Reflect.apply(original, this, args);
    };
  });
}

function watchResult(stream: object, key: string, take: (result: unknown) => void): void {
  shadow(stream, key, (original) => {
    return function (...args) {
      const result: unknown = Reflect.apply(original, this, args);
      try {
        take(result);
      } catch (error) {
        reportFailure('watching a stream', error);
      }
      return result;
    };
  });
}

function watchReader(reader: object, watch: Watch): void {
  let isReleased = false;
  const { resolved, rejected } = onStep(watch);
  const step = { resolved, rejected: (error: unknown) => (isReleased ? undefined : rejected(error)) };
  shadow(reader, 'read', (original) => {
    return function (...args) {
      return watchedStep(original, this, args, watch, step);
    };
  });
  shadow(reader, 'releaseLock', (original) => {
    return function (...args) {
      // Reads under way reject then, although the stream is well.
      isReleased = true;
      return Reflect.apply(original, this, args);
    };
  });
  watchCancel(reader, watch);
}

function watchCancel(owner: object, watch: Watch): void {
  shadow(owner, 'cancel', (original) => {
    return function (...args) {
      // A stream that another reader has locked refuses, and goes on.
      const isRefused = (this as { locked?: boolean }).locked === true && owner === this && 'getReader' in owner;
      if (isRefused) return Reflect.apply(original, this, args);
      watch.returned();
      return watchedStep(original, this, args, watch, onClose(watch));
    };
  });
}

/** Both branches have the same items: each is told when the first of them reads it. */
function watchBranches(branches: readonly object[], watch: Watch): void {
  let toldCount = 0;
  let openCount = branches.length;
  for (const branch of branches) {
    let readCount = 0;
    let isOpen = true;
    watchWebStream(branch, {
      ...watch,
      stepped(result) {
        const isEnd = (result as { done?: boolean } | undefined)?.done === true;
        if (!isEnd) readCount += 1;
        if (!isEnd && readCount <= toldCount) return;
        toldCount = Math.max(toldCount, readCount);
        watch.stepped(result);
      },
      returned() {
        if (isOpen) openCount -= 1;
        isOpen = false;
        if (openCount === 0) watch.returned();
      },
    });
  }
}

function onlyEnd(watch: Watch): Watch['stepped'] {
  return (result) => {
    if ((result as { done?: boolean } | undefined)?.done === true) watch.stepped(result);
  };
}
