import { setImmediate as inNextTurn } from 'node:timers';
import type { OutcomeListener } from './observe-outcome.ts';
import { isPlainPromise } from './promise-state.ts';
import { forgetUnasked, watchUnasked, watchUntilExit } from './unasked.ts';
import { whenCollected } from './when-collected.ts';

/** The promise of SDKs made by Stainless (openai, @anthropic-ai/sdk, …): sent at once, parsed when asked. */
interface ApiPromise extends Promise<unknown> {
  /** Of the reply as it came; `response` is the raw one. */
  readonly responsePromise?: unknown;
  parse(): Promise<unknown>;
  asResponse(): Promise<unknown>;
  _thenUnwrap(transform: (data: unknown, ...rest: unknown[]) => unknown): ApiPromise;
}

/** One request; several promises may read its reply. The listener hears only the first event. */
interface Request {
  readonly listener: OutcomeListener;
  /** Of the parsed data, when it was asked for. */
  parsed?: Promise<unknown>;
  /** As `parsed`, told to the listener on the way. */
  told?: Promise<unknown>;
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
 * ends with the raw response; so it does where nothing was asked for, once nobody can ask any more.
 *
 * Source: openai-node `src/core/api-promise.ts`, read at 5.23, 6.49 and 7.55.
 */
export function observeApiPromise(promise: ApiPromise, listener: OutcomeListener): void {
  if (!Object.isExtensible(promise)) return;
  const request: Request = { listener };
  shadowAll(promise, request);
  const { responsePromise } = promise;
  if (isPlainPromise(responsePromise)) watchReply(request, listener, responsePromise);
}

/** What is left of a request that nobody can ask any more is its reply. */
function watchReply(request: Request, listener: OutcomeListener, reply: Promise<unknown>): void {
  watchUntilExit(reply, listener);
  whenCollected(request, listener, () => watchUnasked(reply, rawListener(listener)));
}

function rawListener(listener: OutcomeListener): OutcomeListener {
  return {
    resolved: (reply) => listener.resolved((reply as { response?: unknown } | undefined)?.response),
    rejected: (error) => listener.rejected(error),
    abandoned: (state) => listener.abandoned?.(state),
  };
}

function shadowAll(promise: ApiPromise, request: Request): void {
  const { listener } = request;
  const { parse, asResponse, _thenUnwrap } = promise;
  shadow(promise, 'parse', function (this: ApiPromise, ...args) {
    const parsed: unknown = Reflect.apply(parse, this, args);
    if (!isPlainPromise(parsed)) return parsed;
    if (parsed !== request.parsed || request.told === undefined) {
      request.parsed = parsed;
      request.told = tellOnTheWay(parsed, listener);
    }
    return request.told;
  });
  shadow(promise, 'asResponse', function (this: ApiPromise, ...args) {
    const response: unknown = Reflect.apply(asResponse, this, args);
    return isPlainPromise(response) ? tellOnTheWay(response, createResponseListener(request)) : response;
  });
  shadow(promise, '_thenUnwrap', function (this: ApiPromise, transform, ...args) {
    // The transform may make another object of the data, or throw at what the model answered.
    const tellFirst = (data: unknown, ...rest: unknown[]): unknown => {
      listener.resolved(data);
      return (transform as (...all: unknown[]) => unknown)(data, ...rest);
    };
    const derived = Reflect.apply(_thenUnwrap, this, [tellFirst, ...args]) as ApiPromise;
    if (Object.isExtensible(derived)) shadowAll(derived, request);
    return derived;
  });
}

/**
 * Puts the listener between a promise and the program. Beside it would be a second reaction of one promise, and V8
 * follows an error to the function that awaits it only where each promise has one.
 */
function tellOnTheWay(promise: Promise<unknown>, listener: OutcomeListener): Promise<unknown> {
  listener.asked?.();
  return promise.then(
    (value) => {
      listener.resolved(value);
      return value;
    },
    (error: unknown) => {
      listener.rejected(error);
      throw error;
    },
  );
}

function createResponseListener(request: Request): OutcomeListener {
  const { listener } = request;
  return {
    asked() {
      forgetUnasked(this);
      listener.asked?.();
    },
    // A program may look at the headers first and ask for the data next.
    resolved(response) {
      inNextTurn(() => {
        if (request.parsed === undefined) listener.resolved(response);
        else watchUnasked(request.parsed, listener);
      });
    },
    rejected: (error) => listener.rejected(error),
    abandoned: (state) => listener.abandoned?.(state),
  };
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
