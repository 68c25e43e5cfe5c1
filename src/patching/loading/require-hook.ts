import { createRequire } from 'node:module';
import path from 'node:path';
import { reportFailure } from '../../failures.ts';
import { announce } from './announce.ts';
import { entryFiles, packageNameOf } from './entry-files.ts';
import { installedCopies } from './installed-copies.ts';
import { readManifest } from './manifest.ts';
import { installMeans, removeMeans } from './means.ts';
import { sharedState, watchedSpecifiers } from './shared-state.ts';

const require = createRequire(import.meta.url);

let hookedSpecifiers = '';

/**
 * Makes the hook stand for what is watched and installed now, in a runtime that does not tell of each `require` itself.
 *
 * Node does: there, the hook would take 5 ms to load, and have each path of the program resolved twice (20 ms for the
 * 154 files of openai).
 */
export function ensureRequireHook(): void {
  const watched = watchedSpecifiers();
  const key = watched.join('\n');
  if (key === hookedSpecifiers && sharedState().installed.has('require-in-the-middle')) return;
  if (!watched.some((specifier) => filesInSight(specifier).length > 0)) return;
  hookedSpecifiers = key;
  removeMeans('require-in-the-middle');
  installMeans('require-in-the-middle', () => installRequireHook(watched));
}

/**
 * Announces what is required of the specifiers; returns its undo.
 *
 * require-in-the-middle is given the files of the copies in sight by path, so that a package's own relative requires
 * are seen without its `internals` option, and the specifiers by name, for copies out of sight.
 */
function installRequireHook(specifiers: readonly string[]): () => void {
  const { Hook }: typeof import('require-in-the-middle') = require('require-in-the-middle');
  const files = specifiers.flatMap(filesInSight);
  const hook = new Hook([...files, ...specifiers], (exports, name, folder) => {
    try {
      const file = requiredFile(exports, candidates(files, name, folder));
      if (file !== undefined) announce(file, exports, 'require-in-the-middle');
    } catch (error) {
      reportFailure('module hook of require-in-the-middle', error);
    }
    return exports;
  });
  return () => hook.unhook();
}

function filesInSight(specifier: string): string[] {
  return installedCopies(packageNameOf(specifier)).flatMap((copy) => [...entryFiles(copy, specifier)]);
}

/** The hook tells a file given by path as its name without extension, and a specifier with its package's folder. */
function candidates(files: readonly string[], name: string, folder: string | undefined): readonly string[] {
  const byPath = files.filter((file) => {
    const { dir, name: stem } = path.parse(file);
    return dir === folder && stem === name;
  });
  const copy = folder === undefined ? null : readManifest(folder);
  return copy === null ? byPath : [...byPath, ...entryFiles(copy, name)];
}

function requiredFile(exports: unknown, files: readonly string[]): string | undefined {
  return files.find((file) => require.cache[file]?.exports === exports);
}
