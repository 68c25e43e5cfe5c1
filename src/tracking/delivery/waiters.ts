import type { LogRecord } from '../../store/log-record.ts';

/** Who waits for a record to be in the store. */
export interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
}

/** Those who wait for records of one journal, by the position after the record. */
export class Waiters {
  readonly #byEnd = new Map<number, Waiter>();
  readonly #endOf = new Map<LogRecord, number>();

  get isEmpty(): boolean {
    return this.#byEnd.size === 0;
  }

  add(end: number, waiter: Waiter | null): void {
    if (waiter !== null) this.#byEnd.set(end, waiter);
  }

  /** Remembers the position of a record that is handed to the store, if someone waits for it. */
  track(record: LogRecord, end: number): void {
    if (this.#byEnd.has(end)) this.#endOf.set(record, end);
  }

  /** Tells the one who waits for a record that the store has refused it; false when nobody does. */
  refuse(record: LogRecord, error: unknown): boolean {
    const end = this.#endOf.get(record);
    const waiter = end === undefined ? undefined : this.#byEnd.get(end);
    if (end === undefined || waiter === undefined) return false;
    this.#byEnd.delete(end);
    waiter.reject(error);
    return true;
  }

  /** Tells all who wait for records up to a position that these are in the store. */
  resolveUpTo(position: number): void {
    this.#endOf.clear();
    for (const [end, waiter] of this.#byEnd) {
      if (end > position) continue;
      this.#byEnd.delete(end);
      waiter.resolve();
    }
  }

  /** Tells all that their records could not be brought to the store now. */
  rejectAll(error: unknown): void {
    const waiters = [...this.#byEnd.values()];
    this.#byEnd.clear();
    this.#endOf.clear();
    for (const waiter of waiters) waiter.reject(error);
  }
}
