import fs from 'node:fs';
import { basename, join } from 'node:path';
import { nowMs } from '../../clock.ts';
import { AutologError } from '../../errors.ts';
import { reportFailure } from '../../failures.ts';
import type { RecordChunk, RecordSource } from '../../store/delivery.ts';
import type { LogRecord } from '../../store/log-record.ts';
import { isGone, isOfThisProcess, type JournalOwner, parseJournalName } from './journal-name.ts';

/** Bytes of one chunk, unless one record is longer. */
export const CHUNK_BYTES = 1024 * 1024;

const NEWLINE = 10;
/** Far beyond what is logged: with a longer line, the file was written by something else. */
const MAX_LINE_BYTES = 128 * 1024 * 1024;

/** How much is read, and what is told of it. */
export interface ReadRecordsOptions {
  /** @default CHUNK_BYTES */
  readonly maxBytes?: number;
  /** Is told each record with the position after it. */
  readonly onRecord?: (record: LogRecord, end: number) => void;
}

/** Reads the complete lines from a position on; a line that is still being written is left for the next time. */
export function readRecords(fd: number, position: number, options: ReadRecordsOptions = {}): RecordChunk {
  const available = fs.fstatSync(fd).size - position;
  if (available <= 0) return { records: [], end: position };
  for (let size = options.maxBytes ?? CHUNK_BYTES; ; size *= 4) {
    const buffer = Buffer.allocUnsafe(Math.min(size, available));
    const count = fs.readSync(fd, buffer, 0, buffer.length, position);
    const lines = buffer.subarray(0, buffer.lastIndexOf(NEWLINE, count - buffer.length - 1) + 1);
    if (lines.length > 0) return parseLines(lines, position, options.onRecord);
    if (size >= available) return { records: [], end: position };
    if (size > MAX_LINE_BYTES) {
      const message = `A line is longer than ${MAX_LINE_BYTES} bytes.`;
      reportFailure('reading a journal: the rest of it is passed over', new AutologError('DATA_LOSS', message));
      return { records: [], end: position + available };
    }
  }
}

function parseLines(lines: Buffer, position: number, onRecord: ReadRecordsOptions['onRecord']): RecordChunk {
  const end = position + lines.length;
  if (onRecord === undefined) {
    try {
      // One call for all lines takes half the time of one call for each.
      const text = lines.toString('utf8', 0, lines.length - 1).replaceAll('\n', ',');
      const records: unknown[] = JSON.parse(`[${text}]`);
      if (records.every(isRecord)) return { records, end };
    } catch {
      // A line is torn: the others are read one by one.
    }
  }
  const records: LogRecord[] = [];
  for (let start = 0; start < lines.length; ) {
    const stop = lines.indexOf(NEWLINE, start);
    const record = parseLine(lines.toString('utf8', start, stop));
    start = stop + 1;
    if (record === null) continue;
    records.push(record);
    onRecord?.(record, position + start);
  }
  return { records, end };
}

function parseLine(line: string): LogRecord | null {
  if (line === '') return null;
  try {
    const record: unknown = JSON.parse(line);
    if (isRecord(record)) return record;
    throw new SyntaxError('it is no object');
  } catch (error) {
    reportFailure('reading a journal: a torn record is passed over', error);
    return null;
  }
}

function isRecord(value: unknown): value is LogRecord {
  return typeof value === 'object' && value !== null;
}

/** A journal of another process, open for reading. */
export class ForeignJournal implements RecordSource {
  readonly id: string;
  readonly path: string;
  readonly #owner: JournalOwner;
  readonly #fd: number;

  constructor(path: string, owner: JournalOwner) {
    this.id = basename(path, '.jsonl');
    this.path = path;
    this.#owner = owner;
    this.#fd = openFile(path);
  }

  /** Milliseconds since the Unix epoch. */
  get lastWriteTime(): number {
    return Math.floor(fs.fstatSync(this.#fd).mtimeMs);
  }

  get size(): number {
    return fs.fstatSync(this.#fd).size;
  }

  /** Whether the process that wrote it has ended. */
  isAbandoned(): boolean {
    return isGone(this.#owner, nowMs() - this.lastWriteTime);
  }

  /** Whether another thread of this process writes it. */
  isOfThisProcess(): boolean {
    return isOfThisProcess(this.#owner);
  }

  read(position: number): RecordChunk {
    return readRecords(this.#fd, position);
  }

  /** Whoever has delivered it removes its file, before the store forgets it. */
  isOver(): boolean {
    return !fs.existsSync(this.path);
  }

  close(): void {
    fs.closeSync(this.#fd);
  }
}

/** A pipe would be waited for, a folder cannot be read, and a link may lead to what is none of ours. */
function openFile(path: string): number {
  const { O_RDONLY, O_NONBLOCK = 0, O_NOFOLLOW = 0 } = fs.constants;
  const fd = fs.openSync(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
  if (fs.fstatSync(fd).isFile()) return fd;
  fs.closeSync(fd);
  throw new AutologError('INVALID_STATE', `Cannot read the journal '${path}': it is no file; remove it.`);
}

/** Opens the journals of other processes and threads that lie in a folder, except some; each is to be closed. */
export function openForeignJournals(folder: string, exceptIds: readonly string[] = []): ForeignJournal[] {
  const journals: ForeignJournal[] = [];
  for (const fileName of readFolder(folder)) {
    const owner = parseJournalName(fileName);
    if (owner === null || exceptIds.includes(basename(fileName, '.jsonl'))) continue;
    try {
      journals.push(new ForeignJournal(join(folder, fileName), owner));
    } catch (error) {
      // ENOENT: another process has delivered and removed it meanwhile.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        reportFailure(`opening journals in ${folder}`, error);
    }
  }
  return journals;
}

function readFolder(folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch {
    // Before the first record there is no folder, and none that cannot be read holds journals for us.
    return [];
  }
}
