import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** Tags of our own that name the installed packages: MLflow has none for a run's environment. */
const LOCK_FILE_TAGS = { name: 'autolog.lockFile.name', sha256: 'autolog.lockFile.sha256' } as const;

const LOCK_FILES = [
  'package-lock.json',
  'npm-shrinkwrap.json',
  'pnpm-lock.yaml',
  'yarn.lock',
  'bun.lock',
  'bun.lockb',
  'deno.lock',
] as const;

/** Larger ones are not read: it would take more than a few milliseconds. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Tags that name the lock file of a package manager, in a folder or above, and its content; none where there is none. */
export function readLockFileTags(folder: string): Record<string, string> {
  try {
    for (let here = resolve(folder); ; here = dirname(here)) {
      const name = LOCK_FILES.find((file) => isReadable(join(here, file)));
      if (name !== undefined) {
        // Not imported: it would be loaded with the package, which takes 10 ms.
        const { createHash } = process.getBuiltinModule('node:crypto');
        const sha256 = createHash('sha256')
          .update(readFileSync(join(here, name)))
          .digest('hex');
        return { [LOCK_FILE_TAGS.name]: name, [LOCK_FILE_TAGS.sha256]: sha256 };
      }
      if (here === dirname(here)) return {};
    }
  } catch {
    // EACCES and the like: a file that is not ours to read.
    return {};
  }
}

function isReadable(file: string): boolean {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat?.isFile() === true && stat.size <= MAX_BYTES;
}
