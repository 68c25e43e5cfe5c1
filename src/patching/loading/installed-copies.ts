import { existsSync, readdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { type Manifest, readManifest } from './manifest.ts';
import { placesInArchives } from './plug-and-play.ts';

/** What can be found from the working folder and the main script without loading anything. */
interface Surroundings {
  readonly cwd: string;
  /** Every node_modules folder in sight, with those one level inside. */
  readonly folders: readonly string[];
  /** Folders of pnpm's store, where each version of a package has an entry. */
  readonly stores: readonly { readonly path: string; readonly entries: readonly string[] }[];
  /** Real package name of each alias that a project declares as `npm:name@range`. */
  readonly aliases: ReadonlyMap<string, string>;
  /** Copies of each package that was asked for. */
  readonly copies: Map<string, readonly Manifest[]>;
}

let current: Surroundings | null = null;
const mainFolder = folderOfMainScript();

/** Lists the installed copies of a package that this program could load, nested, linked and aliased ones too. */
export function installedCopies(packageName: string): readonly Manifest[] {
  const surroundings = lookAround();
  const known = surroundings.copies.get(packageName);
  if (known !== undefined) return known;
  const copies = new Map<string, Manifest>();
  for (const place of placesOf(packageName, surroundings)) {
    const root = realFolder(place);
    const manifest = root === null ? null : readManifest(root);
    if (manifest !== null) copies.set(manifest.root, manifest);
  }
  const found = [...copies.values()];
  surroundings.copies.set(packageName, found);
  return found;
}

/** Name of the package that lies in a folder of this name: an alias stands for the package it was declared for. */
export function aliasTarget(folderName: string): string {
  return lookAround().aliases.get(folderName) ?? folderName;
}

/** Looks again only when the program has changed its working folder. */
function lookAround(): Surroundings {
  const cwd = process.cwd();
  if (current?.cwd !== cwd) current = survey(cwd);
  return current;
}

function placesOf(packageName: string, { folders, stores, aliases }: Surroundings): string[] {
  const names = [packageName];
  for (const [alias, target] of aliases) if (target === packageName) names.push(alias);
  const places = folders.flatMap((folder) => names.map((name) => `${folder}${path.sep}${name}`));
  const prefix = `${packageName.replace('/', '+')}@`;
  for (const store of stores) {
    const entries = store.entries.filter((entry) => entry.startsWith(prefix));
    places.push(...entries.map((entry) => path.join(store.path, entry, 'node_modules', packageName)));
  }
  places.push(...placesInArchives(packageName));
  return places;
}

function folderOfMainScript(): string | null {
  const script = process.argv[1];
  return script === undefined ? null : path.dirname(realFolder(script) ?? script);
}

function survey(cwd: string): Surroundings {
  const bases = mainFolder === null ? [cwd] : [cwd, mainFolder];
  const folders = new Set<string>();
  const stores: { path: string; entries: string[] }[] = [];
  const aliases = new Map<string, string>();
  for (const project of new Set(bases.flatMap(foldersUpward))) {
    const folder = path.join(project, 'node_modules');
    const entries = entriesOf(folder);
    if (entries.length === 0 && process.versions.pnp === undefined) continue;
    folders.add(folder);
    for (const nested of nestedFolders(folder, entries)) folders.add(nested);
    if (entries.includes('.pnpm')) {
      const store = path.join(folder, '.pnpm');
      stores.push({ path: store, entries: entriesOf(store) });
    }
    for (const [alias, target] of declaredAliases(project)) aliases.set(alias, target);
  }
  return { cwd, folders: [...folders], stores, aliases, copies: new Map() };
}

function foldersUpward(start: string): string[] {
  const parent = path.dirname(start);
  return parent === start ? [start] : [start, ...foldersUpward(parent)];
}

function nestedFolders(folder: string, entries: readonly string[]): string[] {
  const nested: string[] = [];
  for (const entry of entries) {
    if (entry.startsWith('.')) continue;
    // Hundreds of packages are asked: path.join and closures would make it four times as long.
    const inside = `${folder}${path.sep}${entry}`;
    if (entry.startsWith('@')) nested.push(...nestedFolders(inside, entriesOf(inside)));
    else if (existsSync(`${inside}${path.sep}node_modules`)) nested.push(`${inside}${path.sep}node_modules`);
  }
  return nested;
}

function* declaredAliases(project: string): Generator<[string, string]> {
  const content = readManifest(project)?.content;
  for (const field of ['dependencies', 'devDependencies', 'optionalDependencies']) {
    const declared = content?.[field];
    if (typeof declared !== 'object' || declared === null) continue;
    for (const [alias, range] of Object.entries(declared)) {
      const target = typeof range === 'string' ? /^npm:(@?[^@]+)/.exec(range)?.[1] : undefined;
      if (target !== undefined) yield [alias, target];
    }
  }
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // ENOENT, ENOTDIR or EACCES: nothing is installed here for this process.
    return [];
  }
}

function realFolder(place: string): string | null {
  if (!existsSync(place)) return null;
  try {
    return realpathSync.native(place);
  } catch {
    // EACCES on a folder above, or removed meanwhile: not there for this process.
    return null;
  }
}
