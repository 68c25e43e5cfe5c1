import fs from 'node:fs';
import { join } from 'node:path';
import { nowMs } from '../../clock.ts';
import { reportFailure } from '../../failures.ts';
import { makeFolder } from '../../make-folder.ts';
import type { RejectedRecord } from '../../store/delivery.ts';

/** Name of the file beside the journals that keeps what the store refused. */
export const REJECTED_FILE_NAME = 'rejected.jsonl';

/** Keeps refused records, each a line with its error, and tells of them once for each kind. */
export function keepRejected(folder: string, rejected: readonly RejectedRecord[]): void {
  if (rejected.length === 0) return;
  const path = join(folder, REJECTED_FILE_NAME);
  const time = new Date(nowMs()).toISOString();
  const lines = rejected.map(({ record, error }) =>
    JSON.stringify({ time, code: error.code, message: error.message, record }),
  );
  try {
    makeFolder(folder, 0o700);
    fs.appendFileSync(path, `${lines.join('\n')}\n`, { mode: 0o600 });
  } catch (error) {
    reportFailure(`keeping refused records in ${path}`, error);
  }
  for (const { record, error } of rejected) {
    reportFailure(`the store refused a record (${record.op}, ${error.code}; kept in ${path})`, error);
  }
}
