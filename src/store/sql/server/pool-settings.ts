import { invalidParameter } from '../../../errors.ts';

/** How connections to a server are kept; from MLflow's environment variables. */
export interface PoolSettings {
  /** Connections at most: `MLFLOW_SQLALCHEMYSTORE_POOL_SIZE` (5) and `MLFLOW_SQLALCHEMYSTORE_MAX_OVERFLOW` (10) together. */
  readonly maxConnections: number;
  /** Connections that stay open while nobody uses them. */
  readonly idleConnections: number;
  /** Age at which a connection is replaced, in seconds; null for never: `MLFLOW_SQLALCHEMYSTORE_POOL_RECYCLE`. */
  readonly recycleSeconds: number | null;
  /** Whether each statement is written to stderr, without its parameters: `MLFLOW_SQLALCHEMYSTORE_ECHO`. */
  readonly isEchoed: boolean;
}

/**
 * Reads MLflow's settings of connection pools.
 *
 * Of SQLAlchemy's pool classes, `NullPool` keeps no connection, `StaticPool`, `SingletonThreadPool` and `AssertionPool` one, and the
 * others are queues, which is the default.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for what is no number, no truth value or no pool class.
 */
export function readPoolSettings(env: NodeJS.ProcessEnv = process.env): PoolSettings {
  const size = readInteger(env, 'MLFLOW_SQLALCHEMYSTORE_POOL_SIZE') || 5;
  const overflow = readInteger(env, 'MLFLOW_SQLALCHEMYSTORE_MAX_OVERFLOW') || 10;
  const recycle = readInteger(env, 'MLFLOW_SQLALCHEMYSTORE_POOL_RECYCLE');
  const poolClass = env.MLFLOW_SQLALCHEMYSTORE_POOLCLASS || 'QueuePool';
  const idle = IDLE_CONNECTIONS[poolClass];
  if (idle === undefined) {
    const known = Object.keys(IDLE_CONNECTIONS).join(', ');
    throw invalidParameter(
      `Cannot use MLFLOW_SQLALCHEMYSTORE_POOLCLASS: '${poolClass}' is no pool class; leave it out or set one of ${known}.`,
    );
  }
  return {
    // SQLAlchemy's -1 is no limit; the servers' own limits are not far from a hundred.
    maxConnections: idle === 1 ? 1 : overflow < 0 ? 100 : Math.max(1, size + overflow),
    idleConnections: Math.min(idle, size),
    recycleSeconds: recycle > 0 ? recycle : null,
    isEchoed: readBoolean(env, 'MLFLOW_SQLALCHEMYSTORE_ECHO'),
  };
}

const IDLE_CONNECTIONS: Readonly<Record<string, number>> = {
  QueuePool: Number.POSITIVE_INFINITY,
  AsyncAdaptedQueuePool: Number.POSITIVE_INFINITY,
  FallbackAsyncAdaptedQueuePool: Number.POSITIVE_INFINITY,
  NullPool: 0,
  AssertionPool: 1,
  SingletonThreadPool: 1,
  StaticPool: 1,
};

function readInteger(env: NodeJS.ProcessEnv, name: string): number {
  const text = env[name]?.trim() ?? '';
  if (text === '') return 0;
  if (/^[+-]?\d+$/.test(text)) return Number(text);
  throw invalidParameter(`Cannot use ${name}: '${text}' is no integer; correct it or leave it out.`);
}

function readBoolean(env: NodeJS.ProcessEnv, name: string): boolean {
  const text = env[name]?.trim().toLowerCase() ?? '';
  if (['true', '1'].includes(text)) return true;
  if (['', 'false', '0'].includes(text)) return false;
  throw invalidParameter(`Cannot use ${name}: '${text}' is neither true nor false; correct it or leave it out.`);
}
