import { type ErrorCode, errorMessage } from '../../../errors.ts';
import { StoreError, type StoreFault } from '../store-error.ts';

/** MLflow's code, what kind of fault it is, and the rest of the sentence. */
export type ServerReason = readonly [ErrorCode, StoreFault, string];

/** What drivers' errors carry. */
interface DriverError {
  readonly code?: unknown;
  readonly errors?: readonly unknown[];
}

/** Makes the error that tells a user why a server could not be used. */
export function toServerError([code, fault, reason]: ServerReason, shown: string, cause: unknown): StoreError {
  return new StoreError(code, fault, `Cannot use the database '${shown}': ${reason}.`, cause);
}

/** Why a server could not be reached, or a connection broke; null for other errors. */
export function networkReason(error: unknown): ServerReason | null {
  const { code, errors } = (error ?? {}) as DriverError;
  const reason = REASONS[String(code)];
  if (reason) return reason;
  for (const each of errors ?? []) {
    const found = networkReason(each);
    if (found) return found;
  }
  const message = errorMessage(error);
  return BROKEN.test(message) ? AWAY : REFUSED_TLS.test(`${String(code)} ${message}`) ? TLS : null;
}

/** The server's own words, for what has no sentence of ours; as one line. */
export function serverSays(error: unknown): string {
  return `it says "${errorMessage(error).replaceAll(/\s+/g, ' ').slice(0, 500)}"`;
}

/** The connection is gone, or the server is. */
export const AWAY: ServerReason = [
  'TEMPORARILY_UNAVAILABLE',
  'connection',
  'the connection broke; see that the server runs, what was logged is kept until then',
];

const TLS: ServerReason = [
  'PERMISSION_DENIED',
  'other',
  "the server's certificate or its TLS is not accepted; see the certificate authority in the URI's options",
];

const REASONS: Readonly<Record<string, ServerReason>> = {
  ENOTFOUND: ['TEMPORARILY_UNAVAILABLE', 'other', 'its host is unknown; see the host in the URI'],
  EAI_AGAIN: ['TEMPORARILY_UNAVAILABLE', 'connection', 'its host cannot be looked up for now; see the network'],
  ECONNREFUSED: [
    'TEMPORARILY_UNAVAILABLE',
    'connection',
    'nobody listens on that host and port; see that the server runs, and the URI',
  ],
  ENOENT: ['TEMPORARILY_UNAVAILABLE', 'connection', 'its socket, or a file of its options, does not exist'],
  ETIMEDOUT: ['TEMPORARILY_UNAVAILABLE', 'connection', 'it does not answer in time; see host, port and firewall'],
  ETIMEOUT: ['TEMPORARILY_UNAVAILABLE', 'connection', 'it does not answer in time; see host, port and firewall'],
  EHOSTUNREACH: ['TEMPORARILY_UNAVAILABLE', 'connection', 'its host cannot be reached; see the network'],
  ENETUNREACH: ['TEMPORARILY_UNAVAILABLE', 'connection', 'its network cannot be reached; see the network'],
  ECONNRESET: AWAY,
  EPIPE: AWAY,
  ESOCKET: AWAY,
  ECONNCLOSED: AWAY,
  PROTOCOL_CONNECTION_LOST: AWAY,
};

// pg 8, mysql2 3 and tedious say these without a code.
const BROKEN =
  /connection terminated|timeout exceeded when trying to connect|timeout expired|connection is in closed state|connection lost|not queryable|connection ended|pool is closed|driver has already been destroyed/i;
const REFUSED_TLS =
  /CERT_|_CERT|UNABLE_TO_VERIFY|SELF_SIGNED|ERR_TLS|ERR_SSL|does not support SSL|does not support secure|HANDSHAKE_(NO_)?SSL/i;
