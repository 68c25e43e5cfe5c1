import type { ExperimentRef } from '../entities/experiment.ts';
import type { TokenUsage } from '../entities/trace.ts';
import { cutText } from '../entities/validation.ts';
import { randomHex } from '../random-id.ts';
import type { RecordSink, SpanRecord } from '../store/log-record.ts';
import { AttributeKey, TraceKey } from './attribute-keys.ts';
import type { LiveSpan } from './live-span.ts';
import { requestPreview, responsePreview } from './preview.ts';

/** Where a trace belongs and where its records go. */
export interface TraceDestination {
  readonly sink: RecordSink;
  readonly experiment: ExperimentRef;
  /** Metadata known at the start: source run, user, source name. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Told when the root span and all that were begun have ended; spans may outlast the root. */
  readonly onEnd: (trace: LiveTrace) => void;
}

const SCHEMA_VERSION = '3';

const TRACE_STATE = { OK: 'OK', ERROR: 'ERROR', UNSET: 'STATE_UNSPECIFIED' } as const;

/** A trace under way: gives its spans one clock and adds up what concerns the whole. */
export class LiveTrace {
  readonly traceId = `tr-${randomHex(16)}`;
  readonly experiment: ExperimentRef;
  readonly startedAtMs = Date.now();
  #root: LiveSpan | undefined;
  #open = new Set<LiveSpan>();
  #usages = new Map<LiveSpan, TokenUsage>();
  #session: string | undefined;
  #user: string | undefined;
  readonly #destination: TraceDestination;
  readonly #startedAtHr = process.hrtime.bigint();

  constructor(destination: TraceDestination) {
    this.#destination = destination;
    this.experiment = destination.experiment;
  }

  /** Nanoseconds since the Unix epoch: the wall clock at the trace's start, and a steady clock from there. */
  now(): bigint {
    return BigInt(this.startedAtMs) * 1_000_000n + (process.hrtime.bigint() - this.#startedAtHr);
  }

  spanStarted(span: LiveSpan): void {
    this.#root ??= span;
    this.#open.add(span);
  }

  spanEnded(span: LiveSpan, record: SpanRecord): void {
    this.#open.delete(span);
    if (span.usage !== undefined) this.#usages.set(span, span.usage);
    this.#session ??= textOf(record.attributes[AttributeKey.session]);
    this.#user ??= textOf(record.attributes[AttributeKey.user]);
    try {
      this.#destination.sink.append(record);
      if (span === this.#root) this.#finish(span, record);
    } finally {
      if (this.#root?.isEnded && this.#open.size === 0) this.#destination.onEnd(this);
    }
  }

  /** Spans that have begun and not ended, the root last. */
  openSpans(): LiveSpan[] {
    return [...this.#open].reverse();
  }

  #finish(root: LiveSpan, record: SpanRecord): void {
    const durationNano = BigInt(record.endTimeUnixNano) - BigInt(record.startTimeUnixNano);
    const request = requestPreview(root.inputs);
    const response = responsePreview(root.outputs);
    const usage = this.#totalUsage();
    this.#destination.sink.append({
      op: 'trace',
      experiment: this.experiment,
      traceId: this.traceId,
      requestTime: this.startedAtMs,
      executionDuration: Number(durationNano / 1_000_000n),
      state: TRACE_STATE[root.status.code],
      requestPreview: request,
      responsePreview: response,
      metadata: {
        ...this.#destination.metadata,
        [TraceKey.schemaVersion]: SCHEMA_VERSION,
        ...(request === null ? {} : { [TraceKey.inputs]: cutText(request, METADATA_LENGTH) }),
        ...(response === null ? {} : { [TraceKey.outputs]: cutText(response, METADATA_LENGTH) }),
        ...(this.#session === undefined ? {} : { [TraceKey.session]: this.#session }),
        ...(this.#user === undefined ? {} : { [TraceKey.user]: this.#user }),
        ...(usage === undefined ? {} : { [TraceKey.usage]: JSON.stringify(usage) }),
      },
      tags: { [TraceKey.name]: root.name },
    });
  }

  /** Sums each span's usage, unless a span above it has counted the same tokens already. */
  #totalUsage(): TokenUsage | undefined {
    const total: Record<string, number> = {};
    for (const [span, usage] of this.#usages) {
      if (this.#isCountedAbove(span)) continue;
      for (const [key, count] of Object.entries(usage)) total[key] = (total[key] ?? 0) + count;
    }
    return Object.keys(total).length === 0 ? undefined : total;
  }

  #isCountedAbove(span: LiveSpan): boolean {
    for (let above = span.parent; above !== null; above = above.parent) if (this.#usages.has(above)) return true;
    return false;
  }
}

/** The server guarantees only so many characters of a metadata value. */
const METADATA_LENGTH = 250;

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? cutText(value, METADATA_LENGTH) : undefined;
}
