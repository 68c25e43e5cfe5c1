import fs from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { AutologError, invalidParameter } from '../errors.ts';
import { toFileError } from '../file-errors.ts';
import { makeFolder } from '../make-folder.ts';
import { randomHex } from '../random-id.ts';
import { validateArtifactFile, validateArtifactPath } from './artifact-path.ts';
import type { ArtifactInfo, ArtifactRepository } from './artifact-repository.ts';
import { attempt, filesIn, requireFile, requireFolder } from './local-files.ts';

/** Names of files that are still being written: hidden from `list`. */
const PARTIAL = /^\.autolog-[0-9a-f]{12}\.partial$/;

/** For their owner only, as what is in them may be: inputs of model calls, tables of data. */
const FOLDER_MODE = 0o700;

/** Keeps artifacts in a local folder, which is made when the first file comes. */
export class FileRepository implements ArtifactRepository {
  readonly uri: string;
  readonly #root: string;

  constructor(uri: string, root: string) {
    this.uri = uri;
    this.#root = resolve(root);
  }

  async logFile(localPath: string, folder = ''): Promise<void> {
    const target = join(validateArtifactPath(folder), basename(localPath));
    await requireFile(localPath);
    await this.#place(target, (partial) => fs.copyFile(localPath, partial, fs.constants.COPYFILE_FICLONE));
  }

  async logFolder(localFolder: string, folder = ''): Promise<void> {
    const target = validateArtifactPath(folder);
    await requireFolder(localFolder);
    for (const file of await filesIn(localFolder)) {
      await this.logFile(
        join(localFolder, file),
        join(target, dirname(file)).split(sep).join('/').replace(/^\.$/, ''),
      );
    }
  }

  async logContent(path: string, content: string | Uint8Array): Promise<void> {
    const file = validateArtifactFile(path);
    if (typeof content !== 'string' && !(content instanceof Uint8Array)) {
      throw invalidParameter(
        `Cannot write the artifact '${path}': its content is ${typeof content}; pass a string or bytes.`,
      );
    }
    await this.#place(file, (partial) => fs.writeFile(partial, content));
  }

  async writeFolder(folder: string, fill: (localFolder: string) => Promise<void>): Promise<void> {
    const target = join(this.#root, validateArtifactPath(folder));
    const partial = join(dirname(target), partialName());
    try {
      await attempt(`make the folder '${target}'`, async () => makeFolder(partial, FOLDER_MODE));
      await fill(partial);
      await attempt(`write '${target}'`, () => this.#moveFolder(partial, target, folder));
    } finally {
      await fs.rm(partial, { recursive: true, force: true });
    }
  }

  async list(folder = ''): Promise<readonly ArtifactInfo[]> {
    const path = validateArtifactPath(folder);
    const entries = await readEntries(join(this.#root, path));
    const infos = entries
      .filter((entry) => !PARTIAL.test(entry.name))
      .map(async (entry): Promise<ArtifactInfo> => {
        const { size } = await fs.stat(join(this.#root, path, entry.name));
        const isFolder = entry.isDirectory();
        return {
          path: path === '' ? entry.name : `${path}/${entry.name}`,
          isFolder,
          sizeBytes: isFolder ? null : size,
        };
      });
    return (await Promise.all(infos)).sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  async download(path: string, destination?: string): Promise<string> {
    const source = join(this.#root, validateArtifactPath(path));
    await this.#require(source, path);
    if (destination === undefined) return source;
    const target = join(destination, relative(this.#root, source));
    await attempt(`copy '${source}' to '${target}'`, async () => {
      makeFolder(dirname(target));
      await fs.cp(source, target, { recursive: true, filter: (from) => !PARTIAL.test(basename(from)) });
    });
    return target;
  }

  async openRead(path: string): Promise<Readable> {
    const file = join(this.#root, validateArtifactFile(path));
    await this.#require(file, path);
    const handle = await attempt(`read '${file}'`, () => fs.open(file, 'r'), 'read');
    return handle.createReadStream();
  }

  async delete(path = ''): Promise<void> {
    const target = join(this.#root, validateArtifactPath(path));
    await attempt(`delete '${target}'`, () => fs.rm(target, { recursive: true, force: true }));
  }

  /** Writes beside the target and renames, so that nobody sees a part of a file. */
  async #place(path: string, write: (partial: string) => Promise<void>): Promise<void> {
    const target = join(this.#root, path);
    const partial = join(dirname(target), partialName());
    await attempt(`write the artifact '${target}'`, async () => {
      try {
        makeFolder(dirname(target), FOLDER_MODE);
        await write(partial);
        await fs.rename(partial, target);
      } catch (error) {
        await fs.rm(partial, { force: true });
        throw error;
      }
    });
  }

  async #moveFolder(partial: string, target: string, folder: string): Promise<void> {
    try {
      await fs.rename(partial, target);
    } catch (error) {
      // Where files are already, the new ones join them.
      if (!['ENOTEMPTY', 'EEXIST', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
      await this.logFolder(partial, folder);
    }
  }

  async #require(file: string, path: string): Promise<void> {
    try {
      await fs.access(file);
    } catch (error) {
      const message = `Cannot read the artifact '${path}' in '${this.#root}': there is none of this name; list the artifacts.`;
      throw new AutologError('RESOURCE_DOES_NOT_EXIST', message, { cause: error });
    }
  }
}

function partialName(): string {
  return `.autolog-${randomHex(6)}.partial`;
}

async function readEntries(folder: string) {
  try {
    return await fs.readdir(folder, { withFileTypes: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw toFileError(`list '${folder}'`, error, 'read');
  }
}
