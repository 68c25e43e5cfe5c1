import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const EXTENSION = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

/**
 * Loads a file of this package at the moment when it is needed, synchronously; `path` starts at `src/` and has no
 * extension. The build keeps each such file by itself (`rolldown.config.js` lists them).
 *
 * Keeps what a program may never need out of its start-up.
 */
export function requireSource<Module>(path: string): Module {
  return require(`./${path}${EXTENSION}`) as Module;
}
