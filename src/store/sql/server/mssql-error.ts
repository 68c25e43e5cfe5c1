import type { StoreError } from '../store-error.ts';
import { networkReason, type ServerReason, serverSays, toServerError } from './network-fault.ts';

/**
 * Says in MLflow's codes why SQL Server refused.
 *
 * Source: Microsoft's "Database Engine events and errors", read at SQL Server 2022.
 */
export function toMssqlError(error: unknown, shown: string): StoreError | null {
  // Kysely throws the list of errors where one statement has several.
  const first: unknown = Array.isArray(error) ? error[0] : error;
  if (!(first instanceof Error)) return null;
  const { number } = first as { number?: unknown };
  const reason = (typeof number === 'number' ? numberReason(number, first) : null) ?? networkReason(first);
  return reason && toServerError(reason, shown, first);
}

function numberReason(number: number, error: Error): ServerReason {
  const reason = NUMBERS[number];
  if (reason) return reason;
  if (REFUSED_VALUES.has(number)) return ['INVALID_PARAMETER_VALUE', 'value', serverSays(error)];
  return ['BAD_REQUEST', 'other', serverSays(error)];
}

const FULL: ServerReason = [
  'RESOURCE_EXHAUSTED',
  'other',
  'the database is full; free some space, what was logged is kept until then',
];

const NUMBERS: Readonly<Record<number, ServerReason>> = {
  1105: FULL,
  9002: FULL,
  1205: ['TEMPORARILY_UNAVAILABLE', 'conflict', 'another transaction came between; try again'],
  3960: ['TEMPORARILY_UNAVAILABLE', 'conflict', 'another transaction came between; try again'],
  1222: ['TEMPORARILY_UNAVAILABLE', 'busy', 'another transaction holds a lock; try again'],
  2601: ['RESOURCE_CONFLICT', 'duplicate', 'another process has stored the same at once; try again'],
  2627: ['RESOURCE_CONFLICT', 'duplicate', 'another process has stored the same at once; try again'],
  18456: ['UNAUTHENTICATED', 'other', 'it refuses the user or the password; see both in the URI'],
  4060: ['RESOURCE_DOES_NOT_EXIST', 'other', 'the server has no such database, or the user may not open it'],
  229: ['PERMISSION_DENIED', 'other', 'its user may not do this; see the rights of the user'],
  262: ['PERMISSION_DENIED', 'other', 'its user may not do this; see the rights of the user'],
  3906: ['PERMISSION_DENIED', 'other', 'it is read-only; use the server that takes writes'],
  40613: ['TEMPORARILY_UNAVAILABLE', 'connection', 'it is not available for now; try again'],
  40501: ['TEMPORARILY_UNAVAILABLE', 'connection', 'it is busy for now; try again'],
};

// Too long, out of range, of the wrong type, no such parent, NULL where there may be none.
const REFUSED_VALUES = new Set([245, 515, 547, 2628, 8114, 8115, 8152, 8023, 1946]);
