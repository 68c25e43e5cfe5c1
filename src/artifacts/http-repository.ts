import { createReadStream, createWriteStream } from 'node:fs';
import fs from 'node:fs/promises';
import os from 'node:os';
import { basename, dirname, join, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AutologError, invalidParameter } from '../errors.ts';
import { HttpClient } from '../http/http-client.ts';
import type { HttpTarget } from '../http/http-target.ts';
import { ServerError } from '../http/server-error.ts';
import { makeFolder } from '../make-folder.ts';
import { randomHex } from '../random-id.ts';
import { validateArtifactFile, validateArtifactPath } from './artifact-path.ts';
import type { ArtifactInfo, ArtifactRepository } from './artifact-repository.ts';
import { attempt, filesIn, requireFile, requireFolder } from './local-files.ts';

/** Where the files of a repository are on a server. */
export interface HttpRepositoryOptions {
  readonly uri: string;
  readonly target: HttpTarget;
  /** Path that files are read from and written to, as `/api/2.0/mlflow-artifacts/artifacts`. */
  readonly endpoint: string;
  /** Folder of the repository below the endpoint; empty for all of it. */
  readonly root: string;
}

/** Files that are on their way at a time. */
const MOST_FILES = 4;

interface WireFile {
  readonly path: string;
  readonly is_dir?: boolean;
  readonly file_size?: number | string;
}

/** Keeps artifacts behind MLflow's proxy, each file in one request. */
export class HttpRepository implements ArtifactRepository {
  readonly uri: string;
  readonly #http: HttpClient;
  readonly #endpoint: string;
  readonly #root: string;

  constructor({ uri, target, endpoint, root }: HttpRepositoryOptions) {
    this.uri = uri;
    this.#http = new HttpClient(target);
    this.#endpoint = endpoint;
    this.#root = root;
  }

  async logFile(localPath: string, folder = ''): Promise<void> {
    const path = joinPath(validateArtifactPath(folder), basename(localPath));
    await requireFile(localPath);
    const { size } = await attempt(`log the file '${localPath}'`, () => fs.stat(localPath), 'read');
    // An empty stream would be sent in chunks, which some proxies refuse.
    await this.#put(path, size === 0 ? '' : () => createReadStream(localPath), size);
  }

  async logFolder(localFolder: string, folder = ''): Promise<void> {
    const target = validateArtifactPath(folder);
    await requireFolder(localFolder);
    await eachAtATime(await filesIn(localFolder), async (file) => {
      const below = dirname(file).split(sep).join('/').replace(/^\.$/, '');
      await this.logFile(join(localFolder, file), joinPath(target, below));
    });
  }

  async logContent(path: string, content: string | Uint8Array): Promise<void> {
    const file = validateArtifactFile(path);
    if (typeof content !== 'string' && !(content instanceof Uint8Array)) {
      throw invalidParameter(
        `Cannot write the artifact '${path}': its content is ${typeof content}; pass a string or bytes.`,
      );
    }
    await this.#put(file, content, Buffer.byteLength(content));
  }

  async writeFolder(folder: string, fill: (localFolder: string) => Promise<void>): Promise<void> {
    const target = validateArtifactPath(folder);
    const local = await attempt('make a temporary folder', () => fs.mkdtemp(join(os.tmpdir(), 'autolog-')));
    try {
      await fill(local);
      await this.logFolder(local, target);
    } finally {
      await fs.rm(local, { recursive: true, force: true });
    }
  }

  async list(folder = ''): Promise<readonly ArtifactInfo[]> {
    const path = validateArtifactPath(folder);
    const query = new URLSearchParams({ path: joinPath(this.#root, path) });
    const files = await this.#listFiles(`${this.#endpoint}?${query}`);
    return files
      .map((file): ArtifactInfo => {
        // The server's word is not taken for where files are written here.
        const name = validateArtifactFile(basename(file.path));
        const isFolder = file.is_dir === true;
        return { path: joinPath(path, name), isFolder, sizeBytes: isFolder ? null : Number(file.file_size ?? 0) };
      })
      .sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  async download(path: string, destination?: string): Promise<string> {
    const source = validateArtifactPath(path);
    const target =
      destination ?? (await attempt('make a temporary folder', () => fs.mkdtemp(join(os.tmpdir(), 'autolog-'))));
    const above = source.includes('/') ? dirname(source) : '';
    const isFolder = source === '' || (await this.list(above)).find((it) => it.path === source)?.isFolder === true;
    if (isFolder) await this.#downloadFolder(source, target);
    else await this.#downloadFile(source, target);
    return join(target, source);
  }

  async openRead(path: string): Promise<Readable> {
    const file = validateArtifactFile(path);
    try {
      const request = { method: 'GET', path: this.#toPath(file), isIdempotent: true } as const;
      return (await this.#http.request(request)).body;
    } catch (error) {
      if (!isMissing(error)) throw error;
      const message = `Cannot read the artifact '${path}' in '${this.uri}': there is none of this name; list the artifacts.`;
      throw new AutologError('RESOURCE_DOES_NOT_EXIST', message, { cause: error });
    }
  }

  async delete(path = ''): Promise<void> {
    try {
      await this.#requestText('DELETE', this.#toPath(validateArtifactPath(path)));
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }

  async #put(path: string, body: string | Uint8Array | (() => Readable), sizeBytes: number): Promise<void> {
    const headers = { 'content-type': 'application/octet-stream', 'content-length': String(sizeBytes) };
    await this.#http.requestText({ method: 'PUT', path: this.#toPath(path), headers, body, isIdempotent: true });
  }

  async #downloadFolder(folder: string, target: string): Promise<void> {
    await attempt(`make the folder '${target}'`, async () => makeFolder(join(target, folder)));
    const infos = await this.list(folder);
    await eachAtATime(infos, ({ path, isFolder }) =>
      isFolder ? this.#downloadFolder(path, target) : this.#downloadFile(path, target),
    );
  }

  async #downloadFile(path: string, target: string): Promise<void> {
    const file = join(target, path);
    const partial = join(dirname(file), `.autolog-${randomHex(6)}.partial`);
    const body = await this.openRead(path);
    await attempt(`write '${file}'`, async () => {
      try {
        makeFolder(dirname(file));
        await pipeline(body, createWriteStream(partial));
        await fs.rename(partial, file);
      } catch (error) {
        await fs.rm(partial, { force: true });
        throw error;
      }
    });
  }

  async #listFiles(path: string): Promise<readonly WireFile[]> {
    try {
      const text = await this.#requestText('GET', path);
      const files: unknown = (JSON.parse(text) as { files?: unknown } | null)?.files ?? [];
      if (Array.isArray(files) && files.every((file) => typeof file?.path === 'string')) return files;
      throw new SyntaxError('The files are no list.');
    } catch (error) {
      if (isMissing(error)) return [];
      if (!(error instanceof SyntaxError)) throw error;
      const message = `Cannot list the artifacts at '${this.uri}': the answer is no list of files; see whether the URI is that of an MLflow server.`;
      throw new AutologError('INTERNAL_ERROR', message, { cause: error });
    }
  }

  #requestText(method: 'GET' | 'DELETE', path: string): Promise<string> {
    return this.#http.requestText({ method, path, isIdempotent: true });
  }

  #toPath(path: string): string {
    const parts = joinPath(this.#root, path)
      .split('/')
      .filter((it) => it !== '');
    return [this.#endpoint, ...parts.map(encodeURIComponent)].join('/');
  }
}

function joinPath(...parts: readonly string[]): string {
  return parts.filter((it) => it !== '').join('/');
}

function isMissing(error: unknown): boolean {
  return error instanceof ServerError && error.status === 404;
}

async function eachAtATime<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  const worker = async () => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: MOST_FILES }, worker));
}
