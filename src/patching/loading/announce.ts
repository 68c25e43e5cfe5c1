import { pathToFileURL } from 'node:url';
import { entryFiles } from './entry-files.ts';
import { aliasTarget } from './installed-copies.ts';
import type { LoadedBy } from './loaded-module.ts';
import { installedFolder, isEsModuleFile, type Manifest, packageOf } from './manifest.ts';
import { sharedState } from './shared-state.ts';

/** A file that a watched specifier leads to. */
export interface WatchedFile {
  readonly specifiers: readonly string[];
  readonly copy: Manifest;
}

/** What is known of a file beyond its exports. */
export interface AnnounceOptions {
  /** URL of the ES module where it is not the file's own, as with a query. */
  readonly url?: string;
  /** Why calls may have been missed. */
  readonly missed?: string | undefined;
}

/** Tells whether a watched package is installed under this name. */
export function isWatchedName(folderName: string): boolean {
  const { specifiersOf } = sharedState();
  return specifiersOf.has(folderName) || specifiersOf.has(aliasTarget(folderName));
}

/** Tells whether a file belongs to a watched package. */
export function isInWatchedPackage(file: string): boolean {
  return watchedCopy(file) !== null;
}

/** Tells which watched specifiers lead to a file; null for the many files that none does. */
export function watchedFile(file: string): WatchedFile | null {
  const copy = watchedCopy(file);
  const watched = sharedState().specifiersOf.get(copy?.name ?? '');
  if (copy === null || watched === undefined) return null;
  const specifiers = [...watched].filter((specifier) => entryFiles(copy, specifier).includes(file));
  return specifiers.length === 0 ? null : { specifiers, copy };
}

/**
 * Tells every watch of a file that it is loaded; files that nobody watches are ignored.
 */
export function announce(
  file: string,
  exports: unknown,
  how: LoadedBy,
  { url, missed }: AnnounceOptions = {},
): void {
  const found = watchedFile(file);
  if (found === null || !isExports(exports)) return;
  const { watches, seen, loadedUrls } = sharedState();
  const { root, version } = found.copy;
  const isEsModule = isEsModuleFile(file);
  const ownUrl = pathToFileURL(file).href;
  const isWrapped = (seen.get(file)?.how ?? how) === 'import-in-the-middle';
  if (isEsModule && !isWrapped) loadedUrls.add(ownUrl);
  for (const watch of [...watches]) {
    const specifier = watch.specifiers.find((watched) => found.specifiers.includes(watched));
    if (specifier === undefined || !watches.has(watch)) continue;
    if (!seen.has(file)) seen.set(file, { specifier, version, how });
    const module = {
      specifier,
      exports,
      packageRoot: root,
      version,
      how,
      ...(missed !== undefined && { missed }),
    };
    watch.receive(module, isEsModule ? (url ?? ownUrl) : null);
  }
}

/** The names of folders sort most files out, so that few packages' descriptions are ever read. */
function watchedCopy(file: string): Manifest | null {
  const folderName = installedFolder(file)?.name;
  if (folderName !== undefined && !isWatchedName(folderName)) return null;
  const copy = packageOf(file);
  return copy?.name && sharedState().specifiersOf.has(copy.name) ? copy : null;
}

function isExports(value: unknown): value is Readonly<Record<string, unknown>> {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
