import fs from 'node:fs/promises';
import { join } from 'node:path';
import { invalidParameter } from '../errors.ts';
import { type FileAccess, toFileError } from '../file-errors.ts';

/** Does something with files; what the file system throws becomes the error of the attempt. */
export async function attempt<T>(what: string, action: () => Promise<T>, access?: FileAccess): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw toFileError(what, error, access);
  }
}

/**
 * Checks that a local file can be copied: a pipe or a device would never end.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE, or that of the file system.
 */
export async function requireFile(localPath: string): Promise<void> {
  const what = `log the file '${localPath}'`;
  const stat = await attempt(what, () => fs.stat(localPath), 'read');
  if (stat.isFile()) return attempt(what, () => fs.access(localPath, fs.constants.R_OK), 'read');
  const kind = stat.isDirectory() ? 'a folder; log it with logArtifacts' : 'no regular file; log another one';
  throw invalidParameter(`Cannot log the file '${localPath}': it is ${kind}.`);
}

/**
 * Checks that a local folder is one.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE, or that of the file system.
 */
export async function requireFolder(localFolder: string): Promise<void> {
  const what = `read the folder '${localFolder}'`;
  const stat = await attempt(what, () => fs.stat(localFolder), 'read');
  if (!stat.isDirectory()) throw invalidParameter(`Cannot ${what}: it is a file; use logArtifact.`);
}

/** Relative paths of all files below a folder; links are followed, except to a folder that they lie in. */
export async function filesIn(folder: string, above: readonly string[] = []): Promise<string[]> {
  const here = await attempt(`read the folder '${folder}'`, () => fs.realpath(folder), 'read');
  if (above.includes(here)) return [];
  const names = await attempt(`read the folder '${folder}'`, () => fs.readdir(folder), 'read');
  const files: string[] = [];
  for (const name of names) {
    const stat = await attempt(`log the file '${join(folder, name)}'`, () => fs.stat(join(folder, name)), 'read');
    if (!stat.isDirectory()) files.push(name);
    else for (const file of await filesIn(join(folder, name), [...above, here])) files.push(join(name, file));
  }
  return files;
}
