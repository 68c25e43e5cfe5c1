import { readFileSync } from 'node:fs';
import path from 'node:path';

/** A package.json and the folder it lies in. */
export interface Manifest {
  readonly root: string;
  readonly name: string | null;
  readonly version: string | null;
  readonly content: Readonly<Record<string, unknown>>;
}

const inFolder = new Map<string, Manifest | null>();
const packageAbove = new Map<string, Manifest | null>();

/** Reads the package.json of a folder; null where there is none, or an unreadable one. */
export function readManifest(folder: string): Manifest | null {
  const known = inFolder.get(folder);
  if (known !== undefined) return known;
  const manifest = parseManifest(folder);
  inFolder.set(folder, manifest);
  return manifest;
}

/** Finds the package that a file belongs to: the nearest package.json that has a name and a version. */
export function packageOf(file: string): Manifest | null {
  const installed = installedFolder(file);
  return installed === null ? nearestPackage(path.dirname(file)) : readManifest(installed.folder);
}

/** Splits the path of an installed file into its package's folder and that folder's name; null outside node_modules. */
export function installedFolder(file: string): { folder: string; name: string } | null {
  const marker = `${path.sep}node_modules${path.sep}`;
  const at = file.lastIndexOf(marker);
  if (at < 0) return null;
  const start = at + marker.length;
  let end = file.indexOf(path.sep, start);
  if (file[start] === '@' && end > 0) end = file.indexOf(path.sep, end + 1);
  if (end < 0) return null;
  return {
    folder: file.slice(0, end),
    name: file.slice(start, end).replaceAll(path.sep, '/'),
  };
}

/** Tells whether Node takes a file for an ES module, by its extension and the nearest package.json. */
export function isEsModuleFile(file: string): boolean {
  if (/\.m[jt]s$/.test(file)) return true;
  if (!/\.[jt]s$/.test(file)) return false;
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    const manifest = readManifest(folder);
    if (manifest !== null) return manifest.content.type === 'module';
    if (isTopmost(folder)) return false;
  }
}

function nearestPackage(folder: string): Manifest | null {
  const known = packageAbove.get(folder);
  if (known !== undefined) return known;
  const own = readManifest(folder);
  const found = own?.name && own.version ? own : isTopmost(folder) ? null : nearestPackage(path.dirname(folder));
  packageAbove.set(folder, found);
  return found;
}

function isTopmost(folder: string): boolean {
  return folder === path.dirname(folder) || path.basename(folder) === 'node_modules';
}

function parseManifest(root: string): Manifest | null {
  try {
    const content: unknown = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
    if (typeof content !== 'object' || content === null) return null;
    const { name, version } = content as Record<string, unknown>;
    return {
      root,
      name: typeof name === 'string' ? name : null,
      version: typeof version === 'string' ? version : null,
      content: content as Record<string, unknown>,
    };
  } catch {
    // ENOENT, EACCES or broken JSON: no package that Node could load from here either.
    return null;
  }
}
