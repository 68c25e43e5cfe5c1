import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** A file that holds one line of code has room for no more, bytes. */
const MAX_SIZE_BYTES = 300;

const REEXPORT =
  /^\s*(?:export \* from\s*(['"])(\.{1,2}\/[^'"]+)\1|module\.exports\s*=\s*require\((['"])(\.{1,2}\/[^'"]+)\3\));?\s*$/;

/**
 * Finds the file that an entry file does nothing but hand on, else returns the entry file itself.
 *
 * Such entry files stand at the root of a package for resolvers without `exports`. The package itself imports the files
 * behind them, so that a program may never load the entry of a module that it uses (@langchain/core 0.3: a chain runs
 * without anyone importing `callbacks/manager`).
 */
export function followReexport(file: string): string {
  if (statSync(file).size > MAX_SIZE_BYTES) return file;
  const found = REEXPORT.exec(readFileSync(file, 'utf8'));
  const specifier = found?.[2] ?? found?.[4];
  const target = specifier === undefined ? undefined : path.join(path.dirname(file), specifier);
  return target !== undefined && existsSync(target) ? target : file;
}
