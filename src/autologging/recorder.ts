import { captureContext } from '../context.ts';
import type { LiveSpan, SpanEnd, SpanOptions } from '../tracing/live-span.ts';
import { activeSpan, deeperSpan, fillActiveSpan, startSpan } from '../tracing/tracer.ts';
import type { Config } from './definition.ts';
import type { PatchContext } from './patch-context.ts';
import { type Training, trainingOf } from './training.ts';

/** A span that an integration holds by itself, between a library's events. */
export interface RecordedSpan {
  readonly isEnded: boolean;
  setAttributes(attributes: Readonly<Record<string, unknown>>): void;
  addEvent(name: string, attributes?: Readonly<Record<string, unknown>>): void;
  end(end?: SpanEnd): void;
}

/** Where a recorded span hangs. */
export interface RecordedSpanOptions extends SpanOptions {
  /** The span above; the active span of the context is taken where it lies deeper in the same trace. */
  readonly parent?: RecordedSpan;
  /** Makes it the active span of what follows in the surrounding `scope` patch. @default false */
  readonly fillScope?: boolean;
}

/** What an integration may record through, when a library works by events rather than by calls. */
export interface Recorder<Options extends object = object> {
  /** The configuration at this moment. */
  readonly config: Config<Options>;
  /** False while traces are off, suppressed in this context, or kept from the program's own run. */
  isRecording(): boolean;
  startSpan(options: RecordedSpanOptions): RecordedSpan;
  /** The training under way on an object, if any. */
  training(subject: object): Training | undefined;
  /** Ties a function to the present context, for libraries whose queues run it in the context of another. */
  bind<A extends unknown[], R>(fn: (...args: A) => R): (...args: A) => R;
  /** Runs a callback that the library calls: what it throws is reported, never passed on. */
  guard<R>(what: string, fn: () => R): R | undefined;
}

/** Makes the recorder of one integration; `fallback` is its configuration while it is off. */
export function createRecorder(context: PatchContext, fallback: Config<object>): Recorder {
  return {
    get config() {
      return context.config() ?? fallback;
    },
    isRecording: () => context.config()?.logTraces === true && context.mayLog(),
    startSpan({ parent, fillScope, ...options }) {
      const span = startSpan(options, deeperSpan((parent as LiveSpan | undefined) ?? null, activeSpan()));
      if (fillScope) fillActiveSpan(span);
      return span;
    },
    training: trainingOf,
    bind(fn) {
      const inContext = captureContext();
      return function (this: unknown, ...args) {
        return inContext(() => Reflect.apply(fn, this, args));
      };
    },
    guard: (what, fn) => context.attempt(what, fn),
  };
}
