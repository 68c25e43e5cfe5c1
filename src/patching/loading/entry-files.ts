import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { followReexport } from './follow-reexport.ts';
import type { Manifest } from './manifest.ts';

const filesOf = new WeakMap<Manifest, Map<string, readonly string[]>>();
const require = createRequire(import.meta.url);

/** Name of the package that a specifier belongs to: `@langchain/core` of `@langchain/core/callbacks/manager`. */
export function packageNameOf(specifier: string): string {
  const [first = '', second = ''] = specifier.split('/', 2);
  return first.startsWith('@') ? `${first}/${second}` : first;
}

/**
 * Lists the files of a copy that `import` and `require` of the specifier lead to, each once, past entry files that only
 * hand on another; empty where it has none.
 */
export function entryFiles(copy: Manifest, specifier: string): readonly string[] {
  const known = filesOf.get(copy) ?? new Map<string, readonly string[]>();
  filesOf.set(copy, known);
  let files = known.get(specifier);
  if (files === undefined) {
    files = findEntryFiles(copy, `.${specifier.slice(packageNameOf(specifier).length)}`);
    known.set(specifier, files);
  }
  return files;
}

function findEntryFiles(copy: Manifest, subpath: string): readonly string[] {
  const { exports } = copy.content;
  const candidates =
    exports === undefined || exports === null
      ? legacyCandidates(copy, subpath)
      : exportedCandidates(copy, subpath);
  const files = candidates
    .map((candidate) => path.join(copy.root, candidate))
    .filter(isFile)
    .map(followReexport);
  return [...new Set(files)];
}

function exportedCandidates(copy: Manifest, subpath: string): string[] {
  const found: string[] = [];
  for (const asRequire of [false, true]) {
    try {
      const targets = plainTarget(copy, subpath, asRequire) ?? targetsOf(copy, subpath, asRequire);
      // Node takes the first target of a list that is well-formed, whether it exists or not.
      found.push(...targets.slice(0, 1));
    } catch {
      // The package does not export this path under these conditions: nobody can load it that way.
    }
  }
  return found;
}

/** Follows the usual form, which names the path itself and nests plain conditions; undefined for any other. */
function plainTarget(copy: Manifest, subpath: string, asRequire: boolean): string[] | undefined {
  let target = (copy.content.exports as Record<string, unknown>)[subpath];
  while (typeof target === 'object' && target !== null && !Array.isArray(target)) {
    const condition = Object.keys(target).find(
      (name) => CONDITIONS.has(name) || name === (asRequire ? 'require' : 'import'),
    );
    target = condition === undefined ? undefined : (target as Record<string, unknown>)[condition];
  }
  return typeof target === 'string' ? [target] : undefined;
}

const CONDITIONS: ReadonlySet<string> = new Set(['node', 'default', 'node-addons', 'module-sync']);

/** To load the whole grammar of `exports` takes a millisecond. */
function targetsOf(copy: Manifest, subpath: string, asRequire: boolean): string[] {
  const resolver: typeof import('resolve.exports') = require('resolve.exports');
  const options = { require: asRequire, conditions: ['node-addons', 'module-sync'] };
  return resolver.exports(copy.content, subpath, options) ?? [];
}

/** Source: https://nodejs.org/api/modules.html#all-together (LOAD_AS_FILE, LOAD_AS_DIRECTORY), read at Node 24. */
function legacyCandidates(copy: Manifest, subpath: string): string[] {
  const { main } = copy.content;
  const base = subpath === '.' ? (typeof main === 'string' ? main : 'index.js') : subpath;
  const candidates = [base, `${base}.js`, path.join(base, 'index.js')];
  if (subpath === '.') candidates.push('index.js');
  const first = candidates.find((candidate) => isFile(path.join(copy.root, candidate)));
  return first === undefined ? [] : [first];
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true;
}
