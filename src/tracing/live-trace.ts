import { nowMs, steadyMs, steadyNs } from '../clock.ts';
import type { ExperimentRef } from '../entities/experiment.ts';
import { timeOrderedHex } from '../random-id.ts';
import type { RecordSink, SpanRecord, TraceRecord } from '../store/log-record.ts';
import type { Attachment } from './attachment.ts';
import { AttributeKey } from './attribute-keys.ts';
import { noteEndedTrace } from './last-trace.ts';
import type { LiveSpan } from './live-span.ts';
import { passUsageUp } from './pass-usage-up.ts';
import { cutMetadata, type TraceChanges, toTraceRecord } from './trace-record.ts';

/** Where a trace belongs and where its records go. */
export interface TraceDestination {
  readonly sink: RecordSink;
  readonly experiment: ExperimentRef;
  /** Metadata known at the start: source run, user, source name. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Takes the files of a trace whose spans so far are on their way; gives back their room when they are stored. */
  readonly attach?: ((traceId: string, attachments: readonly Attachment[]) => void) | undefined;
  /** Told when the root span and all that were begun have ended; spans may outlast the root. */
  readonly onEnd: (trace: LiveTrace) => void;
}

/** What of a trace is known before it begins. */
export interface TraceStart {
  /** `tr-` and 32 hexadecimal digits. @default a new one */
  readonly traceId?: string;
  /** Span of another process that the root is a child of; that process records the trace as a whole. */
  readonly remoteParentId?: string;
  /** False where nothing of it is kept. @default true */
  readonly isRecorded?: boolean;
}

/** A trace under way: gives its spans one clock and adds up what concerns the whole. */
export class LiveTrace {
  readonly traceId: string;
  readonly remoteParentId: string | null;
  readonly isRecorded: boolean;
  readonly experiment: ExperimentRef;
  readonly startedAtMs = nowMs();
  /** When a span last began or ended, by the steady clock. */
  touchedAtMs = steadyMs();
  #root: LiveSpan | undefined;
  #open = new Set<LiveSpan>();
  #session: string | undefined;
  #user: string | undefined;
  #changes: TraceChanges | undefined;
  #attachments: Attachment[] = [];
  readonly #destination: TraceDestination;
  /** From the steady clock to the time since the Unix epoch. */
  readonly #clockOffset = BigInt(this.startedAtMs) * 1_000_000n - steadyNs();

  constructor(destination: TraceDestination, start: TraceStart = {}) {
    this.#destination = destination;
    this.experiment = destination.experiment;
    this.traceId = start.traceId ?? `tr-${timeOrderedHex()}`;
    this.remoteParentId = start.remoteParentId ?? null;
    this.isRecorded = start.isRecorded !== false;
  }

  /** Nanoseconds since the Unix epoch: the wall clock at the trace's start, and a steady clock from there. */
  now(): bigint {
    return this.#clockOffset + steadyNs();
  }

  /** Changes what is recorded of the trace as a whole when its root ends; maps are merged. */
  update({ tags, metadata, ...changes }: TraceChanges): void {
    const former = this.#changes;
    this.#changes = {
      ...former,
      ...changes,
      tags: { ...former?.tags, ...tags },
      metadata: { ...former?.metadata, ...metadata },
    };
  }

  /** Whether files of its spans can be kept. */
  get takesAttachments(): boolean {
    return this.#destination.attach !== undefined;
  }

  spanStarted(span: LiveSpan): void {
    this.#root ??= span;
    this.#open.add(span);
    this.touchedAtMs = steadyMs();
  }

  spanEnded(span: LiveSpan, record: SpanRecord, attachments: readonly Attachment[]): void {
    this.#open.delete(span);
    if (attachments.length > 0) this.#attachments.push(...attachments);
    if (!this.isRecorded) return;
    this.touchedAtMs = steadyMs();
    passUsageUp(span);
    this.#session ??= textOf(record.attributes[AttributeKey.session]);
    this.#user ??= textOf(record.attributes[AttributeKey.user]);
    try {
      if (span === this.#root) this.#rootEnded(span, record);
      else this.#destination.sink.append(record);
    } finally {
      if (this.#root?.isEnded) {
        this.#handOverAttachments();
        if (this.#open.size === 0) this.#destination.onEnd(this);
      }
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

  #rootEnded(root: LiveSpan, record: SpanRecord): void {
    const { sink } = this.#destination;
    noteEndedTrace(this.traceId);
    if (this.remoteParentId !== null) sink.append(record);
    else this.#appendLast(this.#toRecord(root, record), record);
  }

  #toRecord(root: LiveSpan, record: SpanRecord): TraceRecord {
    const { metadata } = this.#destination;
    return toTraceRecord(root, record, {
      metadata,
      session: this.#session,
      user: this.#user,
      changes: this.#changes,
    });
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

  #handOverAttachments(): void {
    if (this.#attachments.length === 0) return;
    const attachments = this.#attachments;
    this.#attachments = [];
    this.#destination.attach?.(this.traceId, attachments);
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? cutMetadata(value) : undefined;
}
