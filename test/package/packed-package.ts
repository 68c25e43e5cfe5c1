import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Root of the repository. */
export const ROOT = path.resolve(import.meta.dirname, '../..');

/** What `npm pack` made. */
export interface PackedPackage {
  /** Path of the .tgz file. */
  readonly file: string;
  /** Paths inside the package, with `/`, sorted. */
  readonly names: readonly string[];
  readonly packedSizeBytes: number;
}

/**
 * Packs the built package into a folder, as `npm publish` would.
 *
 * @throws {Error} when the package has not been built.
 */
export async function packPackage(folder: string): Promise<PackedPackage> {
  if (!fs.existsSync(path.join(ROOT, 'dist/src/index.js'))) {
    throw new Error(`Cannot pack ${ROOT}: dist/src/index.js is missing; run \`npm run build\` first.`);
  }
  // The build has just run, as the first half of `npm test`: running it again would only race with other tests.
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const { stdout } = await execute('npm', args, { cwd: ROOT });
  const packed = firstEntry(JSON.parse(stdout));
  return {
    file: path.join(folder, packed.filename),
    names: packed.files.map((file) => file.path).sort(),
    packedSizeBytes: packed.size,
  };
}

/** Installs a packed package, with its dependencies, into a folder that becomes an empty project around it. */
export async function installPackage(tarball: string, folder: string): Promise<void> {
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "name": "program", "private": true }\n');
  const args = ['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', tarball];
  await execute('npm', args, { cwd: folder });
}

interface PackEntry {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

/** npm 11 lists the packages in an array, npm 12 in an object by name. */
function firstEntry(output: readonly PackEntry[] | Record<string, PackEntry>): PackEntry {
  const [entry] = Object.values(output);
  if (!entry) throw new Error('npm pack packed nothing');
  return entry;
}
