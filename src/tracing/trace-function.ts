import { types } from 'node:util';
import { checkFunction, invalidParameter } from '../errors.ts';
import { reportFailure } from '../failures.ts';
import { AttributeKey } from './attribute-keys.ts';
import { followGenerator } from './follow-generator.ts';
import type { LiveSpan, SpanOptions } from './live-span.ts';
import { endSafely, failSafely, startSpan, withActiveSpan } from './tracer.ts';
import { checkRatio } from './tracing-config.ts';

/** How the calls of a function are recorded. */
export interface TraceOptions extends Pick<SpanOptions, 'type' | 'attributes' | 'links' | 'samplingRatio'> {
  /** @default the name of the function */
  readonly name?: string;
  /** Says what is recorded as the inputs. @default the argument, or an array of them where there are several */
  readonly inputs?: (...args: never[]) => unknown;
  /** Makes the outputs from what a generator has yielded. @default an array of it */
  readonly outputReducer?: (items: readonly unknown[]) => unknown;
}

// biome-ignore lint/suspicious/noExplicitAny: any function can be traced, and keeps its type.
type AnyFunction = (this: any, ...args: any[]) => any;

/** A decorator of methods: the standard one, or TypeScript's older one. */
export interface TraceDecorator {
  <F extends AnyFunction>(method: F, context: ClassMethodDecoratorContext): F;
  (target: object, key: string | symbol, descriptor: PropertyDescriptor): void;
}

/**
 * Wraps a function so that each call is recorded as a span; `this`, the name, the arguments and what is returned or
 * thrown stay the same. The span of a generator lives until its iterator has ended, was left or was collected.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for what is no function, or an impossible option.
 *
 * @example
 * const answer = trace(async function answer(question: string) { … }, { type: 'CHAIN' });
 */
export function trace<F extends AnyFunction>(fn: F, options?: TraceOptions): F;
export function trace(options?: TraceOptions): TraceDecorator;
export function trace<F extends AnyFunction>(method: F, context: ClassMethodDecoratorContext): F;
export function trace(target: object, key: string | symbol, descriptor: PropertyDescriptor): void;
export function trace(...args: readonly unknown[]): unknown {
  const [first, second, third] = args;
  if (args.length === 3) return decorateOld(third as PropertyDescriptor, {});
  if (isDecoratorContext(second)) return decorate(first, second, {});
  if (typeof first === 'function') return traced(first as AnyFunction, (second ?? {}) as TraceOptions);
  if (args.length > 1 || (first !== undefined && (typeof first !== 'object' || first === null))) {
    checkFunction('Cannot trace', first, 'pass a function, and its options after it');
  }
  const options = (first ?? {}) as TraceOptions;
  check(options);
  return (...given: readonly unknown[]) =>
    isDecoratorContext(given[1])
      ? decorate(given[0], given[1], options)
      : decorateOld(given[2] as PropertyDescriptor | undefined, options);
}

function isDecoratorContext(value: unknown): value is DecoratorContext {
  return typeof (value as Partial<DecoratorContext> | undefined)?.addInitializer === 'function';
}

function decorate(method: unknown, { kind, name }: DecoratorContext, options: TraceOptions): AnyFunction {
  if (kind !== 'method') {
    throw invalidParameter(`Cannot trace the ${kind} '${String(name)}': only methods can be decorated.`);
  }
  return traced(method as AnyFunction, { name: nameOf(name), ...options });
}

function decorateOld(descriptor: PropertyDescriptor | undefined, options: TraceOptions): void {
  checkFunction('Cannot trace', descriptor?.value, 'only methods can be decorated');
  if (descriptor !== undefined) descriptor.value = traced(descriptor.value as AnyFunction, options);
}

function nameOf(key: string | symbol | undefined): string {
  return typeof key === 'symbol' ? (key.description ?? '') : String(key ?? '');
}

function check({ samplingRatio }: TraceOptions): void {
  if (samplingRatio !== undefined) checkRatio('trace a function', samplingRatio);
}

function traced<F extends AnyFunction>(fn: F, options: TraceOptions): F {
  check(options);
  // A class may have a static member of this name.
  const ownName = typeof fn.name === 'string' ? fn.name : '';
  const name = options.name || ownName || 'anonymous';
  const attributes = { [AttributeKey.functionName]: ownName || name, ...options.attributes };
  const wrapper = function (this: unknown, ...args: unknown[]): unknown {
    if (new.target !== undefined) return Reflect.construct(fn, args, new.target === wrapper ? fn : new.target);
    const { inputs, outputReducer, ...rest } = options;
    const span = begin({ ...rest, name, attributes, inputs: inputsOf(args, inputs as AnyFunction) });
    const call = () => Reflect.apply(fn, this, args);
    return span === null ? call() : follow(span, call, outputReducer);
  };
  return takeOn(wrapper, fn);
}

/** Null where none can begin, as with a tracking URI that names no store: the function is called all the same. */
function begin(options: SpanOptions): LiveSpan | null {
  try {
    return startSpan(options);
  } catch (error) {
    reportFailure('recording a span', error);
    return null;
  }
}

function inputsOf(args: readonly unknown[], choose: AnyFunction | undefined): unknown {
  const all = args.length <= 1 ? args[0] : args;
  if (choose === undefined) return all;
  try {
    return choose(...args);
  } catch (error) {
    reportFailure('choosing the inputs of a span', error);
    return all;
  }
}

function follow(span: LiveSpan, call: () => unknown, reduce: TraceOptions['outputReducer']): unknown {
  let result: unknown;
  try {
    result = withActiveSpan(span, call);
  } catch (error) {
    failSafely(span, error);
    throw error;
  }
  const settle = (value: unknown): void => {
    if (!followGenerator(value, span, reduce)) endSafely(span, { outputs: span.outputs ?? value });
  };
  if (!types.isPromise(result)) {
    settle(result);
    return result;
  }
  return result.then(
    (value) => {
      settle(value);
      return value;
    },
    (error: unknown) => {
      failSafely(span, error);
      throw error;
    },
  );
}

/** As the function itself, for whoever looks: its name, length, prototype and own properties. */
function takeOn<F extends AnyFunction>(wrapper: AnyFunction, fn: F): F {
  Object.setPrototypeOf(wrapper, Object.getPrototypeOf(fn) as object);
  for (const key of Reflect.ownKeys(fn)) {
    const descriptor = Reflect.getOwnPropertyDescriptor(fn, key) as PropertyDescriptor;
    if (Object.getOwnPropertyDescriptor(wrapper, key)?.configurable === false) {
      if (key === 'prototype') Reflect.set(wrapper, key, fn.prototype);
    } else {
      Object.defineProperty(wrapper, key, descriptor);
    }
  }
  return wrapper as F;
}
