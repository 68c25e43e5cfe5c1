import type { SpanStatus, SpanType, TokenUsage } from '../entities/trace.ts';
import { errorMessage } from '../errors.ts';
import { toJsonData } from '../json.ts';
import { randomHex } from '../random-id.ts';
import type { SpanRecord } from '../store/log-record.ts';
import { AttributeKey } from './attribute-keys.ts';
import type { LiveTrace } from './live-trace.ts';
import { contentLimits, processSpan } from './span-content.ts';
import { type NewSpanLink, SpanDraft } from './span-draft.ts';
import { noteTwinRecord } from './twin-records.ts';

export type { NewSpanLink } from './span-draft.ts';

/** How a span begins. */
export interface SpanOptions {
  /** Names the operation, without values in it. */
  readonly name: string;
  /** @default 'UNKNOWN' */
  readonly type?: SpanType;
  readonly inputs?: unknown;
  readonly attributes?: Readonly<Record<string, unknown>>;
  /** Spans that led to this one without being its parent; `attributes` may be left out. */
  readonly links?: readonly NewSpanLink[];
  /** Nanoseconds since the Unix epoch. @default now */
  readonly startTimeUnixNano?: bigint;
  /**
   * Share of the traces that are recorded, from 0 to 1; counts where the span begins a trace.
   *
   * @default that of `configureTracing`
   */
  readonly samplingRatio?: number;
}

/** How a span ends. */
export interface SpanEnd {
  readonly outputs?: unknown;
  readonly usage?: TokenUsage;
  readonly attributes?: Readonly<Record<string, unknown>>;
  /** Anything thrown; gives status ERROR and an `exception` event. */
  readonly error?: unknown;
  /** Why the span is ended although its work was not seen to end; its status stays UNSET. */
  readonly incomplete?: string;
  /** Nanoseconds since the Unix epoch. @default now */
  readonly endTimeUnixNano?: bigint;
}

/** The span of another tracer that goes with one of ours, under the same id. */
export interface SpanTwin {
  readonly spanId: string;
  /** Runs a function with the twin as that tracer's active span. */
  enter?<R>(fn: () => R): R;
  /** Told when the span has ended. */
  end?(record: SpanRecord): void;
}

/**
 * A span under way. Values are copied when they are given, so that later changes do not show; after `end` nothing
 * changes any more. In a trace that is not recorded, it keeps nothing.
 */
export class LiveSpan {
  readonly spanId: string;
  readonly trace: LiveTrace;
  readonly parent: LiveSpan | null;
  name: string;
  readonly startedAtNano: bigint;
  readonly twin: SpanTwin | undefined;
  /** Tokens of the spans below that have ended, those counted above others left out; kept by the trace. */
  usageBelow: TokenUsage | undefined;
  #usage: TokenUsage | undefined;
  #isEnded = false;
  readonly #draft: SpanDraft;

  constructor(trace: LiveTrace, parent: LiveSpan | null, options: SpanOptions, twin?: SpanTwin) {
    this.trace = trace;
    this.parent = parent;
    this.name = options.name;
    this.spanId = twin?.spanId ?? randomHex(8);
    this.startedAtNano = options.startTimeUnixNano ?? trace.now();
    this.twin = twin;
    this.#draft = new SpanDraft(trace.traceId, options.type ?? 'UNKNOWN', trace.takesAttachments);
    if (options.inputs !== undefined) this.setInputs(options.inputs);
    if (options.attributes !== undefined) this.setAttributes(options.attributes);
    if (options.links !== undefined) for (const link of options.links) this.addLink(link);
  }

  get traceId(): string {
    return this.trace.traceId;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Tokens that this span itself has recorded. */
  get usage(): TokenUsage | undefined {
    return this.#usage;
  }

  get inputs(): unknown {
    return this.#draft.attributes[AttributeKey.inputs];
  }

  get outputs(): unknown {
    return this.#draft.attributes[AttributeKey.outputs];
  }

  get status(): SpanStatus {
    return this.#draft.status;
  }

  /** What is known so far, under MLflow's keys: plain JSON data. */
  get attributes(): Readonly<Record<string, unknown>> {
    return this.#draft.attributes;
  }

  setInputs(inputs: unknown): void {
    if (this.#isOpen && inputs !== undefined) this.#draft.setContent(AttributeKey.inputs, inputs);
  }

  setOutputs(outputs: unknown): void {
    if (this.#isOpen && outputs !== undefined) this.#draft.setContent(AttributeKey.outputs, outputs);
  }

  setAttribute(key: string, value: unknown): void {
    if (this.#isOpen && value !== undefined) this.#draft.setAttribute(key, value);
  }

  setAttributes(attributes: Readonly<Record<string, unknown>>): void {
    if (this.#isOpen) for (const key of Object.keys(attributes)) this.setAttribute(key, attributes[key]);
  }

  setUsage(usage: TokenUsage): void {
    this.#usage = usage;
    this.setAttribute(AttributeKey.usage, usage);
  }

  addEvent(name: string, attributes: Readonly<Record<string, unknown>> = {}, timeUnixNano?: bigint): void {
    if (this.#isOpen) this.#draft.addEvent(name, timeUnixNano ?? this.trace.now(), attributes);
  }

  /** Takes out the events so far, as one that tells of an error. */
  clearEvents(): void {
    if (this.#isOpen) this.#draft.clearEvents();
  }

  addLink(link: NewSpanLink): void {
    if (this.#isOpen) this.#draft.addLink(link);
  }

  setStatus(status: SpanStatus): void {
    if (!this.#isEnded) this.#draft.status = status;
  }

  /** Takes anything thrown, also what cannot be read. */
  recordError(error: unknown): void {
    const message = String(toJsonData(errorMessage(error), contentLimits()));
    this.addEvent('exception', {
      'exception.type': errorPart(error, 'name') ?? typeof error,
      'exception.message': message,
      'exception.stacktrace': errorPart(error, 'stack') ?? '',
    });
    this.setStatus({ code: 'ERROR', message });
  }

  /** Ends the span and hands it over for storing; later calls do nothing. Status UNSET becomes OK. */
  end(end: SpanEnd = {}): void {
    if (this.#isEnded) return;
    if (end.outputs !== undefined) this.setOutputs(end.outputs);
    if (end.usage !== undefined) this.setUsage(end.usage);
    if (end.attributes !== undefined) this.setAttributes(end.attributes);
    if (end.error !== undefined) this.recordError(end.error);
    if (end.incomplete !== undefined) this.setStatus({ code: 'UNSET', message: end.incomplete });
    else if (this.status.code === 'UNSET') this.setStatus({ code: 'OK', message: '' });
    this.#handOver(end.endTimeUnixNano ?? this.trace.now());
  }

  /** Ends the span with whatever was thrown, be it `undefined`. */
  fail(error: unknown, end: SpanEnd = {}): void {
    if (this.#isEnded) return;
    this.recordError(error);
    this.end({ ...end, error: undefined });
  }

  get #isOpen(): boolean {
    return !this.#isEnded && this.trace.isRecorded;
  }

  #handOver(endedAtNano: bigint): void {
    const failure = this.trace.isRecorded ? processSpan(this) : undefined;
    // A processor may have ended it itself.
    if (this.#isEnded) return;
    this.#isEnded = true;
    if (failure !== undefined) this.#draft.drop();
    const record = this.#record(endedAtNano);
    if (this.twin !== undefined) noteTwinRecord(record);
    try {
      this.trace.spanEnded(this, record, this.#draft.namedAttachments());
    } finally {
      this.twin?.end?.(record);
    }
    failure?.tell();
  }

  #record(endedAtNano: bigint): SpanRecord {
    return {
      op: 'span',
      experiment: this.trace.experiment,
      traceId: this.trace.traceId,
      spanId: this.spanId,
      parentSpanId: this.parent?.spanId ?? this.trace.remoteParentId,
      name: this.name,
      startTimeUnixNano: this.startedAtNano.toString(),
      endTimeUnixNano: endedAtNano.toString(),
      ...this.#draft.finish(),
    };
  }
}

function errorPart(error: unknown, key: 'name' | 'stack'): string | undefined {
  try {
    const part: unknown = error instanceof Error ? error[key] : undefined;
    return typeof part === 'string' ? part : undefined;
  } catch {
    // A proxy or getter that throws.
    return undefined;
  }
}
