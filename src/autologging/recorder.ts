import { captureContext } from '../context.ts';
import { noteAdded } from '../patching/check-arguments.ts';
import type { LiveSpan, SpanEnd, SpanOptions } from '../tracing/live-span.ts';
import {
  activeSpan,
  deeperSpan,
  enteredSpan,
  fillActiveSpan,
  followScope,
  scopeSpan,
  scopeSubject,
  startSpan,
} from '../tracing/tracer.ts';
import type { Config } from './definition.ts';
import type { PatchContext } from './patch-context.ts';
import { type Training, trainingOf } from './training.ts';

/** A span that an integration holds by itself, between a library's events. */
export interface RecordedSpan {
  readonly isEnded: boolean;
  readonly parent: RecordedSpan | null;
  setAttributes(attributes: Readonly<Record<string, unknown>>): void;
  addEvent(name: string, attributes?: Readonly<Record<string, unknown>>): void;
  end(end?: SpanEnd): void;
}

/** Told how a call turns out; of a stream, what passes through it. */
export interface CallFollower {
  resolved(value: unknown): void;
  failed(error: unknown): void;
  chunk?(value: unknown): void;
  /** The stream came to its end. */
  ended?(): void;
  /** The consumer left the stream early. */
  cancelled?(): void;
}

/** Where a recorded span hangs. */
export interface RecordedSpanOptions extends SpanOptions {
  /** The span above; the active span of the context is taken where it lies deeper in the same trace. */
  readonly parent?: RecordedSpan;
  /** Hangs it where this one hangs, whatever the active span. */
  readonly beside?: RecordedSpan;
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
  /**
   * Has the call of the surrounding 'followed' scope told to a follower, unless it has one; returns the one it has, and
   * null outside of such a scope.
   */
  follow(follower: CallFollower): CallFollower | null;
  /** The span that this context was entered with, be it ended. */
  enteredSpan(): RecordedSpan | null;
  /** The span that was begun to be the active one of the surrounding scope. */
  scopeSpan(): RecordedSpan | null;
  /** `this` of the call of the surrounding scope. */
  scopeSubject(): unknown;
  /** The span that new spans of this context become children of. */
  activeSpan(): RecordedSpan | null;
  /** Says that the integration has made an object, and may take it from arguments where the program would see it. */
  own(object: object): void;
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
    startSpan({ parent, beside, fillScope, ...options }) {
      const above = deeperSpan((parent as LiveSpan | undefined) ?? null, activeSpan());
      const span = startSpan(options, beside === undefined ? above : (beside as LiveSpan).parent);
      if (fillScope) fillActiveSpan(span);
      return span;
    },
    follow: (follower) => followScope(follower) as CallFollower | null,
    scopeSpan,
    scopeSubject,
    activeSpan,
    enteredSpan,
    own: noteAdded,
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
