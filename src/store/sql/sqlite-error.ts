import { AutologError, type ErrorCode, errorMessage } from '../../errors.ts';
import { StoreError, type StoreFault } from './store-error.ts';

/** What an error of `node:sqlite` carries beside its message. */
interface SqliteError extends Error {
  readonly code: 'ERR_SQLITE_ERROR';
  /** SQLite's extended result code; the low byte is the primary one. */
  readonly errcode: number;
  readonly errstr: string;
}

/**
 * Says in MLflow's codes why a statement on a database file failed, and what to do.
 *
 * Source: sqlite.org/rescode.html, read at 3.53.
 */
export function toStoreError(error: unknown, file: string): unknown {
  if (error instanceof AutologError || !isSqliteError(error)) return error;
  const [code, reason] = explain(error.errcode) ?? ['INTERNAL_ERROR', `SQLite says "${errorMessage(error)}"`];
  return new StoreError(code, faultOf(error), `Cannot use the database '${file}': ${reason}.`, error);
}

/** Whether another process holds the database for now. */
export function isBusy(error: unknown): boolean {
  return isSqliteError(error) && (error.errcode & 0xff) === 5;
}

function isSqliteError(error: unknown): error is SqliteError {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number';
}

function faultOf({ errcode }: SqliteError): StoreFault {
  if (REFUSED_VALUE.has(errcode & 0xff)) return 'value';
  return BUSY.has(errcode & 0xff) ? 'busy' : 'other';
}

// BUSY and LOCKED.
const BUSY = new Set([5, 6]);
// TOOBIG, CONSTRAINT and MISMATCH.
const REFUSED_VALUE = new Set([18, 19, 20]);

const FULL: Reason = [
  'RESOURCE_EXHAUSTED',
  'the disk is full; free some space, what was logged is kept until then',
];

type Reason = readonly [ErrorCode, string];

// IOERR_SHMSIZE and IOERR_WRITE: what a full disk looks like in WAL mode, beside FULL itself.
const EXTENDED_REASONS: Readonly<Record<number, Reason>> = {
  4874: FULL,
  778: ['RESOURCE_EXHAUSTED', 'a write failed; see that the disk is well and has space'],
};

const REASONS: Readonly<Record<number, Reason>> = {
  3: ['PERMISSION_DENIED', 'access is denied; see that this user may read and write the file and its folder'],
  5: ['TEMPORARILY_UNAVAILABLE', 'another process holds its lock; end that process or try again'],
  6: ['TEMPORARILY_UNAVAILABLE', 'another connection holds its lock; try again'],
  8: ['PERMISSION_DENIED', 'it is read-only; see that this user may write the file and its folder'],
  10: ['INTERNAL_ERROR', 'reading or writing failed; see that the disk is well'],
  11: ['INTERNAL_ERROR', 'it is damaged; restore it from a copy or choose another file'],
  13: FULL,
  14: [
    'PERMISSION_DENIED',
    'the file cannot be opened; see that its folder exists and that this user may write there',
  ],
  18: ['INVALID_PARAMETER_VALUE', 'a value is too big; log it as an artifact'],
  19: ['BAD_REQUEST', 'a value breaks one of its constraints'],
  20: ['BAD_REQUEST', 'a value is of the wrong type'],
  26: ['INVALID_PARAMETER_VALUE', 'it is not an MLflow database, nor any SQLite database; choose another file'],
};

function explain(errcode: number): Reason | undefined {
  return EXTENDED_REASONS[errcode] ?? REASONS[errcode & 0xff];
}
