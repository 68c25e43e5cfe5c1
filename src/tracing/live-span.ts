import type { SpanStatus, SpanType, TokenUsage } from '../entities/trace.ts';
import { errorMessage } from '../errors.ts';
import { setMember, toJsonData } from '../json.ts';
import { randomHex } from '../random-id.ts';
import type { SpanRecord } from '../store/log-record.ts';
import { AttributeKey } from './attribute-keys.ts';
import type { LiveTrace } from './live-trace.ts';

/** How a span begins. */
export interface SpanOptions {
  /** Names the operation, without values in it. */
  readonly name: string;
  /** @default 'UNKNOWN' */
  readonly type?: SpanType;
  readonly inputs?: unknown;
  readonly attributes?: Readonly<Record<string, unknown>>;
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
}

/**
 * A span under way. Values are copied when they are given, so that later changes do not show; after `end` nothing
 * changes any more.
 */
export class LiveSpan {
  readonly spanId = randomHex(8);
  readonly trace: LiveTrace;
  readonly parent: LiveSpan | null;
  readonly name: string;
  readonly startedAtNano: bigint;
  /** Tokens of the spans below that have ended, those counted above others left out; kept by the trace. */
  usageBelow: TokenUsage | undefined;
  #attributes: Record<string, unknown> = {};
  #events: SpanRecord['events'][number][] = [];
  #status: SpanStatus = { code: 'UNSET', message: '' };
  #usage: TokenUsage | undefined;
  #isEnded = false;

  constructor(trace: LiveTrace, parent: LiveSpan | null, options: SpanOptions) {
    this.trace = trace;
    this.parent = parent;
    this.name = options.name;
    this.startedAtNano = trace.now();
    this.#attributes[AttributeKey.traceId] = trace.traceId;
    this.#attributes[AttributeKey.type] = options.type ?? 'UNKNOWN';
    if (options.inputs !== undefined) this.setInputs(options.inputs);
    if (options.attributes !== undefined) this.setAttributes(options.attributes);
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
    return this.#attributes[AttributeKey.inputs];
  }

  get outputs(): unknown {
    return this.#attributes[AttributeKey.outputs];
  }

  get status(): SpanStatus {
    return this.#status;
  }

  setInputs(inputs: unknown): void {
    this.#set(AttributeKey.inputs, inputs);
  }

  setOutputs(outputs: unknown): void {
    this.#set(AttributeKey.outputs, outputs);
  }

  setAttributes(attributes: Readonly<Record<string, unknown>>): void {
    for (const key of Object.keys(attributes)) this.#set(key, attributes[key]);
  }

  setUsage(usage: TokenUsage): void {
    this.#usage = usage;
    this.#set(AttributeKey.usage, usage);
  }

  addEvent(name: string, attributes: Readonly<Record<string, unknown>> = {}): void {
    if (this.#isEnded) return;
    const timeUnixNano = this.trace.now().toString();
    this.#events.push({ name, timeUnixNano, attributes: toJsonData(attributes) as Record<string, unknown> });
  }

  setStatus(status: SpanStatus): void {
    if (!this.#isEnded) this.#status = status;
  }

  /** Takes anything thrown, also what cannot be read. */
  recordError(error: unknown): void {
    const message = String(toJsonData(errorMessage(error)));
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
    if (end.incomplete !== undefined) this.#status = { code: 'UNSET', message: end.incomplete };
    else if (this.#status.code === 'UNSET') this.#status = { code: 'OK', message: '' };
    this.#isEnded = true;
    this.trace.spanEnded(this, this.#record());
  }

  /** Ends the span with whatever was thrown, be it `undefined`. */
  fail(error: unknown, end: SpanEnd = {}): void {
    if (this.#isEnded) return;
    this.recordError(error);
    this.end({ ...end, error: undefined });
  }

  #set(key: string, value: unknown): void {
    if (!this.#isEnded && value !== undefined) setMember(this.#attributes, key, toJsonData(value));
  }

  #record(): SpanRecord {
    return {
      op: 'span',
      experiment: this.trace.experiment,
      traceId: this.trace.traceId,
      spanId: this.spanId,
      parentSpanId: this.parent?.spanId ?? null,
      name: this.name,
      startTimeUnixNano: this.startedAtNano.toString(),
      endTimeUnixNano: this.trace.now().toString(),
      status: this.#status,
      attributes: this.#attributes,
      events: this.#events,
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
