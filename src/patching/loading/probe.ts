import { createRequire } from 'node:module';
import { currentTier } from './tier.ts';

const require = createRequire(import.meta.url);

/** Whether Node has loaded an ES module, learned without loading it. */
export type ProbeOutcome =
  | { readonly state: 'loaded'; readonly exports: unknown }
  | { readonly state: 'absent' }
  /** Linked but not evaluated, being loaded, or waiting at a top-level await: `import()` of it settles later. */
  | { readonly state: 'pending' }
  | { readonly state: 'failed'; readonly error: unknown };

/** Asks for one file; never loads it and never throws. */
export type Probe = (file: string) => ProbeOutcome;

/** Text that no parser takes: where Node compiles it, the file was not loaded, and nothing is cached. */
export const UNPARSABLE = 'autolog probe';

/** Requires a file of which Node has the answer, and leaves no entry in `require.cache` that was not there. */
export function requireWithoutTrace(file: string): unknown {
  const wasCached = require.cache[file] !== undefined;
  try {
    return require(file);
  } finally {
    if (!wasCached) delete require.cache[file];
  }
}

/** Calls what answers with the namespace of a loaded ES module, and reads the answer. */
export function readOutcome(load: () => unknown): ProbeOutcome {
  try {
    const exports = load();
    return isEvaluated(exports) ? { state: 'loaded', exports } : { state: 'pending' };
  } catch (error) {
    return readError(error);
  }
}

function readError(error: unknown): ProbeOutcome {
  if (!(error instanceof Error)) return { state: 'failed', error };
  if (error.name === 'SyntaxError') return { state: 'absent' };
  const code = 'code' in error ? error.code : undefined;
  const isPending =
    code === 'ERR_REQUIRE_ASYNC_MODULE' ||
    code === 'ERR_REQUIRE_ESM_RACE_CONDITION' ||
    code === 'ERR_REQUIRE_CYCLE_MODULE' ||
    // Early Node 22 and 24 say so of a module that import() is still loading.
    (code === 'ERR_INTERNAL_ASSERTION' && /module status|not yet fully loaded/.test(error.message)) ||
    // Node 22.15 and 24.0 hand out linked modules before they are evaluated: no binding can be read yet.
    error instanceof ReferenceError;
  return isPending ? { state: 'pending' } : { state: 'failed', error };
}

/** Some of those early namespaces can be read, and have no value in them but function declarations. */
function isEvaluated(exports: unknown): boolean {
  if (typeof exports !== 'object' || exports === null) return false;
  return currentTier() !== 'limited' || !Object.values(exports).includes(undefined);
}
