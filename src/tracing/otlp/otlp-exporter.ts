import { clearTimeout, setTimeout as startTimer } from 'node:timers';
import { AutologError, errorMessage } from '../../errors.ts';
import { reportFailure } from '../../failures.ts';
import { inNoContext } from '../../no-context.ts';
import type { LogRecord, RecordSink, SpanRecord } from '../../store/log-record.ts';
import { encodeSpans } from '../../store/otlp/encode-spans.ts';
import { VERSION } from '../../version.ts';
import { genAiAttributes } from '../genai-attributes.ts';
import { unseenByOpenTelemetry } from '../open-telemetry.ts';
import { isTwinRecord } from '../twin-records.ts';
import { createOtlpClient, type OtlpAnswer, type OtlpClient } from './otlp-request.ts';
import type { OtlpSettings } from './otlp-settings.ts';

/** Statuses after which a request is sent again, as the protocol says. */
const RETRYABLE = [429, 502, 503, 504];
const MAX_ATTEMPTS = 5;
const FIRST_WAIT_MS = 1000;
const MAX_WAIT_MS = 30_000;

/** How many spans went where. */
export interface ExportCounts {
  readonly exported: number;
  /** Lost: the queue was full, or the collector did not take them. */
  readonly dropped: number;
  readonly queued: number;
}

/**
 * Sends spans to a collector by OTLP: in batches, soon after they have ended, never while the program waits. They are in
 * memory until then: what the queue has no room for is dropped, counted and told once. Spans that the program's own tracer
 * has too are left to its exporters.
 */
export class OtlpExporter implements RecordSink {
  readonly #settings: OtlpSettings;
  readonly #where: string;
  #queue: SpanRecord[] = [];
  #exported = 0;
  #dropped = 0;
  #timer: NodeJS.Timeout | undefined;
  #client: OtlpClient | undefined;
  #sending: Promise<void> | undefined;
  /** Spans of the batch on its way. */
  #inFlight = 0;
  /** The wait between two attempts. */
  #pause: { readonly timer: NodeJS.Timeout; end(): void } | undefined;
  /** How many wait for the outcome: they keep the program alive. */
  #awaitedBy = 0;
  /** The program is about to end: nothing is tried a second time. */
  #isHurried = false;

  constructor(settings: OtlpSettings) {
    this.#settings = settings;
    this.#where = `sending spans to ${new URL(settings.url).host}`;
  }

  get counts(): ExportCounts {
    return { exported: this.#exported, dropped: this.#dropped, queued: this.#queue.length + this.#inFlight };
  }

  append(record: LogRecord): void {
    if (record.op !== 'span' || isTwinRecord(record)) return;
    if (this.#queue.length >= this.#settings.maxQueueSize) {
      this.#drop(1, `more than ${this.#settings.maxQueueSize} spans waited`);
      return;
    }
    this.#queue.push(record);
    if (this.#queue.length >= this.#settings.maxBatchSize) this.#send();
    else this.#timer ??= inNoContext(() => startTimer(() => this.#send(), this.#settings.delayMs).unref());
  }

  /** Sends what has ended so far; resolves when the collector has it, or when it is given up. */
  async flush(): Promise<void> {
    this.#awaitedBy += 1;
    this.#pause?.timer.ref();
    while (this.#queue.length > 0 || this.#sending !== undefined) {
      this.#send();
      await this.#sending;
    }
    this.#awaitedBy -= 1;
  }

  /** As `flush`, but each batch is tried once more at most: the program is about to end. */
  async drain(): Promise<void> {
    this.#isHurried = true;
    this.#pause?.end();
    await this.flush();
    this.#isHurried = false;
  }

  /** Counts what is still here as lost: nothing can be sent any more. */
  giveUp(): void {
    const count = this.#queue.length + this.#inFlight;
    this.#queue = [];
    if (count > 0)
      this.#drop(count, 'the program ended before they were sent; await flush() before process.exit()');
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#client?.close();
    this.#client = undefined;
  }

  #send(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending ??= inNoContext(() => unseenByOpenTelemetry(() => this.#sendAll())).finally(() => {
      this.#sending = undefined;
    });
  }

  async #sendAll(): Promise<void> {
    // The caller of `append` goes on first.
    await undefined;
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, this.#settings.maxBatchSize);
      this.#inFlight = batch.length;
      try {
        await this.#sendBatch(batch);
      } catch (error) {
        // What cannot even be encoded: told like any other loss.
        this.#drop(batch.length, errorMessage(error));
      }
      this.#inFlight = 0;
    }
  }

  async #sendBatch(batch: readonly SpanRecord[]): Promise<void> {
    const spans = batch.map((record) => ({
      ...record,
      attributes: { ...record.attributes, ...genAiAttributes(record) },
    }));
    const scope = { name: 'autolog', version: VERSION };
    const body = encodeSpans(spans, { resource: this.#settings.resource, scope });
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#attempt(body);
      if (typeof outcome === 'object' && outcome.status >= 200 && outcome.status < 300) {
        const { message = 'the collector has refused some' } = outcome.partial;
        const rejectedCount = Math.min(outcome.partial.rejectedCount || 0, batch.length);
        this.#exported += batch.length - rejectedCount;
        if (rejectedCount > 0) this.#drop(rejectedCount, message);
        return;
      }
      const why = typeof outcome === 'string' ? outcome : `the collector has answered with ${outcome.status}`;
      const mayRetry = typeof outcome === 'string' || RETRYABLE.includes(outcome.status);
      if (!mayRetry || attempt >= MAX_ATTEMPTS || this.#isHurried) {
        this.#drop(batch.length, why);
        return;
      }
      await this.#waitBefore(attempt + 1, typeof outcome === 'string' ? null : outcome.retryAfterMs);
    }
  }

  async #attempt(body: Uint8Array): Promise<OtlpAnswer | string> {
    try {
      this.#client ??= createOtlpClient(this.#settings);
      return await this.#client.send(body);
    } catch (error) {
      return errorMessage(error) || 'there is no answer';
    }
  }

  async #waitBefore(attempt: number, retryAfterMs: number | null): Promise<void> {
    const backOffMs = FIRST_WAIT_MS * 2 ** (attempt - 2) * (0.8 + Math.random() * 0.4);
    const waitMs = Math.min(retryAfterMs ?? backOffMs, MAX_WAIT_MS);
    await new Promise<void>((resolve) => {
      const timer = startTimer(resolve, waitMs);
      if (this.#awaitedBy === 0) timer.unref();
      this.#pause = { timer, end: resolve };
    });
    clearTimeout(this.#pause?.timer);
    this.#pause = undefined;
  }

  #drop(count: number, why: string): void {
    this.#dropped += count;
    try {
      reportFailure(
        this.#where,
        new AutologError('TEMPORARILY_UNAVAILABLE', `${count} ${count === 1 ? 'was' : 'were'} lost: ${why}`),
      );
    } catch {
      // In test mode this is counted only: the collector is none of ours.
    }
  }
}
