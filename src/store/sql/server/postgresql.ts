import { Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { type Dialect, PostgresDialect } from 'kysely';
import type * as Pg from 'pg';
import { invalidParameter } from '../../../errors.ts';
import type { ServerAddress } from '../../server-uri.ts';
import type { EngineKind, Sockets } from './engine-kind.ts';
import { loadDriver } from './load-driver.ts';
import type { PoolSettings } from './pool-settings.ts';
import { toPostgresqlError } from './postgresql-error.ts';
import { CONNECT_TIMEOUT_MS, checkOptions, LOCK_TIMEOUT_MS, readOptionFile } from './server-options.ts';

/** PostgreSQL, and what speaks its protocol. */
export const POSTGRESQL_ENGINE: EngineKind = {
  createDialect,
  toStoreError: toPostgresqlError,
  waitFor: (patienceMs) => `SET LOCAL lock_timeout = ${Math.max(1, Math.round(patienceMs))}`,
  // Any number will do, as long as it is ours alone: "autolog" on a telephone.
  lockSchema: { sql: 'SELECT pg_advisory_xact_lock($1)', parameters: [2_886_564] },
  unlockSchema: null,
  readIsolation: 'repeatable read',
  maxRows: 5_000,
  maxParameters: 60_000,
};

/** Options of libpq that a URI may have; those in the second list mean nothing here. */
const OPTIONS = [
  ...['host', 'port', 'user', 'password', 'dbname', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'options'],
  ...['connect_timeout', 'application_name'],
];
const IGNORED = [
  ...['client_encoding', 'target_session_attrs', 'gssencmode', 'keepalives', 'keepalives_idle', 'sslcompression'],
  ...[
    'keepalives_interval',
    'keepalives_count',
    'channel_binding',
    'tcp_user_timeout',
    'fallback_application_name',
  ],
];

function createDialect(address: ServerAddress, settings: PoolSettings, sockets: Sockets): Dialect {
  checkOptions(address, OPTIONS, IGNORED);
  const { options } = address;
  const pg = loadDriver<typeof Pg>('pg', address.shown);
  const config: Pg.PoolConfig = {
    host: address.host,
    port: address.port,
    database: address.database,
    ...(address.user ? { user: address.user } : {}),
    ...(address.password ? { password: address.password } : {}),
    max: settings.maxConnections,
    connectionTimeoutMillis: Number(options.connect_timeout ?? 0) * 1000 || CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: settings.idleConnections === 0 ? 1 : 60_000,
    maxLifetimeSeconds: settings.recycleSeconds ?? 0,
    allowExitOnIdle: true,
    keepAlive: true,
    application_name: options.application_name ?? 'autolog',
    options: `-c lock_timeout=${LOCK_TIMEOUT_MS} ${options.options ?? ''}`,
    types: { getTypeParser: typeParser(pg) as never },
    // Known from the begin, as a server may take the connection and then say nothing.
    stream: () => {
      const socket = new Socket();
      sockets.add(socket);
      return socket.once('close', () => sockets.delete(socket));
    },
  };
  const pool = async () => {
    const ssl = toTls(address);
    const useTls = ssl === 'prefer' ? await acceptsTls(pg, config) : ssl;
    const opened = new pg.Pool({ ...config, ssl: useTls });
    // Without listeners an error of a connection ends the process. A query on it fails as well and tells; where none runs,
    // the next one opens another connection.
    opened.on('error', () => undefined);
    opened.on('connect', (client) => void client.on('error', () => undefined));
    return opened;
  };
  return new PostgresDialect({ pool });
}

/** As libpq understands `sslmode`: without one, TLS is used where the server has it, and no certificate is checked. */
function toTls({ options, shown }: ServerAddress): ConnectionOptions | boolean | 'prefer' {
  const mode = options.sslmode ?? 'prefer';
  if (mode === 'disable') return false;
  const read = (name: string) => readOptionFile(name, options[name], shown);
  const ca = options.sslrootcert === 'system' ? undefined : read('sslrootcert');
  const files = { ca, cert: read('sslcert'), key: read('sslkey') };
  if (mode === 'verify-full' || options.sslrootcert === 'system') return { ...files, rejectUnauthorized: true };
  if (mode === 'verify-ca' || (mode === 'require' && ca)) {
    return { ...files, rejectUnauthorized: true, checkServerIdentity: () => undefined };
  }
  if (mode === 'require') return { ...files, rejectUnauthorized: false };
  if (mode === 'prefer' || mode === 'allow') return 'prefer';
  throw invalidParameter(
    `Cannot use the tracking URI '${shown}': its sslmode is none of disable, allow, prefer, require, verify-ca, verify-full.`,
  );
}

async function acceptsTls(pg: typeof Pg, config: Pg.PoolConfig): Promise<ConnectionOptions | boolean> {
  const ssl = { rejectUnauthorized: false };
  const client = new pg.Client({ ...config, ssl });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.end();
    return ssl;
  } catch (error) {
    if (/does not support SSL/.test(String(error))) return false;
    throw error;
  }
}

/** Integers of eight bytes as numbers where these hold them, else as text; JSON and times as text, as elsewhere. */
function typeParser(pg: typeof Pg): (oid: number, format?: 'text' | 'binary') => unknown {
  const { builtins } = pg.types;
  const parsers = new Map<number, (text: string) => unknown>([
    [builtins.INT8, (text) => (Number.isSafeInteger(Number(text)) ? Number(text) : text)],
    [builtins.NUMERIC, Number],
  ]);
  const asText = [builtins.JSON, builtins.JSONB, builtins.TIMESTAMP, builtins.TIMESTAMPTZ, builtins.DATE];
  for (const oid of asText) parsers.set(oid, (text) => text);
  return (oid, format) => parsers.get(oid) ?? pg.types.getTypeParser(oid, format as 'text');
}
