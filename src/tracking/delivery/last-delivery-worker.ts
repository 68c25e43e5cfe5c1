import fs from 'node:fs';
import { type MessagePort, workerData } from 'node:worker_threads';
import { type ErrorCode, errorMessage } from '../../errors.ts';
import type { RejectedRecord } from '../../store/delivery.ts';
import type { LogRecord } from '../../store/log-record.ts';
import { resolveTrackingStore, type StoreOrigin } from '../../store/store-uri.ts';
import { byAge, deliverWhole } from './abandoned.ts';
import { openForeignJournals } from './journal-reader.ts';

/** What is to be delivered, and how to answer: by a message, and then by ringing the bell. */
export interface LastDeliveryQuestion {
  readonly origin: StoreOrigin;
  readonly journalFolder: string;
  readonly journalIds: readonly string[];
  readonly patienceMs: number;
  readonly bell: Int32Array;
  readonly port: MessagePort;
}

/** What came of it; without a failure, all is delivered. */
export interface LastDeliveryAnswer {
  readonly failure?: string;
  readonly rejected: readonly { readonly record: LogRecord; readonly code: ErrorCode; readonly message: string }[];
}

const { port, bell, ...question } = workerData as LastDeliveryQuestion;
port.postMessage(await deliver(question));
Atomics.store(bell, 0, 1);
Atomics.notify(bell, 0);

async function deliver({
  origin,
  journalFolder,
  journalIds,
  patienceMs,
}: Omit<LastDeliveryQuestion, 'port' | 'bell'>): Promise<LastDeliveryAnswer> {
  const rejected: RejectedRecord[] = [];
  let failure: string | undefined;
  try {
    const store = resolveTrackingStore(origin.uri, origin);
    if (store.journalFolder !== journalFolder) throw new Error(`the journals lie in another folder`);
    const desk = { store, onRejected: (all: readonly RejectedRecord[]) => rejected.push(...all) };
    // Other threads may be writing theirs still: those stay.
    const journals = openForeignJournals(journalFolder).filter((journal) => journal.isOfThisProcess());
    for (const journal of journals.sort(byAge)) {
      await deliverWhole(desk, journal, patienceMs);
      if (!journalIds.includes(journal.id)) continue;
      fs.rmSync(journal.path, { force: true });
      await store.forget(journal.id, { patienceMs });
    }
  } catch (error) {
    failure = errorMessage(error).replace(/\.$/, '');
  }
  return {
    rejected: rejected.map(({ record, error }) => ({ record, code: error.code, message: error.message })),
    ...(failure !== undefined && { failure }),
  };
}
