import { clearTimeout, setTimeout } from 'node:timers';
import { steadyMs } from '../../clock.ts';
import { reportFailure } from '../../failures.ts';
import { isBusy, PATIENCE_MS } from './patience.ts';

/** From the first record that waits to its delivery. */
const DELAY_MS = 500;
/** From one slice of a long backlog to the next. */
const SLICE_PAUSE_MS = 50;
const MAX_RETRY_MS = 30_000;

/** What is delivered, and what is left of it. */
export interface TimedWork {
  readonly storeUri: string;
  /** Delivers for a moment, so that the program's thread is free again. */
  deliverSlice(): Promise<void>;
  hasUndelivered(): boolean;
  /** Whether records are in memory alone, as no journal could be written. */
  isHeld(): boolean;
}

/** Delivers in the background, a slice at a time; tries again, ever later, what the store does not take. */
export class DeliveryTimer {
  readonly #work: TimedWork;
  #timer: NodeJS.Timeout | null = null;
  #retryMs = DELAY_MS;
  /** Since when the store is held by others, on the steady clock. */
  #busySince = Number.POSITIVE_INFINITY;

  constructor(work: TimedWork) {
    this.#work = work;
  }

  /** Begins to wait for the delivery of what has just been logged, unless that is under way. */
  start(): void {
    if (this.#timer === null) this.#schedule(DELAY_MS);
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #schedule(delayMs: number): void {
    // Fails only in test mode, where failures are thrown.
    this.#timer = setTimeout(() => void this.#tick(), delayMs).unref();
  }

  async #tick(): Promise<void> {
    const { storeUri, deliverSlice, hasUndelivered, isHeld } = this.#work;
    let nextMs = SLICE_PAUSE_MS;
    let failure: unknown;
    try {
      await deliverSlice();
    } catch (error) {
      failure = error;
    }
    this.#busySince = isBusy(failure) ? Math.min(this.#busySince, steadyMs()) : Number.POSITIVE_INFINITY;
    const isStuck = failure !== undefined || isHeld();
    this.#retryMs = isStuck ? Math.min(2 * this.#retryMs, MAX_RETRY_MS) : DELAY_MS;
    if (isStuck) nextMs = this.#retryMs;
    this.#timer = null;
    if (hasUndelivered()) this.#schedule(nextMs);
    const isToBeTold = !isBusy(failure) || steadyMs() - this.#busySince > PATIENCE_MS;
    if (failure === undefined || !isToBeTold) return;
    // That records are held in memory was told already, for the same reason.
    reportFailure(`delivering to ${storeUri} (it is tried again)`, failure, { silent: isHeld() });
  }
}
