import { fileURLToPath } from 'node:url';
import { AutologError, invalidParameter } from '../errors.ts';
import { requireSource } from '../require-source.ts';
import type { ArtifactRepository } from './artifact-repository.ts';

const SERVER = /^(mlflow-artifacts|https?):/i;
const NOT_YET = /^(s3|r2|b2|gs|wasbs?|abfss?|dbfs|hdfs|viewfs|ftp|sftp|runs|models):/i;

/** What an artifact URI alone does not say. */
export interface ResolveArtifactsOptions {
  /** The server that `mlflow-artifacts:` means. @default the one that the process records into, else MLFLOW_TRACKING_URI */
  readonly trackingUri?: string;
}

/**
 * Opens the repository that an artifact URI names: a path, a `file:` URI, or one behind a server (`mlflow-artifacts:`,
 * `http:`, `https:`).
 *
 * @throws {AutologError} NOT_IMPLEMENTED for a scheme of MLflow's that this version does not reach,
 * INVALID_PARAMETER_VALUE for any other.
 */
export function resolveArtifactRepository(
  uri: string,
  { trackingUri }: ResolveArtifactsOptions = {},
): ArtifactRepository {
  if (SERVER.test(uri)) {
    const { openHttpRepository } = requireSource<typeof import('./open-http-repository.ts')>(
      'artifacts/open-http-repository',
    );
    return openHttpRepository(uri, trackingUri);
  }
  const shown = uri.replace(/\/\/.*@/s, '//***@');
  if (NOT_YET.test(uri)) {
    throw new AutologError(
      'NOT_IMPLEMENTED',
      `Cannot reach the artifacts at '${shown}': this version keeps artifacts in folders and behind MLflow's server; use an experiment whose location is a path, a file: URI or mlflow-artifacts:.`,
    );
  }
  if (/^file:/i.test(uri)) return openFolder(uri, toPath(uri, shown));
  const isPath = uri !== '' && (/^[a-z]:[\\/]/i.test(uri) || !/^[a-z][a-z0-9+.-]*:/i.test(uri));
  if (isPath) return openFolder(uri, uri);
  throw invalidParameter(
    `Cannot understand the artifact URI '${shown}': its scheme is unknown; use a path or a file: URI, as 'file:///data/runs'.`,
  );
}

function openFolder(uri: string, path: string): ArtifactRepository {
  const { FileRepository } = requireSource<typeof import('./file-repository.ts')>('artifacts/file-repository');
  return new FileRepository(uri, path);
}

function toPath(uri: string, shown: string): string {
  try {
    return fileURLToPath(uri);
  } catch (error) {
    throw new AutologError(
      'INVALID_PARAMETER_VALUE',
      `Cannot understand the artifact URI '${shown}': it names no local file; write it as 'file:///folder'.`,
      { cause: error },
    );
  }
}
