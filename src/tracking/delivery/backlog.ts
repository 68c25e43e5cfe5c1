import { AutologError } from '../../errors.ts';
import type { Waiter } from './waiters.ts';

/** A record that could not be written to the journal yet. */
export interface HeldRecord {
  readonly line: string;
  readonly isMetric: boolean;
  readonly waiter: Waiter | null;
}

/** Bounds of a backlog. */
export interface BacklogLimits {
  /** @default 100_000 */
  readonly records?: number;
  /** @default 64 Mi characters */
  readonly characters?: number;
}

/**
 * Keeps, in order and in memory, the records that the journal refuses.
 *
 * Over its limits it gives up the oldest metrics, a tenth at a time; where there are none, the newest record.
 */
export class Backlog {
  readonly #limits: Required<BacklogLimits>;
  #records: HeldRecord[] = [];
  #characters = 0;
  #droppedCount = 0;

  constructor(limits: BacklogLimits = {}) {
    this.#limits = { records: 100_000, characters: 64 * 1024 * 1024, ...limits };
  }

  get size(): number {
    return this.#records.length;
  }

  /** How many records were given up, ever. */
  get droppedCount(): number {
    return this.#droppedCount;
  }

  add(record: HeldRecord): void {
    this.#records.push(record);
    this.#characters += record.line.length;
    if (this.#isOver) this.#shrink();
  }

  /** Writes the records in order and lets them go; what `write` throws ends it, and the rest stays. */
  drain(write: (record: HeldRecord) => void): void {
    let writtenCount = 0;
    try {
      for (const record of this.#records) {
        write(record);
        writtenCount += 1;
        this.#characters -= record.line.length;
      }
    } finally {
      if (writtenCount > 0) this.#records = this.#records.slice(writtenCount);
    }
  }

  get #isOver(): boolean {
    return this.#records.length > this.#limits.records || this.#characters > this.#limits.characters;
  }

  #shrink(): void {
    const metricCount = this.#records.reduce((count, record) => count + Number(record.isMetric), 0);
    let surplus = Math.ceil(metricCount / 10);
    if (surplus > 0) {
      this.#records = this.#records.filter((record) => !record.isMetric || surplus-- <= 0 || !this.#drop(record));
    }
    while (this.#isOver) {
      const newest = this.#records.pop();
      if (newest === undefined) return;
      this.#drop(newest);
    }
  }

  #drop(record: HeldRecord): true {
    this.#droppedCount += 1;
    this.#characters -= record.line.length;
    const message =
      'Cannot keep a record: its journal cannot be written and the memory for records is full; free the disk.';
    record.waiter?.reject(new AutologError('RESOURCE_EXHAUSTED', message));
    return true;
  }
}
