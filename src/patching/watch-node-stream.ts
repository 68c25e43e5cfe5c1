import { reportFailure } from '../failures.ts';
import { shadow, type Watch } from './stream-watch.ts';

/** Tells a Readable of Node's, of any copy of `readable-stream`. */
export function isNodeStream(value: object): boolean {
  const { emit, read, _readableState: state } = value as Record<string, unknown>;
  return typeof emit === 'function' && typeof read === 'function' && typeof state === 'object' && state !== null;
}

/**
 * Watches a Readable at what it emits, without a listener: whichever way it is read, each chunk is emitted as `data`
 * then, also when nobody listens. Its mode and its counts of listeners stay as they are.
 */
export function watchNodeStream(stream: object, watch: Watch): void {
  shadow(stream, 'emit', (original) => {
    return function (...args) {
      const [event, value] = args;
      if (event === 'data') watch.stepped({ done: false, value });
      else if (event === 'end') watch.stepped({ done: true });
      else if (event === 'error') watch.failed(value);
      else if (event === 'close') {
        watch.returned();
        watch.closed();
      }
      return Reflect.apply(original, this, args);
    };
  });
  shadow(stream, '_read', (original) => {
    return function (...args) {
      const step = () => Reflect.apply(original, this, args);
      return watch.run === undefined ? step() : watch.run(step);
    };
  });
  shadow(stream, Symbol.asyncIterator, (open) => {
    return function (...args) {
      const iterator: unknown = Reflect.apply(open, this, args);
      try {
        watchLeaving(iterator as object, watch);
      } catch (error) {
        reportFailure('watching a stream', error);
      }
      return iterator;
    };
  });
}

/** A loop that is left destroys the stream with an error that the program does not see. */
function watchLeaving(iterator: object, watch: Watch): void {
  shadow(iterator, 'return', (original) => {
    return function (...args) {
      watch.returned();
      return Reflect.apply(original, this, args);
    };
  });
  shadow(iterator, 'throw', (original) => {
    return function (...args) {
      watch.failed(args[0]);
      return Reflect.apply(original, this, args);
    };
  });
}
