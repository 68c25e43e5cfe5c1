import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/** More files of a program are not read. */
const MAX_FILES = 500;

/**
 * Tells whether a program turns autologging on by itself, as far as its text shows: it names this package, or one of its
 * own files does, found by their relative imports.
 */
export function enablesAutolog(script: string): boolean {
  const files = [script];
  for (let i = 0; i < files.length && i < MAX_FILES; i++) {
    const file = files[i] as string;
    const text = readText(file);
    const specifiers = [...text.matchAll(/\b(?:from|import|require)\s*\(?\s*['"`]([^'"`]+)['"`]/g)].map(
      ([, specifier]) => `${specifier}`,
    );
    if (specifiers.some((each) => /^autolog(\/(?!integration|testing)|$)/.test(each))) return true;
    for (const specifier of specifiers.filter((each) => each.startsWith('.'))) {
      const found = resolveRelative(file, specifier);
      if (found !== null && !files.includes(found)) files.push(found);
    }
  }
  return /autolog\/register/.test(process.env.NODE_OPTIONS ?? '');
}

/** Folder `dist/src` of the autolog package that a script would import; undefined where it has none. */
export function packageFolderFor(script: string): string | undefined {
  try {
    const manifest = createRequire(script).resolve('autolog/package.json');
    const folder = path.join(path.dirname(manifest), 'dist', 'src');
    return fs.existsSync(path.join(folder, 'cli', 'doctor', 'diagnose-process.js')) ? folder : undefined;
  } catch {
    // MODULE_NOT_FOUND: it is not installed there.
    return undefined;
  }
}

function resolveRelative(from: string, specifier: string): string | null {
  const base = path.resolve(path.dirname(from), specifier);
  const candidates = [base, ...['.ts', '.js', '.mjs', '.cjs', '.mts', '.cts'].map((end) => base + end)];
  const typed = base.replace(/\.([mc]?)js$/, '.$1ts');
  const indexes = ['index.ts', 'index.js'].map((name) => path.join(base, name));
  return [...candidates, typed, ...indexes].find((each) => isFile(each)) ?? null;
}

function readText(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    // The program itself will say so.
    return '';
  }
}

function isFile(file: string): boolean {
  return fs.statSync(file, { throwIfNoEntry: false })?.isFile() === true;
}
