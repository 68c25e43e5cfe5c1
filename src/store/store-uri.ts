import path from 'node:path';
import { invalidParameter } from '../errors.ts';
import { requireSource } from '../require-source.ts';
import { serverJournalFolder } from './server-journals.ts';
import { isServerUri, parseServerUri } from './server-uri.ts';
import { isSqliteUri, toArtifactRoot, toSqliteFile, toSqliteUri } from './sqlite-uri.ts';
import type { TrackingStore } from './tracking-store.ts';
import { withoutSecrets } from './uri-secrets.ts';

/** How a tracking URI is understood. */
export interface TrackingStoreOptions {
  /** Folder that relative paths start from. @default process.cwd() */
  readonly cwd?: string;
  /**
   * Path or URI under which a database's new experiments have their artifacts.
   *
   * @default the folder `mlruns` beside a SQLite file; for a database server `AUTOLOG_ARTIFACT_ROOT`, else `mlruns` in `cwd`
   */
  readonly artifactRoot?: string;
}

/**
 * Returns the store that a tracking URI names; the same store for the same URI, or file, as long as the process lives.
 * The `uri` of a store, which has no credentials, leads to the store that was made with them.
 *
 * Nothing is opened yet: a database that cannot be used is refused at the store's first use.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for a URI that names no store.
 */
export function resolveTrackingStore(uri: string, options: TrackingStoreOptions = {}): TrackingStore {
  const { cwd = process.cwd() } = options;
  if (last?.uri === uri && last.cwd === cwd && last.artifactRoot === options.artifactRoot) return last.store;
  const store = resolveStore(uri, { ...options, cwd });
  if (!origins.has(store)) {
    const { artifactRoot } = options;
    origins.set(store, { uri, cwd, ...(artifactRoot !== undefined && { artifactRoot }) });
  }
  last = { uri, cwd, artifactRoot: options.artifactRoot, store };
  return store;
}

/** What was asked for last: each trace asks, and it is the same for all. */
let last: { uri: string; cwd: string; artifactRoot: string | undefined; store: TrackingStore } | undefined;

const stores = new Map<string, TrackingStore>();

/** How a store was asked for, with its credentials: by this another thread opens the same one. */
export interface StoreOrigin {
  readonly uri: string;
  readonly cwd: string;
  readonly artifactRoot?: string;
}

const origins = new WeakMap<TrackingStore, StoreOrigin>();

/** How a store was asked for first; undefined for one that was made in another way. */
export function originOf(store: TrackingStore): StoreOrigin | undefined {
  return origins.get(store);
}

type Options = TrackingStoreOptions & { readonly cwd: string };

function resolveStore(uri: string, options: Options): TrackingStore {
  checkUri(uri);
  if (isSqliteUri(uri)) return resolveSqliteStore(uri, options);
  if (isServerUri(uri)) return resolveServerStore(uri, options);
  return known(`${uri}\n${options.cwd}`, () => {
    const { openRestStore } =
      requireSource<typeof import('./rest/open-rest-store.ts')>('store/rest/open-rest-store');
    const store = openRestStore(uri);
    // Whoever has its URI from the store has it without credentials.
    stores.set(`${store.uri}\n${options.cwd}`, store);
    return store;
  });
}

function resolveSqliteStore(uri: string, options: Options): TrackingStore {
  const file = toSqliteFile(uri, options.cwd);
  const artifactRoot = options.artifactRoot ?? toArtifactRoot(path.join(path.dirname(file), 'mlruns'));
  return known(`${file}\n${artifactRoot}`, () => {
    const journalFolder = path.join(path.dirname(file), '.autolog', path.basename(file));
    const { SqliteTrackingStore } = requireSource<typeof import('./sql/sqlite-tracking-store.ts')>(
      'store/sql/sqlite-tracking-store',
    );
    return new SqliteTrackingStore({ uri: toSqliteUri(file), file, artifactRoot, journalFolder });
  });
}

function resolveServerStore(uri: string, options: Options): TrackingStore {
  const address = parseServerUri(uri);
  const artifactRoot =
    options.artifactRoot ??
    (process.env.AUTOLOG_ARTIFACT_ROOT || toArtifactRoot(path.join(options.cwd, 'mlruns')));
  return known(`${uri}\n${artifactRoot}`, () => {
    const withCredentials = stores.get(address.shown);
    if (withCredentials && uri === address.shown) return withCredentials;
    const { openServerStore } = requireSource<typeof import('./sql/server/open-server-store.ts')>(
      'store/sql/server/open-server-store',
    );
    const journalFolder = serverJournalFolder(address.shown, `${address.host}-${address.database}`);
    const store = openServerStore({ address, artifactRoot, journalFolder });
    stores.set(address.shown, store);
    return store;
  });
}

function known(key: string, open: () => TrackingStore): TrackingStore {
  const found = stores.get(key) ?? open();
  stores.set(key, found);
  return found;
}

const REST = /^(https?:|databricks(:|$))/i;

function checkUri(uri: string): void {
  if (typeof uri !== 'string' || uri === '') {
    const found = uri === '' ? 'it is empty' : `found ${typeof uri}`;
    throw invalidParameter(`Cannot use a tracking URI: ${found}; set it to 'sqlite:///mlflow.db', say.`);
  }
  if (isSqliteUri(uri) || isServerUri(uri) || REST.test(uri)) return;
  if (/^(databricks-uc|uc):?/i.test(uri)) {
    throw invalidParameter(
      `Cannot record into '${withoutSecrets(uri)}': Unity Catalog keeps models, not runs; set 'databricks' as the tracking URI.`,
    );
  }
  if (/^file:/i.test(uri) || /^[a-z]:[\\/]/i.test(uri) || !/^[a-z][a-z0-9+.-]*:/i.test(uri)) {
    throw invalidParameter(
      `Cannot record into the folder '${withoutSecrets(uri)}': MLflow's file store is not kept; set 'sqlite:///mlflow.db', say.`,
    );
  }
  throw invalidParameter(
    `Cannot understand the tracking URI '${withoutSecrets(uri)}': its scheme is unknown; use sqlite, as in 'sqlite:///mlflow.db' or 'sqlite:////folder/mlflow.db', postgresql, mysql, mssql, http, https or databricks.`,
  );
}
