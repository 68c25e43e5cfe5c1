import { AutologError, errorMessage } from '../../errors.ts';
import type { RecordChunk, RecordSource, RejectedRecord } from '../delivery.ts';
import type { LogRecord } from '../log-record.ts';
import { applyRecord } from './apply-record.ts';
import { Delivery } from './delivery.ts';
import { takeMetric, writeMetrics } from './metrics.ts';
import { all, first, type Operation } from './operation.ts';
import type { SchemaShape } from './schema/verify.ts';
import { insertNew, perDialect, upsert } from './statement.ts';
import { isStoreError, type StoreFault } from './store-error.ts';

/** What a delivery needs to know of its database. */
export interface ChunkTarget {
  readonly artifactRoot: string;
  /** The schema's shape, asked for within each transaction. */
  shape(): Operation<SchemaShape>;
}

/** A part of a journal, read at a position. */
export interface ChunkAt {
  readonly source: RecordSource;
  readonly position: number;
  readonly chunk: RecordChunk;
}

/** How far a journal was delivered, in bytes. */
export function* readPosition(id: string): Operation<number> {
  return Number((yield* first('SELECT position FROM autolog_journals WHERE journal_id = ?', id))?.position ?? 0);
}

/** Forgets how far a journal was delivered. */
export function* forgetJournal(id: string): Operation<void> {
  yield* all('DELETE FROM autolog_journals WHERE journal_id = ?', id);
}

/**
 * Stores the records of a chunk with the position after it, unless another process has done so since it was read.
 *
 * Returns what was refused. An error of the database ends it; with `refusedFaults` a savepoint is set before each record,
 * which costs time, and a record that makes such an error is refused.
 */
export function* applyChunk(
  { source, position, chunk }: ChunkAt,
  target: ChunkTarget,
  refusedFaults?: readonly StoreFault[],
): Operation<readonly RejectedRecord[]> {
  if ((yield* lockPosition(source)) !== position) return [];
  const shape = yield* target.shape();
  const begin = () => new Delivery(shape, target.artifactRoot);
  const { records } = chunk;
  const rejected = yield* refusedFaults
    ? applyRecordsApart(records, begin, refusedFaults)
    : applyRecords(records, begin);
  yield* all(WRITE_POSITION, source.id, chunk.end);
  return rejected;
}

/**
 * The position of a journal, which nobody else writes until the transaction ends; null for one that is over.
 *
 * The row is what others wait for, so it is made first where it is missing. A journal may be over by the time when it is
 * locked, its row removed by its owner: then it is not left behind.
 */
function* lockPosition(source: RecordSource): Operation<number | null> {
  let row = yield* first(LOCK_POSITION, source.id);
  if (source.isOver?.()) return null;
  if (!row) {
    yield* all(INSERT_POSITION, source.id, 0);
    row = yield* first(LOCK_POSITION, source.id);
    if (source.isOver?.()) {
      yield* forgetJournal(source.id);
      return null;
    }
  }
  return Number(row?.position ?? 0);
}

function* applyRecords(
  records: readonly LogRecord[],
  begin: () => Delivery,
): Operation<readonly RejectedRecord[]> {
  const rejected: RejectedRecord[] = [];
  const delivery = begin();
  for (const record of records) {
    try {
      if (!takeMetric(record, delivery)) yield* applyRecord(record, delivery);
    } catch (error) {
      if (!(error instanceof AutologError) || isStoreError(error)) throw error;
      rejected.push({ record, error });
    }
  }
  yield* writeMetrics(delivery);
  return rejected;
}

function* applyRecordsApart(
  records: readonly LogRecord[],
  begin: () => Delivery,
  refusedFaults: readonly StoreFault[],
): Operation<readonly RejectedRecord[]> {
  const rejected: RejectedRecord[] = [];
  for (const record of records) {
    yield* all(SAVEPOINT);
    try {
      const delivery = begin();
      yield* applyRecord(record, delivery);
      yield* writeMetrics(delivery);
    } catch (error) {
      if (isStoreError(error) && !refusedFaults.includes(error.fault)) throw error;
      yield* all(ROLLBACK_TO);
      rejected.push({ record, error: toRefusal(record, error) });
    }
    yield* all(RELEASE);
  }
  return rejected;
}

const LOCK_POSITION = perDialect((dialect) => {
  const select = 'SELECT position FROM autolog_journals';
  const where = 'WHERE journal_id = ?';
  if (dialect === 'sqlite') return `${select} ${where}`;
  return dialect === 'mssql' ? `${select} WITH (UPDLOCK, ROWLOCK) ${where}` : `${select} ${where} FOR UPDATE`;
});
const INSERT_POSITION = insertNew('autolog_journals', ['journal_id', 'position'], ['journal_id']);
const WRITE_POSITION = upsert('autolog_journals', ['journal_id', 'position'], { key: ['journal_id'] });

const SAVEPOINT = perDialect((dialect) =>
  dialect === 'mssql' ? 'SAVE TRANSACTION autolog_record' : 'SAVEPOINT autolog_record',
);
const ROLLBACK_TO = perDialect((dialect) =>
  dialect === 'mssql' ? 'ROLLBACK TRANSACTION autolog_record' : 'ROLLBACK TO SAVEPOINT autolog_record',
);
// SQL Server's last as long as the transaction; the next of the same name takes their place.
const RELEASE = perDialect((dialect) =>
  dialect === 'mssql' ? 'SELECT 1 AS released' : 'RELEASE SAVEPOINT autolog_record',
);

function toRefusal(record: LogRecord, error: unknown): AutologError {
  if (error instanceof AutologError) return error;
  return new AutologError(
    'INVALID_PARAMETER_VALUE',
    `Cannot store a record of the kind '${record.op}': ${errorMessage(error)}; see what was logged.`,
    { cause: error },
  );
}
