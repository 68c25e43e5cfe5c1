import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { AutologError, invalidParameter } from '../errors.ts';
import { requireSource } from '../require-source.ts';
import type { TrackingStore } from './tracking-store.ts';

/** How a tracking URI is understood. */
export interface TrackingStoreOptions {
  /** Folder that relative paths start from. @default process.cwd() */
  readonly cwd?: string;
  /** Path or URI under which new experiments' artifacts go. @default the folder `mlruns` beside the database */
  readonly artifactRoot?: string;
}

/**
 * Returns the store that a tracking URI names; the same store for the same file as long as the process lives.
 *
 * Nothing is opened yet: a file that cannot be used is refused at the store's first use.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for a URI that names no store, NOT_IMPLEMENTED for one that this version
 * cannot record into.
 */
export function resolveTrackingStore(uri: string, options: TrackingStoreOptions = {}): TrackingStore {
  const { cwd = process.cwd() } = options;
  if (last?.uri === uri && last.cwd === cwd && last.artifactRoot === options.artifactRoot) return last.store;
  const store = resolveStore(uri, { ...options, cwd });
  last = { uri, cwd, artifactRoot: options.artifactRoot, store };
  return store;
}

/** What was asked for last: each trace asks, and it is the same for all. */
let last: { uri: string; cwd: string; artifactRoot: string | undefined; store: TrackingStore } | undefined;

function resolveStore(uri: string, options: TrackingStoreOptions & { readonly cwd: string }): TrackingStore {
  const file = toDatabaseFile(uri, options.cwd);
  const artifactRoot = options.artifactRoot ?? toArtifactRoot(path.join(path.dirname(file), 'mlruns'));
  const key = `${file}\n${artifactRoot}`;
  const known = stores.get(key);
  if (known) return known;
  const journalFolder = path.join(path.dirname(file), '.autolog', path.basename(file));
  const { SqlTrackingStore } = requireSource<typeof import('./sql/sql-tracking-store.ts')>(
    'store/sql/sql-tracking-store',
  );
  const store = new SqlTrackingStore({ uri: toSqliteUri(file), file, artifactRoot, journalFolder });
  stores.set(key, store);
  return store;
}

const stores = new Map<string, TrackingStore>();

const SERVERS = /^(https?|databricks(-uc)?|uc|postgres(ql)?|mysql|mssql|mariadb)(\+\w+)?(:|$)/i;

function toDatabaseFile(uri: string, cwd: string): string {
  if (typeof uri !== 'string' || uri === '') {
    const found = uri === '' ? 'it is empty' : `found ${typeof uri}`;
    throw invalidParameter(`Cannot use a tracking URI: ${found}; set it to 'sqlite:///mlflow.db', say.`);
  }
  if (/^sqlite:/i.test(uri)) return toSqliteFile(uri, cwd);
  if (SERVERS.test(uri)) {
    throw new AutologError(
      'NOT_IMPLEMENTED',
      `Cannot record into '${withoutSecrets(uri)}': this version records into SQLite files; set 'sqlite:///mlflow.db' and serve that file with MLflow.`,
    );
  }
  if (/^file:/i.test(uri) || /^[a-z]:[\\/]/i.test(uri) || !/^[a-z][a-z0-9+.-]*:/i.test(uri)) {
    throw invalidParameter(
      `Cannot record into the folder '${withoutSecrets(uri)}': MLflow's file store is not kept; set 'sqlite:///mlflow.db', say.`,
    );
  }
  throw invalidParameter(
    `Cannot understand the tracking URI '${withoutSecrets(uri)}': its scheme is unknown; use sqlite, as in 'sqlite:///mlflow.db' or 'sqlite:////folder/mlflow.db'.`,
  );
}

function toSqliteFile(uri: string, cwd: string): string {
  const shown = withoutSecrets(uri);
  if (/[?#]/.test(uri)) {
    throw invalidParameter(
      `Cannot use the tracking URI '${shown}?…': a query or fragment means nothing here; leave it out.`,
    );
  }
  const name = /^sqlite:\/\/\/(.*)$/is.exec(uri)?.[1];
  if (name === '' || name === ':memory:' || /^sqlite:(\/\/)?$/i.test(uri)) {
    throw invalidParameter(
      `Cannot use the tracking URI '${shown}': a database in memory ends with its process and loses what was logged; name a file, as in 'sqlite:///mlflow.db'.`,
    );
  }
  if (name === undefined) {
    throw invalidParameter(
      `Cannot use the tracking URI '${shown}': a file comes after three slashes, as in 'sqlite:///mlflow.db', or four when its path is absolute.`,
    );
  }
  if (name.endsWith('/')) {
    throw invalidParameter(`Cannot use the tracking URI '${shown}': it names a folder; name a file in it.`);
  }
  return path.resolve(cwd, name);
}

function toSqliteUri(file: string): string {
  return `sqlite:///${file.replaceAll('\\', '/')}`;
}

// As MLflow does: a path of Windows would be taken for a URI with the scheme "c".
function toArtifactRoot(folder: string): string {
  return process.platform === 'win32' ? pathToFileURL(folder).href : folder;
}

function withoutSecrets(uri: string): string {
  return uri.replace(/^([a-z][a-z0-9+.-]*:)?(\/\/)?.*@/is, '$1$2***@').replace(/[?#].*$/s, '');
}
