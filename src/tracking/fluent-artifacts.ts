import type { ArtifactRepository } from '../artifacts/artifact-repository.ts';
import { resolveArtifactRepository } from '../artifacts/resolve.ts';
import { formatDict } from './dict-format.ts';
import { activeOrNewRun } from './fluent-log.ts';

/**
 * Writes text to a file among the active run's artifacts; without a run, one begins.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for a path that leads outside.
 */
export async function logText(text: string, artifactFile: string): Promise<void> {
  await (await artifactsOfRun()).logContent(artifactFile, text);
}

/**
 * Writes plain data to a file among the active run's artifacts, as YAML when it is named `.yml` or `.yaml`, else as
 * JSON; without a run, one begins.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for a path that leads outside, or data that contains itself.
 */
export async function logDict(dictionary: unknown, artifactFile: string): Promise<void> {
  const artifacts = await artifactsOfRun();
  await artifacts.logContent(artifactFile, await formatDict(dictionary, artifactFile));
}

/**
 * Copies a local file to the active run's artifacts, into the folder `artifactPath`; without a run, one begins.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST for a missing file.
 */
export async function logArtifact(localPath: string, artifactPath?: string): Promise<void> {
  await (await artifactsOfRun()).logFile(localPath, artifactPath);
}

/**
 * Copies what is in a local folder to the active run's artifacts, into the folder `artifactPath`; without a run, one
 * begins.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST for a missing folder.
 */
export async function logArtifacts(localFolder: string, artifactPath?: string): Promise<void> {
  await (await artifactsOfRun()).logFolder(localFolder, artifactPath);
}

/** Begins with taking the run, before anything is waited for. */
async function artifactsOfRun(): Promise<ArtifactRepository> {
  return resolveArtifactRepository(await activeOrNewRun().artifactUri());
}
