import { resolveTrackingStore } from '../store/store-uri.ts';
import { type SyncReport, syncJournals } from '../tracking/delivery/sync-journals.ts';
import { getTrackingUri } from '../tracking/settings.ts';
import { hideSecrets } from './doctor/hide-secrets.ts';
import { style } from './terminal.ts';

/** Options of `autolog sync`. */
export interface SyncOptions {
  /** @default MLFLOW_TRACKING_URI, else sqlite:///mlflow.db */
  readonly trackingUri?: string;
  readonly json?: boolean;
}

/** What the command prints, and the code that it exits with: 1 where something is left. */
export interface SyncResult {
  readonly lines: readonly string[];
  readonly exitCode: 0 | 1;
}

/**
 * Delivers what programs have logged and not delivered to a store.
 *
 * @throws {AutologError} for a URI that names no store.
 */
export async function sync({ trackingUri, json = false }: SyncOptions): Promise<SyncResult> {
  const store = resolveTrackingStore(trackingUri ?? getTrackingUri());
  try {
    const report = await syncJournals(store);
    const lines = json ? [JSON.stringify(report, null, 2)] : printReport(report);
    return { lines, exitCode: report.failure === null ? 0 : 1 };
  } finally {
    await store.close();
  }
}

function printReport(report: SyncReport): string[] {
  const { journals, bytes, abandoned, refused, failure, journalFolder, otherFolders } = report;
  const uri = hideSecrets(report.trackingUri);
  const lines: string[] = [];
  if (journals === 0) lines.push(`Nothing waits for ${uri}.`);
  else if (failure === null) {
    const what = `${count(journals, 'journal')} (${bytes} bytes; ${abandoned} of programs that have ended)`;
    lines.push(style.good(`Delivered to ${uri}: ${what}.`));
  }
  if (failure !== null) lines.push(style.bad(`Not everything was delivered to ${uri}: ${failure}`));
  if (failure !== null) lines.push(`It stays in ${journalFolder}.`);
  if (refused > 0) lines.push(style.bad(`${count(refused, 'record')} refused; kept in ${journalFolder}.`));
  for (const folder of otherFolders) {
    lines.push(`Journals for another store wait in ${folder}; name that store by --tracking-uri.`);
  }
  return lines;
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}
