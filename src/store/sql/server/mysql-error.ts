import type { StoreError } from '../store-error.ts';
import { AWAY, networkReason, type ServerReason, serverSays, toServerError } from './network-fault.ts';

/**
 * Says in MLflow's codes why MySQL or MariaDB refused.
 *
 * Source: MySQL's "Server Error Message Reference", read at 8.4, and MariaDB's "Error Codes".
 */
export function toMysqlError(error: unknown, shown: string): StoreError | null {
  if (!(error instanceof Error)) return null;
  const { errno, sqlState } = error as { errno?: unknown; sqlState?: unknown };
  const isServers = typeof errno === 'number' && typeof sqlState === 'string';
  const reason = (isServers ? numberReason(errno, error) : null) ?? networkReason(error);
  return reason && toServerError(reason, shown, error);
}

function numberReason(errno: number, error: Error): ServerReason {
  const reason = NUMBERS[errno];
  if (reason) return reason;
  if (REFUSED_VALUES.has(errno)) return ['INVALID_PARAMETER_VALUE', 'value', serverSays(error)];
  return ['BAD_REQUEST', 'other', serverSays(error)];
}

const FULL: ServerReason = [
  'RESOURCE_EXHAUSTED',
  'other',
  "the server's disk is full; free some space, what was logged is kept until then",
];
const NO_RIGHT: ServerReason = [
  'PERMISSION_DENIED',
  'other',
  'its user may not do this; see the rights of the user',
];
const READ_ONLY: ServerReason = [
  'PERMISSION_DENIED',
  'other',
  'it is read-only; use the server that takes writes',
];
const TOO_MANY: ServerReason = [
  'TEMPORARILY_UNAVAILABLE',
  'connection',
  'it has too many connections; end some or try again',
];

const NUMBERS: Readonly<Record<number, ServerReason>> = {
  1021: FULL,
  1114: FULL,
  1028: FULL,
  1040: TOO_MANY,
  1203: TOO_MANY,
  1226: TOO_MANY,
  1044: NO_RIGHT,
  1142: NO_RIGHT,
  1143: NO_RIGHT,
  1227: NO_RIGHT,
  1290: READ_ONLY,
  1792: READ_ONLY,
  1836: READ_ONLY,
  1045: ['UNAUTHENTICATED', 'other', 'it refuses the user or the password; see both in the URI'],
  1698: ['UNAUTHENTICATED', 'other', 'it refuses the user or the password; see both in the URI'],
  1049: ['RESOURCE_DOES_NOT_EXIST', 'other', 'the server has no such database; create it first'],
  1053: AWAY,
  1152: AWAY,
  1158: AWAY,
  1159: AWAY,
  1160: AWAY,
  1161: AWAY,
  1927: AWAY,
  1062: ['RESOURCE_CONFLICT', 'duplicate', 'another process has stored the same at once; try again'],
  1020: ['TEMPORARILY_UNAVAILABLE', 'conflict', 'another transaction came between; try again'],
  1213: ['TEMPORARILY_UNAVAILABLE', 'conflict', 'another transaction came between; try again'],
  1205: ['TEMPORARILY_UNAVAILABLE', 'busy', 'another transaction holds a lock; try again'],
  1317: ['TEMPORARILY_UNAVAILABLE', 'busy', 'the statement was cancelled; try again'],
  1969: ['TEMPORARILY_UNAVAILABLE', 'busy', 'the statement took too long; try again'],
};

// Too big, too long, out of range, no such parent, a broken check, no text of the character set.
const REFUSED_VALUES = new Set([
  1048, 1118, 1153, 1216, 1217, 1264, 1265, 1292, 1300, 1301, 1364, 1366, 1367, 1406, 1451, 1452, 1690, 1977, 3140,
  3819, 3854, 4025,
]);
