import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { announce } from './announce.ts';
import { chooseProbe } from './choose-probe.ts';
import { entryFiles, packageNameOf } from './entry-files.ts';
import { installedCopies } from './installed-copies.ts';
import type { LoadedBy } from './loaded-module.ts';
import { isEsModuleFile } from './manifest.ts';
import type { ProbeOutcome } from './probe.ts';
import { sharedState } from './shared-state.ts';
import { reasonOfMissedCalls } from './tier.ts';

const require = createRequire(import.meta.url);

/** Announces every loaded CommonJS copy of what is watched: `require.cache` lists them all. */
export function findLoadedCommonJs(missed?: string): void {
  for (const file of Object.keys(require.cache)) announceCached(file, 'require.cache', missed);
}

/** Announces a file if `require.cache` holds it and it has run to its end; returns false if not so. */
export function announceCached(file: string, how: LoadedBy, missed?: string): boolean {
  const module = require.cache[file];
  if (!module?.loaded) return false;
  announce(file, module.exports, how, { missed });
  return true;
}

/** Announces the installed ES module copies of the specifiers that are loaded, at once or when they have settled. */
export function findLoadedEsModules(specifiers: readonly string[]): void {
  probeFiles(specifiers.flatMap(installedEsModules));
}

/**
 * The same for files that no watch has been told of yet.
 *
 * @param missed why calls may have been made before now.
 */
export function findNewEsModules(specifiers: readonly string[], how: LoadedBy, missed?: string): void {
  const { seen } = sharedState();
  probeFiles(
    specifiers.flatMap(installedEsModules).filter((file) => !seen.has(file)),
    how,
    missed,
  );
}

function probeFiles(files: readonly string[], how?: LoadedBy, missed?: string): void {
  if (files.length === 0) return;
  const chosen = chooseProbe();
  if (chosen === null) return;
  for (const file of new Set(files)) {
    takeOutcome(file, chosen.probe(file), how ?? chosen.how, missed);
  }
}

function installedEsModules(specifier: string): string[] {
  return installedCopies(packageNameOf(specifier)).flatMap((copy) =>
    entryFiles(copy, specifier).filter(isEsModuleFile),
  );
}

function takeOutcome(file: string, outcome: ProbeOutcome, how: LoadedBy, missed?: string): void {
  const { loadedUrls, pendingUrls } = sharedState();
  const url = pathToFileURL(file).href;
  if (outcome.state === 'loaded') {
    announce(file, outcome.exports, how, { missed: pendingUrls.has(url) ? reasonOfMissedCalls() : missed });
  } else if (outcome.state === 'pending' && !pendingUrls.has(url)) {
    loadedUrls.add(url);
    pendingUrls.add(url);
    void awaitModule(file, url, how);
  }
}

async function awaitModule(file: string, url: string, how: LoadedBy): Promise<void> {
  try {
    announce(file, await import(url), how, { missed: reasonOfMissedCalls() });
  } catch {
    // The module throws while it loads: the program's own import of it gets that error.
  } finally {
    sharedState().pendingUrls.delete(url);
  }
}
