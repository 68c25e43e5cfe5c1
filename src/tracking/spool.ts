import { clearInterval, setInterval } from 'node:timers';
import { AutologError } from '../errors.ts';
import { reportFailure } from '../failures.ts';
import type { LogRecord } from '../store/log-record.ts';
import type { RecordChunk } from '../store/tracking-store.ts';
import { Backlog, type HeldRecord } from './backlog.ts';
import { Journal } from './journal.ts';
import type { ReadRecordsOptions } from './journal-reader.ts';
import { OpenRuns } from './open-runs.ts';
import { RecentRecords } from './recent-records.ts';
import { type Waiter, Waiters } from './waiters.ts';

/** While the journal refuses, so many records pass between two attempts. */
const ATTEMPT_EVERY = 1024;
/** How often the journal shows other machines that its process lives, in milliseconds. */
const TOUCH_MS = 60 * 60 * 1000;

/** The journal of this thread for one store, with memory behind it for the time in which it cannot be written. */
export class Spool {
  readonly waiters = new Waiters();
  readonly #folder: string;
  readonly #backlog = new Backlog();
  readonly #openRuns = new OpenRuns();
  #recent = new RecentRecords();
  #journal: Journal | null = null;
  #wasBegun = false;
  #appendedCount = 0;
  #touchTimer: NodeJS.Timeout | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  get journal(): Journal | null {
    return this.#journal;
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
    return this.#backlog.droppedCount;
  }

  /**
   * Keeps a record, or two in one write: in the journal, or in memory when that stops working, which is told once.
   *
   * @throws {AutologError} when no journal could ever be begun.
   */
  append(record: LogRecord, waiter: Waiter | null, next?: LogRecord): void {
    const line = JSON.stringify(record);
    const nextLine = next === undefined ? undefined : JSON.stringify(next);
    const journal = this.#journal ?? this.#begin();
    this.#note(record);
    if (next !== undefined) this.#note(next);
    if (journal !== null && this.#backlog.size === 0) {
      try {
        const start = journal.end;
        const end =
          nextLine === undefined ? journal.append(line, '\n') : journal.append(line, '\n', nextLine, '\n');
        this.#recent.add(next === undefined ? [record] : [record, next], start, end);
        this.waiters.add(end, waiter);
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

  /** Reads complete records of a journal of this thread. */
  read(journal: Journal, position: number, options: ReadRecordsOptions): RecordChunk {
    const recent = journal === this.#journal ? this.#recent.read(position, options) : null;
    return recent ?? journal.read(position, options);
  }

  /** Writes what is held in memory to the journal, as far as that can be written. */
  drain(): void {
    if (this.#backlog.size === 0) return;
    const journal = this.#journal ?? this.#begin();
    if (journal === null) return;
    try {
      this.#backlog.drain(({ line, waiter }) => this.waiters.add(journal.append(line), waiter));
    } catch (error) {
      this.#report(error);
    }
  }

  /** Removes the journal, which was delivered; the next record begins another one. */
  drop(): void {
    this.#journal?.remove();
    this.#journal = null;
    this.#recent = new RecentRecords();
    clearInterval(this.#touchTimer);
  }

  #begin(): Journal | null {
    let journal: Journal;
    try {
      journal = new Journal(this.#folder);
      // Whoever finds this journal abandoned must know of the runs that an earlier one began.
      for (const runId of this.#openRuns.runIds) {
        journal.append(`${JSON.stringify({ op: 'updateRun', runId, status: 'RUNNING', endTime: null })}\n`);
      }
    } catch (error) {
      if (!this.#wasBegun) throw error;
      this.#report(error);
      return null;
    }
    this.#journal = journal;
    this.#wasBegun = true;
    this.#touchTimer = setInterval(() => journal.touch(), TOUCH_MS).unref();
    return journal;
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
