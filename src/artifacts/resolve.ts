import { fileURLToPath } from 'node:url';
import { AutologError, invalidParameter } from '../errors.ts';
import { requireSource } from '../require-source.ts';
import type { ArtifactRepository } from './artifact-repository.ts';

const NOT_YET = /^(mlflow-artifacts|https?|s3|r2|b2|gs|wasbs?|abfss?|dbfs|hdfs|viewfs|ftp|sftp|runs|models):/i;

/**
 * Opens the repository that an artifact URI names: a path, or a `file:` URI.
 *
 * @throws {AutologError} NOT_IMPLEMENTED for a scheme of MLflow's that this version does not reach,
 * INVALID_PARAMETER_VALUE for any other.
 */
export function resolveArtifactRepository(uri: string): ArtifactRepository {
  const shown = uri.replace(/\/\/.*@/s, '//***@');
  if (NOT_YET.test(uri)) {
    throw new AutologError(
      'NOT_IMPLEMENTED',
      `Cannot reach the artifacts at '${shown}': this version keeps artifacts in folders; use an experiment whose location is a path or a file: URI.`,
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
