import { resolveHttpTarget } from '../../http/http-target.ts';
import { rememberServer } from '../../http/known-servers.ts';
import { serverJournalFolder } from '../server-journals.ts';
import { RestTrackingStore } from './rest-tracking-store.ts';

/** Where a store on a server keeps what is not delivered yet. */
export interface OpenRestStoreOptions {
  /** @default the folder of this server's journals among the user's programs' state, see `serverJournalFolder` */
  readonly journalFolder?: string;
}

/**
 * Opens the store that `http://…`, `https://…`, `databricks` or `databricks://profile` means; nothing is asked of the
 * server yet.
 *
 * @throws {AutologError} as `resolveHttpTarget` does.
 */
export function openRestStore(uri: string, options: OpenRestStoreOptions = {}): RestTrackingStore {
  const target = resolveHttpTarget(uri);
  if (!target.isDatabricks) rememberServer(target.baseUrl);
  const journalFolder =
    options.journalFolder ?? serverJournalFolder(target.baseUrl, target.baseUrl.replace(/^https?:\/\//, ''));
  return new RestTrackingStore({ uri, target, journalFolder });
}
