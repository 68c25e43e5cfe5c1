import { inMicrotask } from '../../clock.ts';
import { reportFailure } from '../../failures.ts';
import { announceCached } from './find-loaded.ts';
import { sharedState } from './shared-state.ts';
import { watchedPath } from './watched-files.ts';

const expected = new Set<string>();

/**
 * Expects a watched CommonJS file that is loaded as if it were imported.
 *
 * Node 22 loads so what a `.cts` program under `--import` requires: past `require` and its channel.
 */
export function expectCommonJs(url: string, format: string | null | undefined): void {
  if (format !== 'commonjs' || sharedState().specifiersOf.size === 0) return;
  attempt(() => {
    const file = watchedPath(url);
    if (file === null) return;
    if (expected.size === 0) inMicrotask(announceExpected);
    expected.add(file);
  });
}

/** Announces those that have run to their end; the rest is still expected. */
export function announceExpected(): void {
  if (expected.size === 0) return;
  attempt(() => {
    for (const file of expected) {
      if (announceCached(file, 'module.import')) expected.delete(file);
    }
  });
}

function attempt(task: () => void): void {
  try {
    task();
  } catch (error) {
    reportFailure('module hook of CommonJS files', error);
  }
}
