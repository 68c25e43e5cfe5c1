import { AutologError, errorMessage } from '../../errors.ts';
import type { LogRecord } from '../log-record.ts';
import type { RecordChunk, RecordSource, RejectedRecord } from '../tracking-store.ts';
import { applyRecord } from './apply-record.ts';
import { Delivery } from './delivery.ts';
import { writeLatestMetrics } from './metrics.ts';
import { all, first, type Operation } from './operation.ts';
import type { SchemaShape } from './schema/verify.ts';
import type { SqliteEngine } from './sqlite-engine.ts';
import { isRefusedValue, isStoreError } from './sqlite-error.ts';

/** What a delivery needs to know of its store. */
export interface DeliveryTarget {
  readonly engine: SqliteEngine;
  readonly artifactRoot: string;
  /** The schema's shape, asked for within each transaction. */
  shape(): Operation<SchemaShape>;
}

/**
 * Stores what a journal holds beyond its recorded position, chunk by chunk; each in one transaction with the position.
 *
 * @throws {AutologError} when the database fails; the chunks before are stored, nothing of this one is.
 */
export function deliverJournal(source: RecordSource, target: DeliveryTarget): readonly RejectedRecord[] {
  const rejected: RejectedRecord[] = [];
  for (;;) {
    const position = target.engine.run(readPosition(source.id));
    const chunk = source.read(position);
    if (chunk.end <= position) return rejected;
    for (const refusal of storeChunk(source, position, chunk, target)) rejected.push(refusal);
  }
}

/** Forgets how far a journal was delivered. */
export function* forgetJournal(id: string): Operation<void> {
  yield* all('DELETE FROM autolog_journals WHERE journal_id = ?', id);
}

function storeChunk(
  source: RecordSource,
  position: number,
  chunk: RecordChunk,
  target: DeliveryTarget,
): readonly RejectedRecord[] {
  try {
    return target.engine.transaction(applyChunk(source, position, chunk, target, applyRecords));
  } catch (error) {
    // Some record fails in the midst of its writes: again, now with a savepoint before each, which costs time.
    if (isStoreError(error) && !isRefusedValue(error)) throw error;
    return target.engine.transaction(applyChunk(source, position, chunk, target, applyRecordsApart));
  }
}

type Apply = (records: readonly LogRecord[], begin: () => Delivery) => Operation<readonly RejectedRecord[]>;

function* applyChunk(
  source: RecordSource,
  position: number,
  chunk: RecordChunk,
  target: DeliveryTarget,
  apply: Apply,
): Operation<readonly RejectedRecord[]> {
  // Another process may have delivered this chunk since it was read.
  if ((yield* readPosition(source.id)) !== position || source.isOver?.()) return [];
  const shape = yield* target.shape();
  const rejected = yield* apply(chunk.records, () => new Delivery(shape, target.artifactRoot));
  yield* all(WRITE_POSITION, source.id, chunk.end);
  return rejected;
}

function* applyRecords(
  records: readonly LogRecord[],
  begin: () => Delivery,
): Operation<readonly RejectedRecord[]> {
  const rejected: RejectedRecord[] = [];
  const delivery = begin();
  for (const record of records) {
    try {
      yield* applyRecord(record, delivery);
    } catch (error) {
      if (!(error instanceof AutologError) || isStoreError(error)) throw error;
      rejected.push({ record, error });
    }
  }
  yield* writeLatestMetrics(delivery);
  return rejected;
}

function* applyRecordsApart(
  records: readonly LogRecord[],
  begin: () => Delivery,
): Operation<readonly RejectedRecord[]> {
  const rejected: RejectedRecord[] = [];
  for (const record of records) {
    yield* all('SAVEPOINT autolog_record');
    try {
      const delivery = begin();
      yield* applyRecord(record, delivery);
      yield* writeLatestMetrics(delivery);
    } catch (error) {
      if (isStoreError(error) && !isRefusedValue(error)) throw error;
      yield* all('ROLLBACK TO autolog_record');
      rejected.push({ record, error: toRefusal(record, error) });
    }
    yield* all('RELEASE autolog_record');
  }
  return rejected;
}

const WRITE_POSITION = `INSERT INTO autolog_journals (journal_id, position) VALUES (?, ?)
 ON CONFLICT (journal_id) DO UPDATE SET position = excluded.position`;

function* readPosition(id: string): Operation<number> {
  const row = yield* first('SELECT position FROM autolog_journals WHERE journal_id = ?', id);
  return Number(row?.position ?? 0);
}

function toRefusal(record: LogRecord, error: unknown): AutologError {
  if (error instanceof AutologError) return error;
  return new AutologError(
    'INVALID_PARAMETER_VALUE',
    `Cannot store a record of the kind '${record.op}': ${errorMessage(error)}; see what was logged.`,
    { cause: error },
  );
}
