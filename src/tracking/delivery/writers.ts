import { steadyMs } from '../../clock.ts';
import type { RunStatus } from '../../entities/run.ts';
import { AutologError, errorMessage } from '../../errors.ts';
import { reportFailure } from '../../failures.ts';
import { requireSource } from '../../require-source.ts';
import type { TrackingStore } from '../../store/tracking-store.ts';
import { endOpenRuns } from '../runs/active-run.ts';
import { installExitWork } from './exit.ts';
import { BLOCKING_MS, EXIT_PATIENCE_MS, isBusy } from './patience.ts';
import type { Writer } from './writer.ts';

const writers = new Map<TrackingStore, Writer>();

/** The writer of this thread for a store; the first one also takes care of the thread's end. */
export function writerFor(store: TrackingStore): Writer {
  const known = writers.get(store);
  if (known !== undefined) return known;
  if (writers.size === 0) installExitWork({ drain, finish });
  const { Writer } = requireSource<typeof import('./writer.ts')>('tracking/delivery/writer');
  const writer = new Writer(store);
  writers.set(store, writer);
  return writer;
}

/**
 * Delivers everything that was logged before the call, to whichever stores.
 *
 * @throws {AutologError} when a store cannot be reached or written; nothing is lost then.
 */
export async function flush(): Promise<void> {
  for (const writer of writers.values()) await writer.flush();
}

/**
 * Ends the runs that are open, delivers everything and removes the journals, as happens at the end of the program too;
 * for places where that end is not seen, as a function in the cloud. What is logged afterwards is kept as before.
 *
 * @throws {AutologError} when a store cannot be reached or written; nothing is lost then.
 */
export async function shutdown(status: RunStatus = 'FINISHED'): Promise<void> {
  endOpenRuns(status);
  for (const writer of writers.values()) await writer.close();
}

/** What went to each store from this thread, for diagnosis. */
export function writerStates(): { uri: string; recordCount: number; unkeptCount: number }[] {
  return [...writers.values()].map(({ store, appendedCount, unkeptCount }) => ({
    uri: store.uri,
    recordCount: appendedCount,
    unkeptCount,
  }));
}

/** How many records of a writer were there when the end of the program last tried to deliver them. */
const drainedCounts = new WeakMap<Writer, number>();
/** What is left of the time for stores that others hold or servers keep: all that is done at the end shares it. */
let patienceMs = EXIT_PATIENCE_MS;

/** Tries once for what there is: waiting turns the event loop, which then runs dry again. */
async function drain(): Promise<void> {
  for (const writer of writers.values()) {
    if (drainedCounts.get(writer) === writer.appendedCount) continue;
    drainedCounts.set(writer, writer.appendedCount);
    const startedAt = steadyMs();
    try {
      if (writer.isEmbedded) await writer.flush(patienceMs);
      else await writer.close(patienceMs);
    } catch (error) {
      if (isBusy(error)) spendPatience(startedAt);
      // A server that does not answer would keep the process for as long as it likes.
      writer.breakOff();
      // What the store does not take now, `finish` tells.
      reportFailure(`delivering to ${writer.store.uri}`, error, { silent: isBusy(error) });
    }
  }
}

function spendPatience(startedAt: number): void {
  patienceMs = Math.max(BLOCKING_MS, patienceMs - (steadyMs() - startedAt));
}

function finish(status: RunStatus): void {
  endOpenRuns(status);
  for (const writer of writers.values()) {
    const { uri, journalFolder } = writer.store;
    const startedAt = steadyMs();
    try {
      writer.closeNow({ patienceMs: Math.ceil(patienceMs) });
      if (writer.hasUndelivered && !writer.isEmbedded) finishOnServer(writer);
    } catch (error) {
      if (isBusy(error)) spendPatience(startedAt);
      reportFailure(`delivering to ${uri} at the end (the next process does it)`, error);
    }
    if (writer.unkeptCount === 0) continue;
    const message = `${writer.unkeptCount} records, as no journal could be written in '${journalFolder}'; make room there.`;
    reportFailure(`lost for ${uri}`, new AutologError('RESOURCE_EXHAUSTED', message));
  }
}

/** What a server cannot be given in time stays in the journals. */
function finishOnServer(writer: Writer): void {
  const { store, journalIds, lastFailure } = writer;
  try {
    if (lastFailure !== undefined) throw lastFailure;
    if (!deliversAtExit()) throw unavailable('the process ended before');
    const { deliverLast } = requireSource<typeof import('./last-delivery.ts')>('tracking/delivery/last-delivery');
    deliverLast({ store, journalIds }, Math.ceil(patienceMs));
    writer.dropJournals();
  } catch (error) {
    const reason = errorMessage(error).replace(/\.$/, '');
    throw unavailable(
      `${reason}; run \`autolog sync --tracking-uri ${store.uri}\` where no other program records there`,
    );
  }
}

/** A thread that ends can have no other one do its work: the main thread does, or the next process. */
function deliversAtExit(): boolean {
  // Not imported: it would be loaded with the package.
  const { isMainThread } = process.getBuiltinModule('node:worker_threads');
  return isMainThread && !['0', 'false'].includes(process.env.AUTOLOG_DELIVER_AT_EXIT ?? '');
}

function unavailable(reason: string): AutologError {
  return new AutologError('TEMPORARILY_UNAVAILABLE', `not everything is there yet: ${reason}.`);
}
