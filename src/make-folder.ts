import fs from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder, and those above it that are missing, where it does not exist.
 *
 * Node's own `recursive` does not return where a system answers ENOENT below a folder that exists, as Linux does in
 * /proc (seen in Node 20 to 24).
 *
 * @throws what `fs.mkdirSync` throws, EEXIST or ENOTDIR where a file is in the way.
 */
export function makeFolder(folder: string, mode: number = 0o777): void {
  try {
    fs.mkdirSync(folder, { mode });
  } catch (error) {
    if (isFolder(folder)) return;
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || isFolder(dirname(folder))) throw error;
    makeFolder(dirname(folder), mode);
    makeFolder(folder, mode);
  }
}

function isFolder(path: string): boolean {
  return fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
