import type { SpanRecord } from '../store/log-record.ts';

const records = new WeakSet<SpanRecord>();

/** Notes a span that the program's own tracer has too. */
export function noteTwinRecord(record: SpanRecord): void {
  records.add(record);
}

/** Whether the program's own tracer has a span too: its exporters send it. */
export function isTwinRecord(record: SpanRecord): boolean {
  return records.has(record);
}
