import { readFileSync } from 'node:fs';
import { AutologError } from './errors.ts';

/** Stands in every module that webpack has bundled, and nowhere else. */
declare const __webpack_require__: unknown;

/** Version of this package. */
export const VERSION: string = readOwnVersion();

/**
 * Second import of the entry points: what is loaded when it is needed stands in files of its own, which a bundle has
 * left behind, so that this package inside of one gets a sentence instead of a missing module.
 */
function readOwnVersion(): string {
  // In a bundle that is CommonJS there is no such address, and in one of webpack's it is that of the file at its build.
  const url: string | undefined = import.meta.url;
  if (url !== undefined && typeof __webpack_require__ === 'undefined') {
    try {
      const path = url.endsWith('.ts') ? '../package.json' : '../../package.json';
      // To require it would take a millisecond more.
      const { name, version } = JSON.parse(readFileSync(new URL(path, url), 'utf8'));
      if (name === 'autolog') return version;
    } catch {
      // ENOENT, or ERR_INVALID_URL_SCHEME where a runtime has no files: the same sentence says what to do.
    }
  }
  throw new AutologError(
    'INVALID_STATE',
    "Cannot load autolog from inside a bundle: the files that it loads when they are needed are not there; keep it out, as by `external: ['autolog']` (Next.js: `serverExternalPackages: ['autolog']`).",
  );
}
