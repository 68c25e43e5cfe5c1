import fs from 'node:fs';
import { basename, join } from 'node:path';
import { nowMs } from '../../clock.ts';
import { toFileError } from '../../file-errors.ts';
import { makeFolder } from '../../make-folder.ts';
import type { RecordChunk, RecordSource } from '../../store/delivery.ts';
import { createJournalName } from './journal-name.ts';
import { type ReadRecordsOptions, readRecords } from './journal-reader.ts';

/**
 * The append-only file of one process: each line a record, in the order of logging.
 *
 * A line that `append` has written survives the end of the process, however it ends.
 */
export class Journal implements RecordSource {
  readonly id: string;
  readonly path: string;
  readonly #fd: number;
  #end = 0;
  #isTorn = false;

  /** @throws {AutologError} when the folder or the file cannot be made. */
  constructor(folder: string) {
    this.path = join(folder, createJournalName());
    this.id = basename(this.path, '.jsonl');
    try {
      this.#fd = createFile(folder, this.path);
    } catch (error) {
      throw toFileError(`make a journal in '${folder}'`, error);
    }
  }

  /** Position after the last complete record, in bytes. */
  get end(): number {
    return this.#end;
  }

  /** Whether the file is no longer in its folder: removed by someone while it was in use. */
  get isRemoved(): boolean {
    return fs.fstatSync(this.#fd).nlink === 0;
  }

  /**
   * Writes one or more lines, given in parts, as a whole or not at all; each line ends in a line feed.
   *
   * @throws {AutologError} when it cannot be written; the journal is then as it was.
   */
  append(...parts: string[]): number {
    const bytes = toBytes(this.#isTorn ? ['\n', ...parts] : parts);
    let writtenBytes = 0;
    try {
      writtenBytes = fs.writeSync(this.#fd, bytes);
    } catch (error) {
      throw toFileError(`write to '${this.path}'`, error);
    }
    this.#end += writtenBytes;
    if (writtenBytes !== bytes.length) {
      this.#cutTail(writtenBytes);
      throw toFileError(`write to '${this.path}'`, { code: 'ENOSPC' });
    }
    this.#isTorn = false;
    return this.#end;
  }

  /** Reads complete records; `options` are for its own process. */
  read(position: number, options?: ReadRecordsOptions): RecordChunk {
    return readRecords(this.#fd, position, options);
  }

  /** Shows processes on other machines that this one lives, though it has nothing to log. */
  touch(): void {
    const now = new Date(nowMs());
    fs.futimesSync(this.#fd, now, now);
  }

  close(): void {
    fs.closeSync(this.#fd);
  }

  /** Closes and deletes the file. */
  remove(): void {
    this.close();
    fs.rmSync(this.path, { force: true });
  }

  #cutTail(tailBytes: number): void {
    try {
      fs.ftruncateSync(this.#fd, this.#end - tailBytes);
      this.#end -= tailBytes;
    } catch {
      // A file that can only grow: the next line begins with a line feed, and the torn one is passed over.
      this.#isTorn = true;
    }
  }
}

/** Most lines fit in here: a buffer of its own for each would have to be collected. */
const scratch = Buffer.allocUnsafeSlow(64 * 1024);

/** Part by part: joined before, they would be copied once more. */
function toBytes(parts: readonly string[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  if (length * 3 > scratch.length) return Buffer.from(parts.join(''));
  let sizeBytes = 0;
  for (const part of parts) sizeBytes += scratch.write(part, sizeBytes);
  return scratch.subarray(0, sizeBytes);
}

function createFile(folder: string, path: string, attempts = 3): number {
  makeFolder(folder, 0o700);
  try {
    return fs.openSync(path, 'ax+', 0o600);
  } catch (error) {
    // Another process that ends removes the folder when it finds it empty.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || attempts === 1) throw error;
    return createFile(folder, path, attempts - 1);
  }
}
