/// <reference types="node" preserve="true" />
import type { Readable } from 'node:stream';

/** A file or folder among the artifacts. */
export interface ArtifactInfo {
  /** From the root of the repository on, with `/` between the parts. */
  readonly path: string;
  readonly isFolder: boolean;
  /** Null for a folder. */
  readonly sizeBytes: number | null;
}

/**
 * Keeps the files of a run or a model under one URI.
 *
 * Paths within are relative, with `/` between the parts; one that would lead outside is refused with
 * INVALID_PARAMETER_VALUE. A file is seen whole or not at all.
 */
export interface ArtifactRepository {
  readonly uri: string;

  /** Copies a local file, under its own name, into a folder of the repository. @default the root */
  logFile(localPath: string, folder?: string): Promise<void>;

  /** Copies what is in a local folder into a folder of the repository. @default the root */
  logFolder(localFolder: string, folder?: string): Promise<void>;

  /** Writes a file with this content. */
  logContent(path: string, content: string | Uint8Array): Promise<void>;

  /**
   * Makes a folder of the repository from what `fill` writes into an empty local folder; nothing of it is seen when
   * `fill` rejects, and its error comes through as it is.
   */
  writeFolder(folder: string, fill: (localFolder: string) => Promise<void>): Promise<void>;

  /** What is in a folder, by path; empty for a file and for what does not exist. @default the root */
  list(folder?: string): Promise<readonly ArtifactInfo[]>;

  /**
   * Brings a file or folder to a local folder, and returns where it is then. Without `destination`, files that are
   * local already stay where they are.
   *
   * @throws {AutologError} RESOURCE_DOES_NOT_EXIST.
   */
  download(path: string, destination?: string): Promise<string>;

  /**
   * Opens a file for reading.
   *
   * @throws {AutologError} RESOURCE_DOES_NOT_EXIST.
   */
  openRead(path: string): Promise<Readable>;

  /** Deletes a file, or a folder with all that is in it; what is not there already is no error. @default everything */
  delete(path?: string): Promise<void>;
}
