import { clearTimeout, setTimeout } from 'node:timers';
import { reportFailure } from '../../failures.ts';
import { entryFiles, packageNameOf } from './entry-files.ts';
import { findLoadedCommonJs } from './find-loaded.ts';
import { installedCopies } from './installed-copies.ts';
import { isEsModuleFile } from './manifest.ts';
import { ensureRequireHook } from './require-hook.ts';
import { sharedState } from './shared-state.ts';
import { currentTier, reasonOfMissedCalls } from './tier.ts';

/** Bun is looked through after 1, 2, 4 … 2048 ms. */
const LOOK_COUNT = 12;

let timer: ReturnType<typeof setTimeout> | undefined;

/**
 * Follows loading in Bun, which has neither module channels nor load hooks that leave modules alone: `require` by the
 * hook, and what is imported, by looking through `require.cache`, where Bun lists ES modules too.
 *
 * In Deno the channels do it for CommonJS; its ES modules are out of reach.
 */
export function followForeignRuntime(): void {
  if (process.versions.bun === undefined) return;
  ensureRequireHook();
  clearTimeout(timer);
  look(0);
}

/** Why copies that are imported cannot be seen in this runtime at all; undefined where they can, or there are none. */
export function reasonOfBlindness(specifiers: readonly string[]): string | undefined {
  if (currentTier() === 'none') {
    return 'nothing is logged, because autolog is loaded by require of ES modules; leave out --no-experimental-require-module';
  }
  if (process.versions.deno === undefined || !specifiers.some(hasEsModules)) return undefined;
  return 'copies that are imported are not logged, because Deno tells nothing of its ES modules; pass them by autolog({ modules }), or load them by require';
}

function look(count: number): void {
  if (count === LOOK_COUNT || sharedState().watches.size === 0) return;
  timer = setTimeout(() => {
    try {
      findLoadedCommonJs(reasonOfMissedCalls());
    } catch (error) {
      reportFailure('search for loaded modules', error);
    }
    look(count + 1);
  }, 2 ** count);
  timer.unref();
}

function hasEsModules(specifier: string): boolean {
  return installedCopies(packageNameOf(specifier)).some((copy) =>
    entryFiles(copy, specifier).some(isEsModuleFile),
  );
}
