import { createWriteStream } from 'node:fs';
import fs from 'node:fs/promises';
import os from 'node:os';
import { join, posix } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { validateArtifactFile } from '../../artifacts/artifact-path.ts';
import type { ArtifactRepository } from '../../artifacts/artifact-repository.ts';
import { invalidParameter } from '../../errors.ts';

/** Bytes or text that come piece by piece: a stream of Node's or of the web, or any iterable; or bytes that are there. */
export type ByteSource = AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string> | Uint8Array;

/**
 * Writes what comes from a stream to a file of the artifacts, without holding it in memory.
 *
 * @throws what the stream throws, as it is; no file is seen then.
 * @throws {AutologError} INVALID_PARAMETER_VALUE for what is no stream.
 */
export async function logStreamTo(artifacts: ArtifactRepository, stream: ByteSource, artifactFile: string) {
  const file = validateArtifactFile(artifactFile);
  if (!isIterable(stream)) {
    throw invalidParameter(
      `Cannot log '${file}': found no stream; pass a Readable, or anything that can be iterated.`,
    );
  }
  const folder = await fs.mkdtemp(join(os.tmpdir(), 'autolog-'));
  try {
    const local = join(folder, posix.basename(file));
    await pipeline(isPiece(stream) ? [stream] : stream, createWriteStream(local));
    await artifacts.logFile(local, posix.dirname(file).replace(/^\.$/, ''));
  } finally {
    await fs.rm(folder, { recursive: true, force: true });
  }
}

function isPiece(stream: ByteSource): stream is Uint8Array | (string & Iterable<string>) {
  return stream instanceof Uint8Array || typeof stream === 'string';
}

function isIterable(value: unknown): boolean {
  if (typeof value === 'string') return true;
  if (typeof value !== 'object' || value === null) return false;
  return Symbol.asyncIterator in value || Symbol.iterator in value;
}
