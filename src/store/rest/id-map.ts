import fs from 'node:fs';
import path from 'node:path';
import { toFileError } from '../../file-errors.ts';
import { makeFolder } from '../../make-folder.ts';
import { isOfRecord } from './refusals.ts';

/** File in the folder of the journals, a line for each id. */
const FILE = 'ids.jsonl';
const OLD_FILE = 'ids.old.jsonl';
/** About 90,000 ids. */
const LONG_BYTES = 8 * 1024 * 1024;

interface Line {
  readonly client: string;
  /** Null: it was begun, and no answer came. */
  readonly server: string | null;
}

/**
 * Which ids the server has given to what began under an id of a client; kept in a file, so that other processes and
 * later ones know it too.
 */
export class IdMap {
  readonly #folder: string;
  readonly #servers = new Map<string, string | null>();
  readonly #own = new Set<string>();
  #inode: number | undefined;
  #readBytes = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The server's id; the id itself where none is known. */
  toServer(id: string): string {
    return this.find(id) ?? id;
  }

  /** The server's id of what began under a client's id; null where its begin got no answer, undefined where unknown. */
  find(clientId: string): string | null | undefined {
    const known = this.#servers.get(clientId);
    if (typeof known === 'string' || this.#own.has(clientId)) return known;
    this.#readOn();
    return this.#servers.get(clientId);
  }

  /** Whether an id is one that the server gave to something that began here. */
  isServerId(id: string): boolean {
    this.#readOn();
    return this.#own.has(id);
  }

  /**
   * Writes down the server's id, or that there was no answer.
   *
   * @throws {AutologError} when it cannot be written.
   */
  note(client: string, server: string | null): void {
    this.#add({ client, server });
    const file = path.join(this.#folder, FILE);
    try {
      makeFolder(this.#folder, 0o700);
      this.#rotate(file);
      // One write of a short line: lines of several processes do not mix.
      fs.appendFileSync(file, `${JSON.stringify({ client, server })}\n`, { mode: 0o600 });
    } catch (error) {
      throw toFileError(`write to '${file}'`, error);
    }
  }

  /** Begins something, and writes down where that fails that it may have begun: it is looked for the next time. */
  async noteIfUnsure(client: string, begin: () => Promise<string>): Promise<string> {
    try {
      return await begin();
    } catch (error) {
      if (!isOfRecord(error)) this.note(client, null);
      throw error;
    }
  }

  #add({ client, server }: Line): void {
    if (server === null && typeof this.#servers.get(client) === 'string') return;
    this.#servers.set(client, server);
    if (server !== null) this.#own.add(server);
  }

  /** A long file is set aside, in the place of the one before; ids older than that are of runs long ended. */
  #rotate(file: string): void {
    const stat = fs.statSync(file, { throwIfNoEntry: false });
    if (stat === undefined || stat.size < LONG_BYTES || stat.ino !== this.#inode) return;
    fs.renameSync(file, path.join(this.#folder, OLD_FILE));
  }

  /** Reads what others have written since. */
  #readOn(): void {
    const stat = fs.statSync(path.join(this.#folder, FILE), { throwIfNoEntry: false });
    if (stat === undefined) return;
    if (stat.ino !== this.#inode) {
      this.#inode = stat.ino;
      this.#readBytes = 0;
      this.#readFrom(OLD_FILE, 0);
    }
    if (stat.size > this.#readBytes) this.#readBytes += this.#readFrom(FILE, this.#readBytes);
  }

  /** Reads the complete lines from a position on, and returns their length in bytes. */
  #readFrom(name: string, position: number): number {
    const bytes = readFrom(path.join(this.#folder, name), position);
    const end = bytes.lastIndexOf('\n') + 1;
    for (const line of bytes.toString('utf8', 0, end).split('\n')) {
      const entry = parseLine(line);
      if (entry !== null) this.#add(entry);
    }
    return end;
  }
}

function readFrom(file: string, position: number): Buffer {
  let fd: number | undefined;
  try {
    fd = fs.openSync(file, 'r');
    const bytes = Buffer.alloc(Math.max(0, fs.fstatSync(fd).size - position));
    return bytes.subarray(0, fs.readSync(fd, bytes, 0, bytes.length, position));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw toFileError(`read '${file}'`, error, 'read');
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}

function parseLine(line: string): Line | null {
  if (line === '') return null;
  try {
    return JSON.parse(line) as Line;
  } catch {
    // SyntaxError: a line that was cut off when its process or the disk came to an end.
    return null;
  }
}
