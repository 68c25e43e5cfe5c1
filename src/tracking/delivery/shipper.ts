import { reportFailure } from '../../failures.ts';
import type { DeliverOptions, RejectedRecord } from '../../store/delivery.ts';
import type { TrackingStore } from '../../store/tracking-store.ts';
import { OneChunk } from './one-chunk.ts';
import { isBusy } from './patience.ts';
import type { Segment } from './segments.ts';
import type { Spool } from './spool.ts';

/** Brings the journals of a spool to their store, the oldest first, chunk by chunk, and removes them. */
export class Shipper {
  readonly #store: TrackingStore;
  readonly #spool: Spool;
  readonly #onRejected: (rejected: readonly RejectedRecord[]) => void;
  #heldAtDrop = 0;
  readonly #forgetting = new Set<Promise<void>>();

  constructor(store: TrackingStore, spool: Spool, onRejected: (rejected: readonly RejectedRecord[]) => void) {
    this.#store = store;
    this.#spool = spool;
    this.#onRejected = onRejected;
  }

  /**
   * Does the next piece of work; false when none is left, or none can be done. A promise where the store is not embedded.
   *
   * @throws {AutologError} when the store does not take it; nothing is lost then.
   */
  advance(maxBytes: number, options: DeliverOptions): boolean | Promise<boolean> {
    this.#spool.drain();
    const { heldCount, segments } = this.#spool;
    const { head } = segments;
    if (head === null) return false;
    if (head.delivered < head.journal.end) return this.#deliverChunk(head, maxBytes, options);
    if (head !== segments.last) {
      this.drop(head, options);
      return true;
    }
    // Giving back the space of a delivered journal may be what the held records need.
    const makesRoom = heldCount > 0 && heldCount !== this.#heldAtDrop;
    if (makesRoom || segments.isLastFull || head.journal.isRemoved) this.drop(head, options);
    this.#heldAtDrop = heldCount;
    return makesRoom;
  }

  /** Removes a journal, all of which is in the store. */
  drop(segment: Segment, options: DeliverOptions): void {
    const { journal } = segment;
    const mayForget = !journal.isRemoved;
    this.#spool.drop(segment);
    // A journal that someone else removed may be in that one's hands just now: its position stays.
    if (mayForget) this.#forget(journal.id, options);
  }

  /** Resolves when the store has forgotten the journals that were removed. */
  async settled(): Promise<void> {
    await Promise.all(this.#forgetting);
  }

  #deliverChunk(segment: Segment, maxBytes: number, options: DeliverOptions): boolean | Promise<boolean> {
    const step = this.#nextStep(segment, maxBytes);
    try {
      const rejected = this.#store.deliver(step, options);
      if (!(rejected instanceof Promise)) return this.#settle(segment, step, rejected);
      return rejected.then(
        (all) => this.#settle(segment, step, all),
        (error) => {
          throw this.#fail(segment, step, error);
        },
      );
    } catch (error) {
      throw this.#fail(segment, step, error);
    }
  }

  #nextStep(segment: Segment, maxBytes: number): OneChunk {
    const { waiters } = this.#spool;
    const onRecord = waiters.isEmpty ? undefined : waiters.track.bind(waiters);
    return new OneChunk({
      id: segment.journal.id,
      read: (position) => this.#spool.read(segment, position, { maxBytes, onRecord }),
    });
  }

  #settle(segment: Segment, step: OneChunk, rejected: readonly RejectedRecord[]): boolean {
    segment.delivered = Math.max(segment.delivered, step.committed ?? 0);
    this.#onRejected(rejected);
    this.#spool.waiters.resolveUpTo(segment.base + segment.delivered);
    return !step.wasEmpty;
  }

  #fail(segment: Segment, step: OneChunk, error: unknown): unknown {
    segment.delivered = Math.max(segment.delivered, step.committed ?? 0);
    // Whoever waits for a record goes on waiting while the store is held by others: the writer tells the end.
    if (!isBusy(error)) this.#spool.waiters.rejectAll(error);
    return error;
  }

  #forget(journalId: string, options: DeliverOptions): void {
    const where = `forgetting journals in ${this.#store.uri}`;
    // Of a store that others hold, one row stays that nobody reads.
    const report = (error: unknown) => reportFailure(where, error, { silent: isBusy(error) });
    try {
      const forgotten = this.#store.forget(journalId, options);
      if (!(forgotten instanceof Promise)) return;
      const settled = forgotten.catch(report).finally(() => this.#forgetting.delete(settled));
      this.#forgetting.add(settled);
    } catch (error) {
      report(error);
    }
  }
}
