import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { invalidParameter } from '../errors.ts';
import { withoutSecrets } from './uri-secrets.ts';

/** Whether a URI means a SQLite file, well or badly. */
export function isSqliteUri(uri: string): boolean {
  return /^sqlite:/i.test(uri);
}

/**
 * The file that `sqlite:///…` means; relative paths start from a folder.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for one that names no file.
 */
export function toSqliteFile(uri: string, cwd: string): string {
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

/** The URI of a file. */
export function toSqliteUri(file: string): string {
  return `sqlite:///${file.replaceAll('\\', '/')}`;
}

/** A folder as MLflow writes where artifacts go: a path of Windows would be taken for a URI with the scheme "c". */
export function toArtifactRoot(folder: string): string {
  return process.platform === 'win32' ? pathToFileURL(folder).href : folder;
}
