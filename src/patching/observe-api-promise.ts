import type { OutcomeListener } from './observe-outcome.ts';
import { observePromise } from './observe-promise.ts';

/** The promise of SDKs made by Stainless (openai, @anthropic-ai/sdk, …): sent at once, parsed when asked. */
interface ApiPromise extends Promise<unknown> {
  parse(): Promise<unknown>;
  asResponse(): Promise<unknown>;
  _thenUnwrap(transform: (data: unknown, ...rest: unknown[]) => unknown): ApiPromise;
}

/** One request; several promises may read its reply. The listener hears only the first event. */
interface Request {
  readonly listener: OutcomeListener;
  isParsed: boolean;
}

/** Tells an APIPromise by its methods; the class differs between versions and module systems. */
export function isApiPromise(value: object): value is ApiPromise {
  const { parse, asResponse, _thenUnwrap } = value as Partial<ApiPromise>;
  return typeof parse === 'function' && typeof asResponse === 'function' && typeof _thenUnwrap === 'function';
}

/**
 * Observes an APIPromise without parsing it: its methods are shadowed on the instance.
 *
 * `then`, `catch`, `finally` and `withResponse` all go through `parse`; `_thenUnwrap` makes a second promise that parses
 * the same response again, for `chat.completions.parse` and the like. Where only `asResponse` is asked for, the call
 * ends with the raw response.
 *
 * Source: openai-node `src/core/api-promise.ts`, read at 5.23, 6.49 and 7.55.
 */
export function observeApiPromise(promise: ApiPromise, listener: OutcomeListener): void {
  shadowAll(promise, { listener, isParsed: false });
}

function shadowAll(promise: ApiPromise, request: Request): void {
  if (!Object.isExtensible(promise)) return;
  const { listener } = request;
  const { parse, asResponse, _thenUnwrap } = promise;
  shadow(promise, 'parse', function (this: ApiPromise, ...args) {
    request.isParsed = true;
    return watched(Reflect.apply(parse, this, args), listener);
  });
  shadow(promise, 'asResponse', function (this: ApiPromise, ...args) {
    return watched(Reflect.apply(asResponse, this, args), {
      // A program may look at the headers first and ask for the data next.
      resolved: (response) => {
        setImmediate(() => {
          if (!request.isParsed) listener.resolved(response);
        });
      },
      rejected: (error) => listener.rejected(error),
    });
  });
  shadow(promise, '_thenUnwrap', function (this: ApiPromise, transform, ...args) {
    // The transform may make another object of the data, or throw at what the model answered.
    const tellFirst = (data: unknown, ...rest: unknown[]): unknown => {
      listener.resolved(data);
      return (transform as (...all: unknown[]) => unknown)(data, ...rest);
    };
    const derived = Reflect.apply(_thenUnwrap, this, [tellFirst, ...args]) as ApiPromise;
    shadowAll(derived, request);
    return derived;
  });
}

function watched(result: unknown, listener: OutcomeListener): unknown {
  if (result instanceof Promise) observePromise(result, listener);
  return result;
}

function shadow(
  promise: ApiPromise,
  key: 'parse' | 'asResponse' | '_thenUnwrap',
  value: (this: ApiPromise, ...args: unknown[]) => unknown,
): void {
  // openai 7 has `_thenUnwrap` on each promise, enumerable.
  const enumerable = Object.getOwnPropertyDescriptor(promise, key)?.enumerable === true;
  void Object.defineProperty(promise, key, { value, writable: true, enumerable, configurable: true });
}
