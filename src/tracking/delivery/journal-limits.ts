import { AutologError } from '../../errors.ts';
import { reportFailure } from '../../failures.ts';

/** How much of the disk the journals of one thread and store take. */
export interface JournalLimits {
  /** Beyond it, points of metrics, spans and traces are given up; the rest beyond a tenth more. */
  readonly totalBytes: number;
  /** A journal that is longer is followed by another one, so that what is delivered can be removed. */
  readonly segmentBytes: number;
}

const DEFAULT_TOTAL_BYTES = 2 * 1024 ** 3;
const MIN_TOTAL_BYTES = 64 * 1024;
const MAX_SEGMENT_BYTES = 16 * 1024 * 1024;

/** The limits that `AUTOLOG_MAX_JOURNAL_BYTES` sets; what is no number of bytes is told, and counts as unset. */
export function readJournalLimits(text = process.env.AUTOLOG_MAX_JOURNAL_BYTES): JournalLimits {
  let totalBytes = text ? Number(text) : DEFAULT_TOTAL_BYTES;
  if (!(totalBytes >= MIN_TOTAL_BYTES)) {
    const message = `'${text}' is no number of bytes from ${MIN_TOTAL_BYTES}; ${DEFAULT_TOTAL_BYTES} is taken.`;
    reportFailure('AUTOLOG_MAX_JOURNAL_BYTES', new AutologError('INVALID_PARAMETER_VALUE', message));
    totalBytes = DEFAULT_TOTAL_BYTES;
  }
  return { totalBytes, segmentBytes: Math.min(MAX_SEGMENT_BYTES, Math.ceil(totalBytes / 8)) };
}
