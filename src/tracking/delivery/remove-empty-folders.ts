import fs from 'node:fs';
import { basename, dirname } from 'node:path';

/** Removes a folder of journals, and the folder `.autolog` that holds it, where they are empty. */
export function removeEmptyFolders(journalFolder: string): void {
  for (const folder of [journalFolder, dirname(journalFolder)]) {
    if (folder !== journalFolder && basename(folder) !== '.autolog') return;
    try {
      fs.rmdirSync(folder);
    } catch {
      // ENOTEMPTY: journals of other processes, or refused records; ENOENT: another process was faster.
      return;
    }
  }
}
