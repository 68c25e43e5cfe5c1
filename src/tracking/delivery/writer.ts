import { steadyMs } from '../../clock.ts';
import { AutologError } from '../../errors.ts';
import type { DeliverOptions, RejectedRecord } from '../../store/delivery.ts';
import type { LogRecord, RecordSink } from '../../store/log-record.ts';
import type { TrackingStore } from '../../store/tracking-store.ts';
import {
  deliverAbandoned,
  deliverGoneNow,
  deliverRunNow,
  deliverSiblingsNow,
  type JournalDesk,
} from './abandoned.ts';
import { DeliveryTimer } from './delivery-timer.ts';
import { CHUNK_BYTES } from './journal-reader.ts';
import { BLOCKING_MS, isBusy, PATIENCE_MS, patiently, SERVER_MS, within } from './patience.ts';
import { keepRejected } from './rejections.ts';
import { removeEmptyFolders } from './remove-empty-folders.ts';
import { Shipper } from './shipper.ts';
import { Spool } from './spool.ts';

/** Time after which a slice begins no further chunk, so that the program's thread is free again. */
const SLICE_MS = 8;
const SLICE_BYTES = 32 * 1024;
/** The same for a server, whose answers are waited for without holding the thread. */
const SERVER_SLICE_BYTES = 256 * 1024;
/** How long a read waits for what dead processes have left for a server, at most. */
const ABANDONED_MS = 5_000;
/** How often journals of dead processes are looked for in the background. */
const LOOK_ROUND_MS = 10 * 60 * 1000;

/**
 * Takes what is logged for one store: written to the journal before `append` returns, delivered soon after.
 *
 * A thread has one writer for each store; processes and threads share the store, each with journals of its own.
 */
export class Writer implements RecordSink {
  readonly store: TrackingStore;
  /** Whether the store takes what is delivered at once, without a server. */
  readonly isEmbedded: boolean;
  readonly #spool: Spool;
  readonly #shipper: Shipper;
  readonly #desk: JournalDesk;
  readonly #timer: DeliveryTimer;
  #queue: Promise<void> = Promise.resolve();
  #lookRoundAt = 0;
  #lastFailure: unknown;
  #brokenOffCount: number | undefined;

  constructor(store: TrackingStore) {
    this.store = store;
    this.isEmbedded = store.checkNow !== undefined;
    const spool = new Spool(store.journalFolder);
    this.#spool = spool;
    this.#shipper = new Shipper(store, spool, this.#onRejected);
    this.#desk = {
      store,
      isEmbedded: this.isEmbedded,
      get ownIds() {
        return spool.segments.ids;
      },
      get openRunIds() {
        return spool.openRunIds;
      },
      onRejected: this.#onRejected,
    };
    this.#timer = new DeliveryTimer({
      storeUri: store.uri,
      deliverSlice: () => this.#enqueue(() => this.#deliverSlice()),
      hasUndelivered: () => this.hasUndelivered,
      isHeld: () => spool.heldCount > 0,
    });
  }

  /** How many records were appended, ever. */
  get appendedCount(): number {
    return this.#spool.appendedCount;
  }

  /** Whether something that was logged is not in the store yet. */
  get hasUndelivered(): boolean {
    return this.#spool.heldCount > 0 || this.#spool.segments.hasUndelivered;
  }

  /** How many records were given up, or would be lost if the program ended now: they are in memory alone. */
  get unkeptCount(): number {
    return this.#spool.heldCount + this.#spool.droppedCount;
  }

  /** Why the last delivery failed, if it did. */
  get lastFailure(): unknown {
    return this.#lastFailure;
  }

  /** Names of the journals that are not delivered and removed yet. */
  get journalIds(): readonly string[] {
    return this.#spool.segments.ids;
  }

  /**
   * Writes a record to the journal; when that stops working (a full disk), the record is kept in memory, the failure
   * is told once and nothing is thrown.
   *
   * @throws {AutologError} when the journal cannot even be begun.
   */
  append(record: LogRecord): void {
    this.#spool.append(record, null);
    this.#timer.start();
  }

  /** Writes two records as one, and as `append` does. */
  appendBoth(first: LogRecord, second: LogRecord): void {
    this.#spool.append(first, null, second);
    this.#timer.start();
  }

  /**
   * Writes a record and waits until it is in the store.
   *
   * Rejects with the store's error when it refuses the record, or cannot be reached; in the latter case the record
   * stays in the journal and is delivered later.
   */
  appendSettled(record: LogRecord): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#spool.append(record, { resolve, reject });
      this.#timer.start();
      // What goes wrong in the delivery is told to the waiter.
      this.#enqueue(() => this.#deliverAll()).catch(() => undefined);
    });
  }

  /**
   * Delivers everything that was logged before the call, and what processes that died have left behind; a store that
   * others hold, or whose server is away, is waited for so long. What dead processes have left for a server goes on being
   * delivered in the background where it takes long.
   *
   * @throws {AutologError} when the store cannot be reached or written; nothing is lost then.
   */
  flush(patienceMs: number = PATIENCE_MS): Promise<void> {
    if (this.isEmbedded) {
      return this.#enqueue(async () => {
        await this.#deliverAll(patienceMs);
        await patiently(() => deliverAbandoned(this.#desk), patienceMs);
        this.#requireNothingHeld();
      });
    }
    return this.#flushToServer(patienceMs);
  }

  /**
   * Delivers everything synchronously where the store is embedded; for a server it begins to.
   *
   * @throws {AutologError} as `flush` does.
   */
  flushNow(options: DeliverOptions = {}): void {
    if (this.isEmbedded) while (this.#shipper.advance(CHUNK_BYTES, options) === true);
    else if (this.hasUndelivered) this.#timer.start();
    this.#requireNothingHeld();
  }

  /**
   * Delivers synchronously, where the store is embedded, what processes that died have left behind; their journals and
   * the states of their runs stay as they are until the next `flush`.
   *
   * @throws {AutologError} as `flush` does.
   */
  deliverGoneNow(): void {
    deliverGoneNow(this.#desk);
  }

  /**
   * Delivers synchronously, where the store is embedded, what other processes have logged that have a run open.
   *
   * @throws {AutologError} as `flush` does.
   */
  deliverRunNow(runId: string): void {
    deliverRunNow(this.#desk, runId);
  }

  /**
   * Ends the work of this thread: delivers, removes the journal and the folders that are empty then. A record that is
   * appended later begins a new journal.
   *
   * @throws {AutologError} as `flush` does; the journal stays.
   */
  async close(patienceMs: number = PATIENCE_MS): Promise<void> {
    await this.flush(patienceMs);
    this.closeNow({ patienceMs });
    await within(this.#shipper.settled(), patienceMs, () => this.#late(patienceMs));
  }

  /**
   * As `close`, synchronously; what only a server could take stays in the journal.
   *
   * @throws {AutologError} when the store cannot be written; the journal stays.
   */
  closeNow(options: DeliverOptions = {}): void {
    this.#timer.stop();
    if (this.isEmbedded) {
      this.flushNow(options);
      deliverSiblingsNow(this.#desk, options);
    } else {
      this.#spool.drain();
    }
    if (this.hasUndelivered) return;
    this.dropJournals(options);
  }

  /** Ends what is under way with a server; nothing more begins by itself until more is logged. */
  breakOff(): void {
    this.#brokenOffCount = this.appendedCount;
    this.store.breakOff?.();
  }

  /** Removes the journals, which are delivered, with folders that are empty then. */
  dropJournals(options?: DeliverOptions): void {
    const { segments } = this.#spool;
    for (let { head } = segments; head !== null; head = segments.head) {
      if (options === undefined) this.#spool.drop(head);
      else this.#shipper.drop(head, options);
    }
    removeEmptyFolders(this.store.journalFolder);
  }

  async #flushToServer(patienceMs: number): Promise<void> {
    const late = () => this.#late(patienceMs);
    await within(
      this.#enqueue(() => this.#deliverAll(patienceMs)),
      patienceMs,
      late,
    );
    this.#requireNothingHeld();
    const rest = this.#enqueue(() => deliverAbandoned(this.#desk, Math.min(patienceMs, SERVER_MS)));
    await within(rest, Math.min(patienceMs, ABANDONED_MS), late).catch((error) => {
      // What others have left is not worth an error: it is tried again.
      if (!isBusy(error)) throw error;
    });
  }

  #late(patienceMs: number): AutologError {
    const message = `Cannot deliver to ${this.store.uri} within ${patienceMs} ms: it does not answer in time; what was logged is kept, and tried again.`;
    return new AutologError('TEMPORARILY_UNAVAILABLE', message, { cause: this.#lastFailure });
  }

  async #deliverAll(patienceMs?: number): Promise<void> {
    try {
      await patiently(() => this.#deliver(CHUNK_BYTES, { patienceMs }), patienceMs);
    } catch (error) {
      this.#spool.waiters.rejectAll(error);
      throw error;
    }
  }

  async #deliverSlice(): Promise<void> {
    if (this.appendedCount === this.#brokenOffCount) return;
    if (this.isEmbedded) return this.#deliver(SLICE_BYTES, { untilMs: steadyMs() + SLICE_MS });
    await this.#deliver(SERVER_SLICE_BYTES);
    if (steadyMs() < this.#lookRoundAt) return;
    this.#lookRoundAt = steadyMs() + LOOK_ROUND_MS;
    await deliverAbandoned(this.#desk, SERVER_MS).catch((error) => {
      if (!isBusy(error)) throw error;
    });
  }

  async #deliver(
    maxBytes: number,
    { untilMs = Number.POSITIVE_INFINITY, patienceMs = SERVER_MS } = {},
  ): Promise<void> {
    const options = { patienceMs: this.isEmbedded ? BLOCKING_MS : Math.min(patienceMs, SERVER_MS) };
    try {
      for (let more = true; more && steadyMs() < untilMs; ) {
        const advanced = this.#shipper.advance(maxBytes, options);
        // An embedded store is not waited for, so that nothing else comes between.
        more = advanced instanceof Promise ? await advanced : advanced;
      }
      this.#lastFailure = undefined;
    } catch (error) {
      this.#lastFailure = error;
      throw error;
    }
  }

  readonly #onRejected = (rejected: readonly RejectedRecord[]): void => {
    const { waiters } = this.#spool;
    const unclaimed = rejected.filter(({ record, error }) => !waiters.refuse(record, error));
    keepRejected(this.store.journalFolder, unclaimed);
  };

  /** Runs deliveries one after the other. */
  #enqueue(job: () => Promise<void>): Promise<void> {
    const done = this.#queue.then(job);
    // Its failure is told to whoever asked for this job, and is none of the next one's.
    this.#queue = done.catch(() => undefined);
    return done;
  }

  #requireNothingHeld(): void {
    if (this.#spool.heldCount === 0) return;
    throw new AutologError(
      'RESOURCE_EXHAUSTED',
      `Cannot deliver ${this.#spool.heldCount} records: they are in memory alone, as no journal can be written in '${this.store.journalFolder}'; make room there before the program ends.`,
    );
  }
}
