import type { ServerAddress } from '../../server-uri.ts';
import type { TrackingStore } from '../../tracking-store.ts';
import type { EngineKind } from './engine-kind.ts';
import { MSSQL_ENGINE } from './mssql.ts';
import { MYSQL_ENGINE } from './mysql.ts';
import { POSTGRESQL_ENGINE } from './postgresql.ts';
import { ServerDatabase } from './server-database.ts';
import { ServerTrackingStore } from './server-tracking-store.ts';

/** Where a store on a database server keeps what it is given. */
export interface ServerStoreOptions {
  readonly address: ServerAddress;
  /** Path or URI under which new experiments' artifacts go. */
  readonly artifactRoot: string;
  readonly journalFolder: string;
}

/** Makes the store of a server's database; nothing is connected yet. */
export function openServerStore({ address, artifactRoot, journalFolder }: ServerStoreOptions): TrackingStore {
  const database = new ServerDatabase(ENGINES[address.dialect], address, artifactRoot);
  return new ServerTrackingStore({ uri: address.shown, journalFolder, database });
}

const ENGINES: Readonly<Record<ServerAddress['dialect'], EngineKind>> = {
  postgresql: POSTGRESQL_ENGINE,
  mysql: MYSQL_ENGINE,
  mssql: MSSQL_ENGINE,
};
