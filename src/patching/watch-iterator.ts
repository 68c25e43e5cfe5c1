import { reportFailure } from '../failures.ts';
import { onClose, onStep, shadow, type Watch, watchedStep } from './stream-watch.ts';

/** Watches the steps of an iterator, if it is the one that the watch follows. */
export function watchIterator(iterator: object, watch: Watch): void {
  const step = onStep(watch);
  for (const key of ['next', 'throw'] as const) {
    shadow(iterator, key, (original) => {
      return function (...args) {
        if (!watch.follows(iterator)) return Reflect.apply(original, this, args);
        return watchedStep(original, this, args, watch, step);
      };
    });
  }
  shadow(iterator, 'return', (original) => {
    return function (...args) {
      if (!watch.follows(iterator)) return Reflect.apply(original, this, args);
      watch.returned();
      return watchedStep(original, this, args, watch, onClose(watch));
    };
  });
}

/** Watches the iterators that a method opens. */
export function watchOpener(stream: object, key: PropertyKey, watch: Watch): void {
  shadow(stream, key, (open) => {
    return function (...args) {
      const iterator: unknown = Reflect.apply(open, this, args);
      try {
        // What opens itself is watched at its own steps.
        if (typeof iterator === 'object' && iterator !== null && iterator !== stream)
          watchIterator(iterator, watch);
      } catch (error) {
        reportFailure('watching a stream', error);
      }
      return iterator;
    };
  });
}
