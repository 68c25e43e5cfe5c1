import { createRequire } from 'node:module';
import { AutologError } from './errors.ts';

const require = createRequire(import.meta.url);
const EXTENSION = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
// Bundlers take `new URL(…, import.meta.url)` for a file that they are to copy.
const BASE = import.meta.url;

/** Address of a file of this package, for whoever loads it by itself: a worker. `path` is as for `requireSource`. */
export function sourceUrl(path: string): URL {
  return new URL(`./${path}${EXTENSION}`, BASE);
}

const refusals = new WeakSet<object>();

/**
 * Loads a file of this package at the moment when it is needed, synchronously; `path` starts at `src/` and has no
 * extension. The build keeps each such file by itself (`rolldown.config.js` finds them by these calls).
 *
 * Keeps what a program may never need out of its start-up.
 *
 * @throws {AutologError} INVALID_STATE when the file was not deployed, or a sandbox refuses to load it.
 */
export function requireSource<Module>(path: string): Module {
  const file = `./${path}${EXTENSION}`;
  try {
    return require(file) as Module;
  } catch (error) {
    const reason = reasonOf(error, file);
    if (reason === undefined) throw error;
    const message = `Cannot load ${path.replace('../', '')}${EXTENSION} of autolog: ${reason}`;
    const refusal = new AutologError('INVALID_STATE', message, { cause: error });
    refusals.add(refusal);
    throw refusal;
  }
}

/** Tells whether an error means that files of this package cannot be loaded here at all. */
export function isRefusedSource(error: unknown): boolean {
  return typeof error === 'object' && error !== null && refusals.has(error);
}

function reasonOf(error: unknown, file: string): string | undefined {
  const { code, message, name } = (error ?? {}) as { code?: unknown; message?: unknown; name?: unknown };
  if (code === 'MODULE_NOT_FOUND' && String(message).includes(file)) {
    return 'the file was not deployed; deploy the whole folder node_modules/autolog, and the packages that it depends on.';
  }
  // Of vitest 4's pools `vmThreads` and `vmForks`, which take every file that is required for CommonJS.
  if (name === 'SyntaxError') {
    return 'this sandbox cannot require ES modules, and nothing is logged in it; use another (vitest: pool `forks` or `threads`).';
  }
  return undefined;
}
