import type { StoreError } from '../store-error.ts';
import { AWAY, networkReason, type ServerReason, serverSays, toServerError } from './network-fault.ts';

/**
 * Says in MLflow's codes why PostgreSQL refused.
 *
 * Source: PostgreSQL's manual, appendix A, "PostgreSQL Error Codes", read at 15.
 */
export function toPostgresqlError(error: unknown, shown: string): StoreError | null {
  if (!(error instanceof Error)) return null;
  const reason = stateReason(error) ?? networkReason(error);
  return reason && toServerError(reason, shown, error);
}

function stateReason(error: Error): ServerReason | null {
  const { code, severity } = error as { code?: unknown; severity?: unknown };
  if (typeof code !== 'string' || typeof severity !== 'string') return null;
  return STATES[code] ?? CLASSES[code.slice(0, 2)]?.(error) ?? ['BAD_REQUEST', 'other', serverSays(error)];
}

const STATES: Readonly<Record<string, ServerReason>> = {
  '23505': ['RESOURCE_CONFLICT', 'duplicate', 'another process has stored the same at once; try again'],
  '28P01': ['UNAUTHENTICATED', 'other', 'it refuses the user or the password; see both in the URI'],
  '28000': ['UNAUTHENTICATED', 'other', 'it refuses the user, the password or the way of connecting; see the URI'],
  '3D000': ['RESOURCE_DOES_NOT_EXIST', 'other', 'the server has no such database; create it first'],
  '42501': ['PERMISSION_DENIED', 'other', 'its user may not do this; see the rights of the user'],
  '25006': ['PERMISSION_DENIED', 'other', 'it is read-only; use the server that takes writes'],
  '55P03': ['TEMPORARILY_UNAVAILABLE', 'busy', 'another transaction holds a lock; try again'],
  '57014': ['TEMPORARILY_UNAVAILABLE', 'busy', 'the statement took too long and was cancelled; try again'],
  '57P01': AWAY,
  '57P02': AWAY,
  '57P03': ['TEMPORARILY_UNAVAILABLE', 'connection', 'it is starting or stopping; try again'],
  '53300': ['TEMPORARILY_UNAVAILABLE', 'connection', 'it has too many connections; end some or try again'],
  '53100': [
    'RESOURCE_EXHAUSTED',
    'other',
    "the server's disk is full; free some space, what was logged is kept until then",
  ],
  // The transaction is over after an earlier error.
  '25P02': ['INTERNAL_ERROR', 'conflict', 'an earlier statement of the transaction failed; try again'],
};

const CLASSES: Readonly<Record<string, (error: Error) => ServerReason>> = {
  '08': () => AWAY,
  '22': (error) => ['INVALID_PARAMETER_VALUE', 'value', serverSays(error)],
  '23': (error) => ['BAD_REQUEST', 'value', serverSays(error)],
  '40': () => ['TEMPORARILY_UNAVAILABLE', 'conflict', 'another transaction came between; try again'],
  '53': (error) => ['RESOURCE_EXHAUSTED', 'other', serverSays(error)],
  '54': (error) => ['INVALID_PARAMETER_VALUE', 'value', serverSays(error)],
};
