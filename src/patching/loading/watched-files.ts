import { fileURLToPath } from 'node:url';
import { entryFiles } from './entry-files.ts';
import { aliasTarget, installedCopies } from './installed-copies.ts';
import { installedFolder, type Manifest, packageOf } from './manifest.ts';
import { sharedState } from './shared-state.ts';

/** A file that a watched specifier leads to. */
export interface WatchedFile {
  readonly specifiers: readonly string[];
  readonly copy: Manifest;
}

/** What was found out of files: each is asked for by all its importers, five times in openai. */
interface Findings {
  readonly specifiersOf: ReadonlyMap<string, ReadonlySet<string>>;
  readonly cwd: string;
  readonly copies: Map<string, Manifest | null>;
  readonly files: Map<string, WatchedFile | null>;
  readonly urls: Map<string, string | null>;
}

let findings: Findings | null = null;

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
  return remember(current().files, file, findWatchedFile);
}

/** The path of the watched file at a URL; null for any other URL. */
export function watchedPath(url: string): string | null {
  return remember(current().urls, url, findWatchedPath);
}

/** Lists the watched files of the package that a file belongs to. */
export function watchedFilesAround(file: string): readonly string[] {
  const copy = watchedCopy(file);
  return copy === null ? [] : watchedFilesOf(copy);
}

/** Lists the watched files of the copies in sight that are installed under this name. */
export function watchedFilesInSight(folderName: string): readonly string[] {
  return installedCopies(aliasTarget(folderName)).flatMap(watchedFilesOf);
}

/** Aliases are declared where the program works, and may be others elsewhere. */
function current(): Findings {
  const { specifiersOf } = sharedState();
  const cwd = process.cwd();
  if (findings?.specifiersOf !== specifiersOf || findings.cwd !== cwd) {
    findings = { specifiersOf, cwd, copies: new Map(), files: new Map(), urls: new Map() };
  }
  return findings;
}

function remember<Found>(known: Map<string, Found>, key: string, find: (key: string) => Found): Found {
  let found = known.get(key);
  if (found === undefined) {
    found = find(key);
    known.set(key, found);
  }
  return found;
}

function findWatchedPath(url: string): string | null {
  if (!url.startsWith('file:')) return null;
  const file = fileURLToPath(url);
  return watchedFile(file) === null ? null : file;
}

function findWatchedFile(file: string): WatchedFile | null {
  const copy = watchedCopy(file);
  const watched = sharedState().specifiersOf.get(copy?.name ?? '');
  if (copy === null || watched === undefined) return null;
  const specifiers = [...watched].filter((specifier) => entryFiles(copy, specifier).includes(file));
  return specifiers.length === 0 ? null : { specifiers, copy };
}

function watchedCopy(file: string): Manifest | null {
  return remember(current().copies, file, findWatchedCopy);
}

/** The names of folders sort most files out, so that few packages' descriptions are ever read. */
function findWatchedCopy(file: string): Manifest | null {
  const folderName = installedFolder(file)?.name;
  if (folderName !== undefined && !isWatchedName(folderName)) return null;
  const copy = packageOf(file);
  return copy?.name && sharedState().specifiersOf.has(copy.name) ? copy : null;
}

function watchedFilesOf(copy: Manifest): readonly string[] {
  const watched = sharedState().specifiersOf.get(copy.name ?? '') ?? [];
  return [...watched].flatMap((specifier) => entryFiles(copy, specifier));
}
