import fs from 'node:fs';
import { basename, dirname } from 'node:path';
import { steadyMs } from '../clock.ts';
import { AutologError } from '../errors.ts';
import { reportFailure } from '../failures.ts';
import type { LogRecord, RecordSink } from '../store/log-record.ts';
import type { DeliverOptions, RejectedRecord, TrackingStore } from '../store/tracking-store.ts';
import {
  deliverAbandoned,
  deliverGoneNow,
  deliverRunNow,
  deliverSiblingsNow,
  type JournalDesk,
} from './abandoned.ts';
import { DeliveryTimer } from './delivery-timer.ts';
import type { Journal } from './journal.ts';
import { CHUNK_BYTES } from './journal-reader.ts';
import { OneChunk } from './one-chunk.ts';
import { BLOCKING_MS, isBusy, PATIENCE_MS, patiently } from './patience.ts';
import { keepRejected } from './rejections.ts';
import { Spool } from './spool.ts';

/** Time after which a slice begins no further chunk, so that the program's thread is free again. */
const SLICE_MS = 8;
const SLICE_BYTES = 32 * 1024;
/** A journal that is delivered and longer than this is replaced by a new one. */
const ROTATE_BYTES = 64 * 1024 * 1024;

/**
 * Takes what is logged for one store: written to the journal before `append` returns, delivered soon after.
 *
 * A thread has one writer for each store; processes and threads share the store, each with journals of its own.
 */
export class Writer implements RecordSink {
  readonly store: TrackingStore;
  readonly #spool: Spool;
  readonly #desk: JournalDesk;
  #delivered = 0;
  #heldAtDrop = 0;
  readonly #timer: DeliveryTimer;
  #queue: Promise<void> = Promise.resolve();

  constructor(store: TrackingStore) {
    this.store = store;
    const spool = new Spool(store.journalFolder);
    this.#spool = spool;
    this.#desk = {
      store,
      get ownId() {
        return spool.journal?.id;
      },
      get openRunIds() {
        return spool.openRunIds;
      },
      onRejected: this.#onRejected,
    };
    this.#timer = new DeliveryTimer({
      storeUri: store.uri,
      deliverSlice: () => this.#enqueue(() => this.#deliver(SLICE_BYTES, steadyMs() + SLICE_MS)),
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
    return this.#spool.heldCount > 0 || this.#delivered < (this.#spool.journal?.end ?? 0);
  }

  /** How many records were given up, or would be lost if the program ended now: they are in memory alone. */
  get unkeptCount(): number {
    return this.#spool.heldCount + this.#spool.droppedCount;
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
   * others hold is waited for so long.
   *
   * @throws {AutologError} when the store cannot be reached or written; nothing is lost then.
   */
  flush(patienceMs: number = PATIENCE_MS): Promise<void> {
    return this.#enqueue(async () => {
      await this.#deliverAll(patienceMs);
      await patiently(() => deliverAbandoned(this.#desk), patienceMs);
      this.#requireNothingHeld();
    });
  }

  /**
   * Delivers everything synchronously where the store is embedded.
   *
   * @throws {AutologError} as `flush` does.
   */
  flushNow(options: DeliverOptions = {}): void {
    let more: boolean | Promise<boolean> = true;
    while (more === true) more = this.#advance(CHUNK_BYTES, options);
    // The store is not embedded: what it cannot take in time, the next process delivers.
    if (more instanceof Promise) more.catch(() => undefined);
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
   * @throws {AutologError} when the store cannot be written; the journal stays.
   */
  closeNow(options: DeliverOptions = {}): void {
    this.#timer.stop();
    this.flushNow(options);
    deliverSiblingsNow(this.#desk, options);
    if (this.hasUndelivered) return;
    if (this.#spool.journal !== null) this.#drop(this.#spool.journal, options);
    removeEmptyFolders(this.store.journalFolder);
  }

  async #deliverAll(patienceMs?: number): Promise<void> {
    try {
      await patiently(() => this.#deliver(CHUNK_BYTES), patienceMs);
    } catch (error) {
      this.#spool.waiters.rejectAll(error);
      throw error;
    }
  }

  async #deliver(maxBytes: number, untilMs = Number.POSITIVE_INFINITY): Promise<void> {
    for (let more = true; more && steadyMs() < untilMs; ) {
      const advanced = this.#advance(maxBytes, { patienceMs: BLOCKING_MS });
      // An embedded store is not waited for, so that nothing else comes between.
      more = advanced instanceof Promise ? await advanced : advanced;
    }
  }

  /** Does the next piece of work; false when none is left, or none can be done. */
  #advance(maxBytes: number, options: DeliverOptions): boolean | Promise<boolean> {
    this.#spool.drain();
    const { journal, heldCount } = this.#spool;
    if (journal === null) return false;
    if (this.#delivered < journal.end) return this.#deliverChunk(journal, maxBytes, options);
    // Giving back the space of a delivered journal may be what the held records need.
    const makesRoom = heldCount > 0 && heldCount !== this.#heldAtDrop;
    if (makesRoom || journal.end > ROTATE_BYTES || journal.isRemoved) this.#drop(journal, options);
    this.#heldAtDrop = heldCount;
    return makesRoom;
  }

  #deliverChunk(journal: Journal, maxBytes: number, options: DeliverOptions): boolean | Promise<boolean> {
    const step = this.#nextStep(journal, maxBytes);
    try {
      const rejected = this.store.deliver(step, options);
      if (!(rejected instanceof Promise)) return this.#settle(step, rejected);
      return rejected.then(
        (all) => this.#settle(step, all),
        (error) => {
          throw this.#fail(step, error);
        },
      );
    } catch (error) {
      throw this.#fail(step, error);
    }
  }

  #nextStep(journal: Journal, maxBytes: number): OneChunk {
    const { waiters } = this.#spool;
    const onRecord = waiters.isEmpty ? undefined : waiters.track.bind(waiters);
    return new OneChunk({
      id: journal.id,
      read: (position) => this.#spool.read(journal, position, { maxBytes, onRecord }),
    });
  }

  #settle(step: OneChunk, rejected: readonly RejectedRecord[]): boolean {
    this.#delivered = Math.max(this.#delivered, step.committed ?? 0);
    this.#onRejected(rejected);
    this.#spool.waiters.resolveUpTo(this.#delivered);
    return !step.wasEmpty;
  }

  #fail(step: OneChunk, error: unknown): unknown {
    this.#delivered = Math.max(this.#delivered, step.committed ?? 0);
    // Whoever waits for a record goes on waiting while the store is held by others: `#deliverAll` tells the end.
    if (!isBusy(error)) this.#spool.waiters.rejectAll(error);
    return error;
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

  #drop(journal: Journal, options: DeliverOptions): void {
    const mayForget = !journal.isRemoved;
    this.#spool.drop();
    this.#delivered = 0;
    // A journal that someone else removed may be in that one's hands just now: its position stays.
    if (mayForget) forget(this.store, journal.id, options);
  }
}

function forget(store: TrackingStore, journalId: string, options: DeliverOptions): void {
  const where = `forgetting journals in ${store.uri}`;
  // Of a store that others hold, one row stays that nobody reads.
  const report = (error: unknown) => reportFailure(where, error, { silent: isBusy(error) });
  try {
    Promise.resolve(store.forget(journalId, options)).catch(report);
  } catch (error) {
    report(error);
  }
}

function removeEmptyFolders(journalFolder: string): void {
  for (const folder of [journalFolder, dirname(journalFolder)]) {
    if (folder !== journalFolder && basename(folder) !== '.autolog') return;
    try {
      fs.rmdirSync(folder);
    } catch {
      // ENOTEMPTY: journals of other processes, or refused records; ENOENT: another process was faster.
      return;
    }
  }
}
