import { nowMs, steadyMs, steadyNs } from '../clock.ts';
import type { ExperimentRef } from '../entities/experiment.ts';
import type { TokenUsage } from '../entities/trace.ts';
import { cutText } from '../entities/validation.ts';
import { timeOrderedHex } from '../random-id.ts';
import type { RecordSink, SpanRecord, TraceRecord } from '../store/log-record.ts';
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
  readonly traceId = `tr-${timeOrderedHex()}`;
  readonly experiment: ExperimentRef;
  readonly startedAtMs = nowMs();
  /** When a span last began or ended, by the steady clock. */
  touchedAtMs = steadyMs();
  #root: LiveSpan | undefined;
  #open = new Set<LiveSpan>();
  #session: string | undefined;
  #user: string | undefined;
  readonly #destination: TraceDestination;
  /** From the steady clock to the time since the Unix epoch. */
  readonly #clockOffset = BigInt(this.startedAtMs) * 1_000_000n - steadyNs();

  constructor(destination: TraceDestination) {
    this.#destination = destination;
    this.experiment = destination.experiment;
  }

  /** Nanoseconds since the Unix epoch: the wall clock at the trace's start, and a steady clock from there. */
  now(): bigint {
    return this.#clockOffset + steadyNs();
  }

  spanStarted(span: LiveSpan): void {
    this.#root ??= span;
    this.#open.add(span);
    this.touchedAtMs = steadyMs();
  }

  spanEnded(span: LiveSpan, record: SpanRecord): void {
    this.#open.delete(span);
    this.touchedAtMs = steadyMs();
    this.#passUsageUp(span);
    this.#session ??= textOf(record.attributes[AttributeKey.session]);
    this.#user ??= textOf(record.attributes[AttributeKey.user]);
    try {
      if (span === this.#root) this.#appendLast(this.#summary(span, record), record);
      else this.#destination.sink.append(record);
    } finally {
      if (this.#root?.isEnded && this.#open.size === 0) this.#destination.onEnd(this);
    }
  }

  /** The span under way that began first, the root aside, if there are more than `count`. */
  surplusSpan(count: number): LiveSpan | undefined {
    if (this.#open.size <= count) return undefined;
    for (const span of this.#open) if (span !== this.#root) return span;
    return undefined;
  }

  /** Spans that have begun and not ended, the root last. */
  openSpans(): LiveSpan[] {
    return [...this.#open].reverse();
  }

  #appendLast(trace: TraceRecord, root: SpanRecord): void {
    const { sink } = this.#destination;
    if (sink.appendBoth !== undefined) {
      // The trace first: its span finds it stored.
      sink.appendBoth(trace, root);
      return;
    }
    sink.append(root);
    sink.append(trace);
  }

  #summary(root: LiveSpan, record: SpanRecord): TraceRecord {
    const durationNano = BigInt(record.endTimeUnixNano) - root.startedAtNano;
    const request = requestPreview(root.inputs);
    const response = responsePreview(root.outputs);
    return {
      op: 'trace',
      experiment: this.experiment,
      traceId: this.traceId,
      requestTime: this.startedAtMs,
      executionDuration: Number(durationNano / 1_000_000n),
      state: TRACE_STATE[root.status.code],
      requestPreview: request,
      responsePreview: response,
      metadata: this.#metadata(request, response, root.usage ?? root.usageBelow),
      tags: { [TraceKey.name]: root.name },
    };
  }

  #metadata(
    request: string | null,
    response: string | null,
    usage: TokenUsage | undefined,
  ): Record<string, string> {
    const metadata: Record<string, string> = { ...this.#destination.metadata };
    metadata[TraceKey.schemaVersion] = SCHEMA_VERSION;
    if (request !== null) metadata[TraceKey.inputs] = cutText(request, METADATA_LENGTH);
    if (response !== null) metadata[TraceKey.outputs] = cutText(response, METADATA_LENGTH);
    if (this.#session !== undefined) metadata[TraceKey.session] = this.#session;
    if (this.#user !== undefined) metadata[TraceKey.user] = this.#user;
    if (usage !== undefined) metadata[TraceKey.usage] = JSON.stringify(usage);
    return metadata;
  }

  /**
   * Hands the tokens of a span and of those below on to the next span above that is under way; they are dropped where a
   * span above has counted the same tokens already, or does so when it ends.
   */
  #passUsageUp(span: LiveSpan): void {
    const usage = span.usage ?? span.usageBelow;
    if (usage === undefined || Object.keys(usage).length === 0) return;
    for (let above = span.parent; above !== null; above = above.parent) {
      if (!above.isEnded) {
        above.usageBelow = sumOf(above.usageBelow, usage);
        return;
      }
      if (above.usage !== undefined) return;
    }
  }
}

function sumOf(total: TokenUsage = {}, usage: TokenUsage): TokenUsage {
  const sum: Record<string, number> = { ...total };
  for (const [key, count] of Object.entries(usage)) sum[key] = (sum[key] ?? 0) + count;
  return sum;
}

/** The server guarantees only so many characters of a metadata value. */
const METADATA_LENGTH = 250;

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? cutText(value, METADATA_LENGTH) : undefined;
}
