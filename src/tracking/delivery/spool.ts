import { clearInterval, setInterval } from 'node:timers';
import { AutologError } from '../../errors.ts';
import { reportFailure } from '../../failures.ts';
import type { RecordChunk } from '../../store/delivery.ts';
import type { LogRecord } from '../../store/log-record.ts';
import { Backlog, type HeldRecord } from './backlog.ts';
import { Journal } from './journal.ts';
import { type JournalLimits, readJournalLimits } from './journal-limits.ts';
import type { ReadRecordsOptions } from './journal-reader.ts';
import { OpenRuns } from './open-runs.ts';
import { RecentRecords } from './recent-records.ts';
import { type Segment, Segments } from './segments.ts';
import { type Waiter, Waiters } from './waiters.ts';

/** While the journal refuses, so many records pass between two attempts. */
const ATTEMPT_EVERY = 1024;
/** How often the journals show other machines that their process lives, in milliseconds. */
const TOUCH_MS = 60 * 60 * 1000;

/**
 * The journals of this thread for one store, with memory behind them for the time in which they cannot be written; both
 * are bounded.
 */
export class Spool {
  readonly waiters = new Waiters();
  readonly segments: Segments;
  readonly #folder: string;
  readonly #backlog = new Backlog();
  readonly #openRuns = new OpenRuns();
  #recent = new RecentRecords();
  #wasBegun = false;
  #appendedCount = 0;
  #refusedCount = 0;
  #touchTimer: NodeJS.Timeout | undefined;

  constructor(folder: string, limits: JournalLimits = readJournalLimits()) {
    this.#folder = folder;
    this.segments = new Segments(limits);
  }

  /** How many records were taken, ever. */
  get appendedCount(): number {
    return this.#appendedCount;
  }

  /** The runs that were begun or taken up again here, and not ended. */
  get openRunIds(): readonly string[] {
    return this.#openRuns.runIds;
  }

  /** How many records wait in memory. */
  get heldCount(): number {
    return this.#backlog.size;
  }

  /** How many records were given up. */
  get droppedCount(): number {
    return this.#backlog.droppedCount + this.#refusedCount;
  }

  /**
   * Keeps a record, or two in one write: in the journal, or in memory when that stops working, which is told once.
   *
   * @throws {AutologError} when no journal could ever be begun.
   */
  append(record: LogRecord, waiter: Waiter | null, next?: LogRecord): void {
    const line = JSON.stringify(record);
    const nextLine = next === undefined ? undefined : JSON.stringify(next);
    if (this.segments.isAtLimit && !this.#makeRoom(record, waiter)) return;
    const segment = this.segments.last ?? this.#begin();
    this.#note(record);
    if (next !== undefined) this.#note(next);
    if (segment !== null && this.#backlog.size === 0) {
      const { journal, base } = segment;
      try {
        const start = journal.end;
        const end =
          nextLine === undefined ? journal.append(line, '\n') : journal.append(line, '\n', nextLine, '\n');
        this.#recent.add(next === undefined ? [record] : [record, next], start, end);
        this.waiters.add(base + end, waiter);
        return;
      } catch (error) {
        this.#report(error);
      }
    }
    this.#hold({ line: `${line}\n`, isMetric: record.op === 'metric', waiter });
    if (next !== undefined) this.#hold({ line: `${nextLine}\n`, isMetric: next.op === 'metric', waiter: null });
  }

  #note(record: LogRecord): void {
    this.#appendedCount += 1;
    if (record.op !== 'metric') this.#openRuns.note(record);
  }

  /** Reads complete records of a journal of this thread; `onRecord` is told positions that go on through all of them. */
  read(segment: Segment, position: number, options: ReadRecordsOptions): RecordChunk {
    const { journal, base } = segment;
    const { onRecord } = options;
    const shifted: ReadRecordsOptions =
      onRecord === undefined ? options : { ...options, onRecord: (record, end) => onRecord(record, base + end) };
    const recent = segment === this.segments.last ? this.#recent.read(position, shifted) : null;
    return recent ?? journal.read(position, shifted);
  }

  /** Writes what is held in memory to the journal, as far as that can be written. */
  drain(): void {
    if (this.#backlog.size === 0) return;
    const segment = this.segments.last ?? this.#begin();
    if (segment === null) return;
    const { journal, base } = segment;
    try {
      this.#backlog.drain(({ line, waiter }) => this.waiters.add(base + journal.append(line), waiter));
    } catch (error) {
      this.#report(error);
    }
  }

  /** Removes a journal, which was delivered; after the last one the next record begins another one. */
  drop(segment: Segment): void {
    if (segment === this.segments.last) this.#recent = new RecentRecords();
    this.segments.remove(segment);
    if (this.segments.last === null) clearInterval(this.#touchTimer);
  }

  /** Begins another journal after a long one; false when a record is given up, as too much waits for the store. */
  #makeRoom({ op }: LogRecord, waiter: Waiter | null): boolean {
    if (this.segments.isLastFull && this.#backlog.size === 0) this.#rotate();
    if (this.segments.accepts(op)) return true;
    this.#refusedCount += 1;
    const message = `${this.segments.sizeBytes} bytes wait for the store, as many as AUTOLOG_MAX_JOURNAL_BYTES allows, and what is logged now is lost; see why the store does not take them.`;
    const error = new AutologError('RESOURCE_EXHAUSTED', message);
    reportFailure(`keeping records in ${this.#folder}`, error);
    waiter?.reject(error);
    return false;
  }

  #rotate(): void {
    const { last } = this.segments;
    this.#begin();
    if (this.segments.last === last) this.segments.postpone();
  }

  #begin(): Segment | null {
    let journal: Journal | undefined;
    try {
      journal = new Journal(this.#folder);
      // Whoever finds this journal abandoned must know of the runs that an earlier one began.
      for (const runId of this.#openRuns.runIds) {
        journal.append(`${JSON.stringify({ op: 'updateRun', runId, status: 'RUNNING', endTime: null })}\n`);
      }
    } catch (error) {
      journal?.remove();
      if (!this.#wasBegun) throw error;
      this.#report(error);
      return null;
    }
    this.#wasBegun = true;
    this.#recent = new RecentRecords();
    clearInterval(this.#touchTimer);
    this.#touchTimer = setInterval(() => this.segments.touch(), TOUCH_MS).unref();
    return this.segments.add(journal);
  }

  #hold(record: HeldRecord): void {
    const { droppedCount } = this.#backlog;
    this.#backlog.add(record);
    if (this.#backlog.droppedCount > droppedCount) {
      const message = 'The memory for records is full, and the oldest metrics are lost.';
      reportFailure(
        `keeping records of ${this.#folder} in memory`,
        new AutologError('RESOURCE_EXHAUSTED', message),
      );
    }
    if (this.#backlog.size % ATTEMPT_EVERY === 0) this.drain();
  }

  #report(error: unknown): void {
    reportFailure('what is logged is kept in memory for now, as it cannot be written', error);
  }
}
