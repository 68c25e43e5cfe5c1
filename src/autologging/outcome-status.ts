import type { RunStatus } from '../entities/run.ts';

/**
 * Status of a run whose training has failed: KILLED when the program itself has called it off, by an `AbortSignal` or as
 * such, which MLflow calls "killed by user"; else FAILED.
 */
export function statusOfFailure(error: unknown): RunStatus {
  return nameOf(error) === 'AbortError' ? 'KILLED' : 'FAILED';
}

function nameOf(error: unknown): unknown {
  try {
    return (error as { readonly name?: unknown } | null | undefined)?.name;
  } catch {
    // A getter or proxy of the program's that throws.
    return undefined;
  }
}
