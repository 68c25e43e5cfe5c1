import os from 'node:os';
import path from 'node:path';

/**
 * Folder of the journals for a store that is not on this machine: one for each store, whoever asks and wherever from, so
 * that what one process has left is delivered by another.
 *
 * It lies in `AUTOLOG_JOURNAL_DIR`, else where the user's programs keep their state (`XDG_STATE_HOME`, `~/.local/state`).
 * `name` is the store's URI without secrets, `title` what a reader knows it by.
 */
export function serverJournalFolder(name: string, title: string): string {
  const readable = title.replaceAll(/[^a-z0-9.-]+/gi, '_').slice(0, 60);
  // Not imported: it would be loaded with the package, which takes 10 ms.
  const { createHash } = process.getBuiltinModule('node:crypto');
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 12);
  return path.join(serverJournalRoot(), `${readable}-${hash}`);
}

/** Folder that holds the folders of all these stores. */
export function serverJournalRoot(): string {
  const root =
    process.env.AUTOLOG_JOURNAL_DIR || process.env.XDG_STATE_HOME || path.join(os.homedir(), '.local', 'state');
  return path.join(path.resolve(root), 'autolog', 'journals');
}
