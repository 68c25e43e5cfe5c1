import { types } from 'node:util';
import { createWatch, type StreamListener } from './stream-watch.ts';
import { watchIterator, watchOpener } from './watch-iterator.ts';
import { isNodeStream, watchNodeStream } from './watch-node-stream.ts';
import { isWebStream, watchWebStream } from './watch-web-stream.ts';

export type { StreamListener } from './stream-watch.ts';

/**
 * Watches a stream in place, without `tee`, buffer or proxy: nothing is asked for that the program does not ask for.
 *
 * An SDK stream keeps its source in an own `iterator` function, which `for await`, `tee()` and `toReadableStream()`
 * all use; an iterator is watched at its own `next`, any other async iterable at its `Symbol.asyncIterator`, a web
 * stream at its readers and Node's at what it emits. Each step runs in the present context, so that what the source does
 * nests under the call that made the stream.
 *
 * The listener must not hold the stream, or nobody would see that it is abandoned. Returns false when the value is no
 * stream, or cannot be changed.
 */
export function observeStream(stream: unknown, listener: StreamListener): boolean {
  if (typeof stream !== 'object' || stream === null || !Object.isExtensible(stream)) return false;
  if (isWebStream(stream)) watchWebStream(stream, createWatch(stream, listener));
  else if (isNodeStream(stream)) watchNodeStream(stream, createWatch(stream, listener));
  else return watchIterable(stream, listener);
  return true;
}

function watchIterable(stream: object, listener: StreamListener): boolean {
  const { iterator, next, [Symbol.asyncIterator]: open } = stream as Record<PropertyKey, unknown>;
  if (typeof open !== 'function') return false;
  const watch = createWatch(stream, listener);
  if (typeof iterator === 'function' && Object.hasOwn(stream, 'iterator')) {
    watchOpener(stream, 'iterator', watch);
    // openai 7 puts one round the other, on the stream itself.
    if (Object.hasOwn(stream, Symbol.asyncIterator)) watchOpener(stream, Symbol.asyncIterator, watch);
    return true;
  }
  if (typeof next === 'function') watchIterator(stream, watch);
  if (!types.isGeneratorObject(stream)) watchOpener(stream, Symbol.asyncIterator, watch);
  return true;
}
