import fs from 'node:fs';
import { join } from 'node:path';
import { errorMessage } from '../../errors.ts';
import type { RejectedRecord } from '../../store/delivery.ts';
import { serverJournalRoot } from '../../store/server-journals.ts';
import type { TrackingStore } from '../../store/tracking-store.ts';
import { byAge, deliverAbandoned, deliverWhole, type JournalDesk } from './abandoned.ts';
import { parseJournalName } from './journal-name.ts';
import { openForeignJournals } from './journal-reader.ts';
import { PATIENCE_MS, patiently, SERVER_MS } from './patience.ts';
import { keepRejected } from './rejections.ts';
import { removeEmptyFolders } from './remove-empty-folders.ts';

/** What came of a synchronization with one store. */
export interface SyncReport {
  readonly trackingUri: string;
  readonly journalFolder: string;
  /** Journals that were found, and their bytes. */
  readonly journals: number;
  readonly bytes: number;
  /** Those whose process has ended; delivered, they are gone. */
  readonly abandoned: number;
  /** Records that the store refused; `rejected.jsonl` in the folder has them. */
  readonly refused: number;
  /** Why not everything was delivered; null when it was. */
  readonly failure: string | null;
  /** Other folders where journals wait, for stores that are not this one. */
  readonly otherFolders: readonly string[];
}

/**
 * Delivers everything that waits for a store: what processes have left that ended, whose open runs become KILLED, and what
 * those that live have logged until now.
 */
export async function syncJournals(store: TrackingStore, cwd = process.cwd()): Promise<SyncReport> {
  const { journalFolder } = store;
  let refused = 0;
  const onRejected = (rejected: readonly RejectedRecord[]): void => {
    refused += rejected.length;
    keepRejected(journalFolder, rejected);
  };
  const isEmbedded = store.checkNow !== undefined;
  const desk: JournalDesk = { store, isEmbedded, ownIds: [], openRunIds: [], onRejected };
  const found = describeJournals(journalFolder);
  let failure: string | null = null;
  try {
    await patiently(() => deliverAbandoned(desk, SERVER_MS), PATIENCE_MS);
    await patiently(() => deliverLiving(desk), PATIENCE_MS);
  } catch (error) {
    failure = errorMessage(error);
  }
  removeEmptyFolders(journalFolder);
  const otherFolders = findOtherFolders(journalFolder, cwd);
  return { trackingUri: store.uri, journalFolder, ...found, refused, failure, otherFolders };
}

async function deliverLiving(desk: JournalDesk): Promise<void> {
  const journals = openForeignJournals(desk.store.journalFolder).sort(byAge);
  try {
    for (const journal of journals) await deliverWhole(desk, journal, SERVER_MS);
  } finally {
    for (const journal of journals) journal.close();
  }
}

function describeJournals(folder: string): Pick<SyncReport, 'journals' | 'bytes' | 'abandoned'> {
  const journals = openForeignJournals(folder);
  const total = { journals: journals.length, bytes: 0, abandoned: 0 };
  for (const journal of journals) {
    total.bytes += journal.size;
    if (journal.isAbandoned()) total.abandoned += 1;
    journal.close();
  }
  return total;
}

function findOtherFolders(own: string, cwd: string): string[] {
  return [join(cwd, '.autolog'), serverJournalRoot()]
    .flatMap((root) => namesIn(root).map((name) => join(root, name)))
    .filter((folder) => folder !== own && namesIn(folder).some((name) => parseJournalName(name) !== null));
}

function namesIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch {
    // ENOENT: nothing was ever written there; ENOTDIR: a file.
    return [];
  }
}
