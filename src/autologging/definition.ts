import type { SpanType, TokenUsage } from '../entities/trace.ts';
import type { Call } from '../patching/interceptor.ts';
import type { CommonConfig } from './options.ts';
import type { RecordedSpan, Recorder } from './recorder.ts';
import type { Training, TrainingNotes } from './training.ts';

/**
 * What an integration says of its library: what to patch, and what a call means.
 *
 * Hooks are pure: they get the call and its result and return what to record. A hook that throws is reported and
 * leaves the call alone.
 */
export interface IntegrationDefinition<Options extends object = object> {
  /** npm packages with the tested range of versions; the first one names the library. */
  readonly packages: Readonly<Record<string, string>>;
  /** Options beyond the common ones, or other defaults of those; their names are checked when a user sets them. */
  readonly options?: Options;
  /**
   * What an option may be where its default does not tell: values, and `Boolean`, `Number` or `String` for all of that
   * type, as `{ logEveryNSteps: ['auto', Number, null] }`. @default values of the default's type
   */
  readonly choices?: { readonly [Name in keyof Options]?: readonly unknown[] };
  readonly patches: readonly Patch<Options>[];
  /** Brings what a user handed over (a namespace, class or client) into the form of the module's exports. */
  readonly given?: (handle: unknown) => Readonly<Record<string, unknown>> | undefined;
  /** Connects by the library's own means; called for each loaded copy, returns its undo. */
  readonly attach?: (
    exports: Readonly<Record<string, unknown>>,
    recorder: Recorder<Options>,
  ) => (() => void) | undefined;
}

/** One function of the library, and what its calls mean. */
export type Patch<Options extends object = object> = PatchTarget &
  (
    | { readonly span: SpanHooks<Options> }
    | { readonly training: TrainingHooks<Options> }
    | { readonly observe: ObserveHooks<Options> }
  );

/** Where a function is found. */
export interface PatchTarget {
  /** Module specifier as a program imports it. @default the definition's first package */
  readonly module?: string;
  /** Path from the module's exports: `OpenAI.Chat.Completions.prototype.create`. */
  readonly target: string;
  /** Says nothing when the library does not have it, as with functions that only some versions have. @default false */
  readonly optional?: boolean;
}

/** What the present configuration is, for hooks that depend on it. */
export type Config<Options extends object> = Readonly<CommonConfig & Options>;

/** Makes a span of each call. */
export interface SpanHooks<Options extends object = object> {
  /** Without values in it. */
  readonly name: string | ((call: Call) => string);
  readonly type: SpanType | ((call: Call) => SpanType);
  /** What the call was given. @default the first argument */
  readonly inputs?: (call: Call, config: Config<Options>) => unknown;
  readonly attributes?: (call: Call, config: Config<Options>) => Readonly<Record<string, unknown>>;
  /** What the call gave; a stream goes to `stream` instead. @default the result as outputs */
  readonly result?: (result: unknown, call: Call, config: Config<Options>) => SpanResult;
  /** Makes what gathers a stream's chunks. Without it, a stream ends its span at once. */
  readonly stream?: (call: Call, config: Config<Options>) => ChunkCollector;
  /**
   * For a result that goes on working after the call returned, such as a runner: calls `done` when it is over, and
   * returns true. The span stays open until then; `begin` makes spans below it, and gives back what ends each.
   */
  readonly pending?: (
    result: unknown,
    done: (end: SpanResult) => void,
    begin: (child: ChildSpan) => (end: SpanResult) => void,
  ) => boolean;
  /** Lets the call pass without a span. */
  readonly skip?: (call: Call) => boolean;
}

/** A part of a call that its integration learns of while the call goes on. */
export interface ChildSpan {
  /** Without values in it, but for the name of what is called. */
  readonly name: string;
  readonly type: SpanType;
  readonly inputs?: unknown;
}

/** What a call gave, for its span. */
export interface SpanResult {
  readonly outputs?: unknown;
  readonly usage?: TokenUsage;
  readonly attributes?: Readonly<Record<string, unknown>>;
  /** What went wrong although the call itself did not throw; gives status ERROR. */
  readonly error?: unknown;
}

/** Gathers the chunks of one stream. */
export interface ChunkCollector {
  /**
   * What makes the chunks, as the body of one reply, calls nothing that is logged: it need not run in the context of the
   * call, which costs as much as all else. @default false
   */
  readonly isLeaf?: boolean;
  add(chunk: unknown): void;
  /** What the chunks amount to; also called for a stream that broke off. */
  result(): SpanResult;
}

/** Makes a run, or a part of the active run, of each call. */
export interface TrainingHooks<Options extends object = object> {
  /** The object being trained: calls on it continue one automatic run, as long as `continues` says so. */
  readonly subject: (call: Call) => object;
  /** What must be the same object for a later call to continue the run. @default the subject */
  readonly continues?: (call: Call) => unknown;
  /** What is known before the training; the training itself is for `args` that go on reporting to it. */
  readonly begin?: (call: Call, config: Config<Options>, training: Training) => TrainingStart | undefined;
  /** What is known after it. */
  readonly end?: (
    result: unknown,
    call: Call,
    config: Config<Options>,
    training: Training,
  ) => TrainingNotes | undefined;
  /** Name of the subject, put before the keys of a second one that is trained in the same run. @default 'model_2', … */
  readonly subjectName?: (call: Call) => string;
  /** Begins no run of its own: logs only while one is active, or the subject has one. @default false */
  readonly onlyInRun?: boolean | ((config: Config<Options>) => boolean);
  /** Lets the call pass unlogged. */
  readonly skip?: (call: Call, config: Config<Options>) => boolean;
}

/** What a training began with. */
export interface TrainingStart extends TrainingNotes {
  /** Arguments for the original instead of the caller's; a new array. */
  readonly args?: readonly unknown[];
}

/** Watches calls that are neither spans nor trainings by themselves. */
export interface ObserveHooks<Options extends object = object> {
  /** May replace arguments, as a library that takes callbacks wants it. */
  readonly args?: (call: Call, recorder: Recorder<Options>) => readonly unknown[] | undefined;
  /**
   * Runs the original in a scope in which `recorder.startSpan(…, { fillScope: true })` sets the active span, and, when
   * it is 'followed', `recorder.follow(…)` is told how the call turns out. A generator that the call gives runs in the
   * scope, too; a stream that it promises does so for 'stream', when a span was begun.
   */
  readonly scope?: boolean | 'followed' | 'stream';
  /** The span that the scope begins in. @default the active one */
  readonly above?: (call: Call, recorder: Recorder<Options>) => RecordedSpan | undefined;
  readonly result?: (result: unknown, call: Call, recorder: Recorder<Options>) => void;
}
