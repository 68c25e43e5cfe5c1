import fs from 'node:fs';
import { AutologError } from '../../errors.ts';
import type { DeliverOptions, RecordSource, RejectedRecord } from '../../store/delivery.ts';
import type { LogRecord, UpdateRunRecord } from '../../store/log-record.ts';
import type { TrackingStore } from '../../store/tracking-store.ts';
import { type ForeignJournal, openForeignJournals } from './journal-reader.ts';
import { OneChunk } from './one-chunk.ts';
import { OpenRuns } from './open-runs.ts';
import { BLOCKING_MS } from './patience.ts';

/** What a writer lets those know who deliver the journals of others. */
export interface JournalDesk {
  readonly store: TrackingStore;
  /** Whether the store takes what is delivered synchronously. */
  readonly isEmbedded: boolean;
  /** Its own journals, as far as it has some just now. */
  readonly ownIds: readonly string[];
  /** The runs that are open in its own journals. */
  readonly openRunIds: readonly string[];
  /** Is told of refused records. */
  onRejected(rejected: readonly RejectedRecord[]): void;
}

/**
 * Delivers what processes that have died left behind, and removes their journals; runs that they left RUNNING, and that
 * nobody has taken up again, become KILLED, with the time of the journal's last write.
 *
 * Several processes may do so at once.
 *
 * @throws {AutologError} when the store cannot be written, TEMPORARILY_UNAVAILABLE while others hold it or its server is
 * away; the journals stay.
 */
export async function deliverAbandoned(desk: JournalDesk, patienceMs: number = BLOCKING_MS): Promise<void> {
  const journals = openForeignJournals(desk.store.journalFolder, desk.ownIds);
  // A run that several of them name belongs to the one that was written last.
  journals.sort(byAge);
  try {
    for (const [index, journal] of journals.entries()) {
      if (!journal.isAbandoned()) continue;
      await deliverWhole(desk, journal, patienceMs);
      const later = journals.filter((other, place) => place > index || !other.isAbandoned());
      await killOpenRuns(desk, journal, later, patienceMs);
      // The store keeps its position for ever: another process may be reading the same journal just now.
      fs.rmSync(journal.path, { force: true });
    }
  } finally {
    for (const journal of journals) journal.close();
  }
}

/** Orders journals as they were written; those of one thread by the numbers in their names, should the times be the same. */
export function byAge(a: ForeignJournal, b: ForeignJournal): number {
  return a.lastWriteTime - b.lastWriteTime || (a.id < b.id ? -1 : 1);
}

/**
 * Delivers, synchronously and without removing them, the journals of this process's other threads, which may have been
 * stopped without a chance to do so; an embedded store only.
 */
export function deliverSiblingsNow(desk: JournalDesk, options?: DeliverOptions): void {
  deliverNow(desk, (journal) => journal.isOfThisProcess(), options);
}

/** Delivers, synchronously and without removing them, the journals of processes that have died; an embedded store only. */
export function deliverGoneNow(desk: JournalDesk, options?: DeliverOptions): void {
  deliverNow(desk, (journal) => journal.isAbandoned(), options);
}

/**
 * Delivers, synchronously, the journals of other processes in which a run is open: one that waits for a child of its own
 * cannot do so itself. An embedded store only.
 */
export function deliverRunNow(desk: JournalDesk, runId: string, options?: DeliverOptions): void {
  deliverNow(desk, (journal) => runsOf(journal).runIds.includes(runId), options);
}

function deliverNow(
  { store, isEmbedded, ownIds, onRejected }: JournalDesk,
  isMeant: (journal: ForeignJournal) => boolean,
  options: DeliverOptions = {},
): void {
  if (!isEmbedded) return;
  for (const journal of openForeignJournals(store.journalFolder, ownIds).sort(byAge)) {
    try {
      if (!isMeant(journal)) continue;
      for (let step = new OneChunk(journal); ; step = new OneChunk(journal)) {
        const rejected = store.deliver(step, options);
        if (rejected instanceof Promise) return;
        onRejected(rejected);
        if (step.wasEmpty || step.isOver()) break;
      }
    } finally {
      journal.close();
    }
  }
}

/** Delivers a journal to its end, wherever the store is. */
export async function deliverWhole(
  { store, onRejected }: Pick<JournalDesk, 'store' | 'onRejected'>,
  source: RecordSource,
  patienceMs: number,
): Promise<void> {
  for (let step = new OneChunk(source); ; step = new OneChunk(source)) {
    onRejected(await store.deliver(step, { patienceMs }));
    if (step.wasEmpty || step.isOver()) return;
  }
}

/** Kills what the journal left open, except what this writer or one of the later journals has taken up since. */
async function killOpenRuns(
  desk: JournalDesk,
  journal: ForeignJournal,
  later: readonly ForeignJournal[],
  patienceMs: number,
): Promise<void> {
  const ends: UpdateRunRecord[] = [];
  for (const runId of runsOf(journal).runIds) {
    const startTime = await startTimeOfRunning(desk.store, runId);
    if (startTime === undefined || desk.openRunIds.includes(runId)) continue;
    if (later.some((other) => runsOf(other).names(runId))) continue;
    // File systems keep coarser times than the clock.
    const endTime = Math.max(startTime, journal.lastWriteTime);
    ends.push({ op: 'updateRun', runId, status: 'KILLED', endTime });
  }
  if (ends.length > 0) await deliverWhole(desk, sourceOf(`${journal.id}-killed`, ends), patienceMs);
}

function runsOf(journal: ForeignJournal): OpenRuns {
  const runs = new OpenRuns();
  for (let position = 0; ; ) {
    const { records, end } = journal.read(position);
    for (const record of records) runs.note(record);
    if (end === position) return runs;
    position = end;
  }
}

async function startTimeOfRunning(store: TrackingStore, runId: string): Promise<number | undefined> {
  try {
    const { status, startTime } = (await store.getRun(runId)).info;
    return status === 'RUNNING' ? startTime : undefined;
  } catch (error) {
    if (error instanceof AutologError && error.code === 'RESOURCE_DOES_NOT_EXIST') return undefined;
    throw error;
  }
}

function sourceOf(id: string, records: readonly LogRecord[]): RecordSource {
  return { id, read: (position) => ({ records: records.slice(position), end: records.length }) };
}
