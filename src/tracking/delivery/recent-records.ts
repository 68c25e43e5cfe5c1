import type { RecordChunk } from '../../store/delivery.ts';
import type { LogRecord } from '../../store/log-record.ts';
import type { ReadRecordsOptions } from './journal-reader.ts';

/** Of what is longer in the journal, the file is read. */
const MAX_BYTES = 512 * 1024;

/** Records of kinds that nobody can change once they are logged; of others, the journal alone knows what they were. */
const LASTING: ReadonlySet<LogRecord['op']> = new Set(['metric', 'span', 'trace']);

/** Records that were written at once. */
interface Entry {
  readonly records: readonly LogRecord[];
  readonly end: number;
}

/**
 * The last records of a journal as they were before they were written: to deliver them soon after, they need not be
 * read and parsed.
 */
export class RecentRecords {
  #entries: Entry[] = [];
  /** Positions in the journal, in bytes, between which the entries lie without a gap. */
  #start = 0;
  #end = 0;

  /** Takes what was written between two positions. */
  add(records: readonly LogRecord[], start: number, end: number): void {
    if (start !== this.#end || end - this.#start > MAX_BYTES) this.#clear(start);
    if (!records.every(({ op }) => LASTING.has(op))) {
      this.#clear(end);
      return;
    }
    this.#entries.push({ records, end });
    this.#end = end;
  }

  /** The records from a position on; null where the journal has to be asked. */
  read(position: number, { maxBytes = MAX_BYTES, onRecord }: ReadRecordsOptions): RecordChunk | null {
    this.#forgetUpTo(position);
    if (this.#start !== position || this.#entries.length === 0) return null;
    const records: LogRecord[] = [];
    let end = position;
    for (const entry of this.#entries) {
      if (end > position && entry.end - position > maxBytes) break;
      for (const record of entry.records) {
        records.push(record);
        onRecord?.(record, entry.end);
      }
      end = entry.end;
    }
    return { records, end };
  }

  #forgetUpTo(position: number): void {
    let count = 0;
    for (const { end } of this.#entries) {
      if (end > position) break;
      this.#start = end;
      count += 1;
    }
    if (count > 0) this.#entries = this.#entries.slice(count);
  }

  #clear(position: number): void {
    this.#entries = [];
    this.#start = position;
    this.#end = position;
  }
}
