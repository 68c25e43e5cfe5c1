import { pathToFileURL } from 'node:url';
import type { LoadedBy } from './loaded-module.ts';
import { isEsModuleFile } from './manifest.ts';
import { sharedState } from './shared-state.ts';
import { watchedFile } from './watched-files.ts';

/** What is known of a file beyond its exports. */
export interface AnnounceOptions {
  /** URL of the ES module where it is not the file's own, as with a query. */
  readonly url?: string;
  /** Why calls may have been missed. */
  readonly missed?: string | undefined;
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

function isExports(value: unknown): value is Readonly<Record<string, unknown>> {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
