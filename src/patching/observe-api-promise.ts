import { setImmediate as inNextTurn } from 'node:timers';
import type { OutcomeListener } from './observe-outcome.ts';
import { isNativePromise } from './promise-state.ts';
import { watchUnasked, watchUntilExit } from './unasked.ts';
import { whenCollected } from './when-collected.ts';

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/** The promise of SDKs made by Stainless (openai, @anthropic-ai/sdk, …): sent at once, parsed when asked. */
interface ApiPromise extends Promise<unknown> {
  /** Of the reply as it came; `response` is the raw one. */
  readonly responsePromise: Promise<unknown>;
  /** Reads the body of the reply. */
  readonly parseResponse: AnyFunction;
  readonly _thenUnwrap: AnyFunction;
}

/** One request; several promises may read its reply. The listener hears only the first event. */
interface Request {
  readonly listener: OutcomeListener;
  /** The program has asked for the data, and not for the raw response alone. */
  isParsed: boolean;
}

/** Tells an APIPromise by its members; the class differs between versions and module systems. */
export function isApiPromise(value: object): value is ApiPromise {
  const { responsePromise, _thenUnwrap } = value as Partial<ApiPromise>;
  if (typeof _thenUnwrap !== 'function' || !isNativePromise(responsePromise)) return false;
  const { value: parse, writable } = Object.getOwnPropertyDescriptor(value, 'parseResponse') ?? {};
  return typeof parse === 'function' && writable === true && Object.isExtensible(responsePromise);
}

/**
 * Observes an APIPromise without parsing it. Its methods stay those of its class: what they all come to is observed.
 *
 * `parse`, through which `then`, `catch`, `finally` and `withResponse` go, and `asResponse` call `then` of the reply's
 * promise; where the data is asked for, `parseResponse` is next. `_thenUnwrap` makes a second promise that reads the same
 * reply, for `chat.completions.parse` and the like. Where only the raw response is asked for, the call ends with that; so
 * it does where nothing was asked for, once nobody can ask any more.
 *
 * Source: openai-node `src/core/api-promise.ts`, read at 5.23, 6.49 and 7.55.
 */
export function observeApiPromise(promise: ApiPromise, listener: OutcomeListener): void {
  const request: Request = { listener, isParsed: false };
  const { responsePromise: reply } = promise;
  tellReply(reply, request);
  tellParsed(promise, request);
  watchUntilExit(reply, listener);
  whenCollected(promise, listener, watchLater(reply, listener));
}

/** What is left of a request that nobody can ask any more is its reply. Apart from the promise, which this must not hold. */
function watchLater(reply: Promise<unknown>, listener: OutcomeListener): () => void {
  return () =>
    watchUnasked(reply, {
      resolved: (value) => listener.resolved(rawResponse(value)),
      rejected: (error) => listener.rejected(error),
      abandoned: (state) => listener.abandoned?.(state),
    });
}

/**
 * Puts the listener into what is subscribed to the reply. Beside it would be a second reaction of one promise, and V8
 * follows an error to the function that awaits it only where each promise has one.
 */
function tellReply(reply: Promise<unknown>, request: Request): void {
  const { listener } = request;
  const { then: subscribe } = reply as unknown as { then: AnyFunction };
  void Object.defineProperty(reply, 'then', {
    writable: true,
    enumerable: false,
    configurable: true,
    value: function then(this: unknown, onFulfilled: unknown, onRejected: unknown): unknown {
      listener.asked?.();
      return Reflect.apply(subscribe, this, [
        (value: unknown) => {
          try {
            return typeof onFulfilled === 'function' ? onFulfilled(value) : value;
          } finally {
            if (!request.isParsed) tellRaw(value, request);
          }
        },
        (error: unknown) => {
          listener.rejected(error);
          if (typeof onRejected === 'function') return onRejected(error);
          throw error;
        },
      ]);
    },
  });
}

/** A program may look at the headers first and ask for the data next. */
function tellRaw(reply: unknown, request: Request): void {
  inNextTurn(() => {
    if (!request.isParsed) request.listener.resolved(rawResponse(reply));
  });
}

function tellParsed(promise: ApiPromise, request: Request): void {
  const { listener } = request;
  replaceOwn(promise, 'parseResponse', (parse, self, args) => {
    request.isParsed = true;
    const data = Reflect.apply(parse, self, args);
    if (!isNativePromise(data)) listener.resolved(data);
    return isNativePromise(data) ? tellOnTheWay(data, listener) : data;
  });
  // That of the class reads the reply by `parseResponse` of this promise; that of openai 7 is each promise's own.
  replaceOwn(promise, '_thenUnwrap', (unwrap, self, [transform, ...args]) => {
    // The transform may make another object of the data, or throw at what the model answered.
    const tellFirst = (data: unknown, ...rest: unknown[]): unknown => {
      listener.resolved(data);
      return (transform as AnyFunction)(data, ...rest);
    };
    const derived = Reflect.apply(unwrap, self, [tellFirst, ...args]) as ApiPromise;
    tellParsed(derived, request);
    return derived;
  });
}

function tellOnTheWay(promise: Promise<unknown>, listener: OutcomeListener): Promise<unknown> {
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

function rawResponse(reply: unknown): unknown {
  return (reply as { response?: unknown } | undefined)?.response;
}

/** Stands for a function that the object itself holds, and looks like it also where the object is printed. */
function replaceOwn(
  object: object,
  key: 'parseResponse' | '_thenUnwrap',
  call: (original: AnyFunction, self: unknown, args: unknown[]) => unknown,
): void {
  const { value, writable } = Object.getOwnPropertyDescriptor(object, key) ?? {};
  if (typeof value !== 'function' || !writable) return;
  Reflect.set(object, key, new Proxy(value as AnyFunction, { apply: call }));
}
