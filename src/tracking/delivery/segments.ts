import type { LogRecord } from '../../store/log-record.ts';
import type { Journal } from './journal.ts';
import type { JournalLimits } from './journal-limits.ts';

/** A journal of this thread, and how much of it is in the store. */
export interface Segment {
  readonly journal: Journal;
  /** Bytes of all journals before it: positions go on from one to the next. */
  readonly base: number;
  /** Bytes of it that are in the store. */
  delivered: number;
}

/** Of these there are many, and the loss of some of them leaves the others as they are. */
const BULK: ReadonlySet<LogRecord['op']> = new Set(['metric', 'span', 'trace']);

/** The journals of this thread for one store that are not delivered and removed yet, the oldest first. */
export class Segments {
  readonly #limits: JournalLimits;
  readonly #all: Segment[] = [];
  /** Bytes of those before the last. */
  #closedBytes = 0;
  /** Size of the last one at which there is something to decide. */
  #checkAt = 0;

  constructor(limits: JournalLimits) {
    this.#limits = limits;
  }

  get head(): Segment | null {
    return this.#all[0] ?? null;
  }

  /** The one that is written to. */
  get last(): Segment | null {
    return this.#all.at(-1) ?? null;
  }

  get ids(): readonly string[] {
    return this.#all.map(({ journal }) => journal.id);
  }

  get hasUndelivered(): boolean {
    return this.#all.some(({ journal, delivered }) => delivered < journal.end);
  }

  /** Whether the last one has come to a size at which a record must be `accepts`ed first. */
  get isAtLimit(): boolean {
    const last = this.#all.at(-1);
    return last !== undefined && last.journal.end >= this.#checkAt;
  }

  /** Whether the last one is so long that another one should follow. */
  get isLastFull(): boolean {
    return (this.last?.journal.end ?? 0) >= this.#limits.segmentBytes;
  }

  get sizeBytes(): number {
    return this.#closedBytes + (this.last?.journal.end ?? 0);
  }

  /** Whether the disk may take a record of this kind. */
  accepts(op: LogRecord['op']): boolean {
    const { totalBytes } = this.#limits;
    return this.sizeBytes < totalBytes || (!BULK.has(op) && this.sizeBytes < totalBytes * 1.1);
  }

  add(journal: Journal): Segment {
    const { last } = this;
    this.#closedBytes = this.sizeBytes;
    const segment = { journal, base: last === null ? 0 : last.base + last.journal.end, delivered: 0 };
    this.#all.push(segment);
    this.#setCheck();
    return segment;
  }

  /** Decides later about another journal: none could be made. */
  postpone(): void {
    this.#checkAt = Math.max(this.#checkAt, this.last?.journal.end ?? 0) + 64 * 1024;
  }

  /** Removes one with its file. */
  remove(segment: Segment): void {
    const index = this.#all.indexOf(segment);
    if (index < 0) return;
    if (segment !== this.last) this.#closedBytes -= segment.journal.end;
    this.#all.splice(index, 1);
    if (this.#all.length === 0) this.#closedBytes = 0;
    segment.journal.remove();
    this.#setCheck();
  }

  /** Shows processes on other machines that this one lives, though it has nothing to log. */
  touch(): void {
    for (const { journal } of this.#all) journal.touch();
  }

  #setCheck(): void {
    const { segmentBytes, totalBytes } = this.#limits;
    this.#checkAt = Math.max(0, Math.min(segmentBytes, totalBytes - this.#closedBytes));
  }
}
