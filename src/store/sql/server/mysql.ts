import type { Socket } from 'node:net';
import { CompiledQuery, type DatabaseConnection, type Dialect, MysqlDialect } from 'kysely';
import type * as Mysql from 'mysql2';
import type { ServerAddress } from '../../server-uri.ts';
import type { EngineKind, Sockets } from './engine-kind.ts';
import { loadDriver } from './load-driver.ts';
import { toMysqlError } from './mysql-error.ts';
import type { PoolSettings } from './pool-settings.ts';
import { CONNECT_TIMEOUT_MS, checkOptions, isTrue, LOCK_TIMEOUT_MS, readOptionFile } from './server-options.ts';

/** MySQL and MariaDB. */
export const MYSQL_ENGINE: EngineKind = {
  createDialect,
  toStoreError: toMysqlError,
  waitFor: (patienceMs) => `SET SESSION innodb_lock_wait_timeout = ${toSeconds(patienceMs)}`,
  // Its names are the whole server's, and have 64 characters at most.
  lockSchema: {
    sql: `SELECT GET_LOCK(CONCAT('autolog ', LEFT(SHA2(DATABASE(), 256), 40)), ?) AS locked`,
    parameters: [120],
  },
  unlockSchema: {
    sql: `SELECT RELEASE_LOCK(CONCAT('autolog ', LEFT(SHA2(DATABASE(), 256), 40))) AS released`,
    parameters: [],
  },
  readIsolation: 'repeatable read',
  maxRows: 1_000,
  maxParameters: 60_000,
};

const OPTIONS = [
  ...['ssl_ca', 'ssl_cert', 'ssl_key', 'ssl_verify_cert', 'ssl_verify_identity', 'ssl_disabled', 'ssl'],
  ...['unix_socket', 'connect_timeout', 'host', 'port', 'user', 'password', 'database'],
];
const IGNORED = ['charset', 'use_unicode', 'binary_prefix', 'read_timeout', 'write_timeout', 'local_infile'];

/**
 * Every session has the same mode, whatever the server's: names in double quotes, backslash escapes (the driver writes
 * values so), and no value is cut silently.
 */
const SESSION = `SET SESSION sql_mode = 'ANSI_QUOTES,STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION',
 innodb_lock_wait_timeout = ${toSeconds(LOCK_TIMEOUT_MS)}, SESSION group_concat_max_len = 1000000000`;

function createDialect(address: ServerAddress, settings: PoolSettings, sockets: Sockets): Dialect {
  checkOptions(address, OPTIONS, IGNORED);
  const { options } = address;
  const mysql = loadDriver<typeof Mysql>('mysql2', address.shown);
  const tls = toTls(address);
  const config: Mysql.PoolOptions = {
    ...(options.unix_socket ? { socketPath: options.unix_socket } : { host: address.host, port: address.port }),
    database: address.database,
    user: address.user,
    password: address.password,
    connectionLimit: settings.maxConnections,
    maxIdle: settings.maxConnections,
    connectTimeout: Number(options.connect_timeout ?? 0) * 1000 || CONNECT_TIMEOUT_MS,
    charset: 'utf8mb4',
    supportBigNumbers: true,
    decimalNumbers: true,
    dateStrings: true,
    jsonStrings: true,
    // The driver's own reading of doubles is off by one in the last place (mysql2 3.24).
    typeCast: (field, next) => (field.type === 'DOUBLE' ? toNumber(field.string()) : next()),
    enableKeepAlive: true,
    ...(tls === null ? {} : { ssl: tls }),
  };
  return new MysqlDialect({
    pool: async () => openPool(mysql, config, settings, sockets) as never,
    onCreateConnection: prepare,
  });
}

async function prepare(connection: DatabaseConnection): Promise<void> {
  await connection.executeQuery(CompiledQuery.raw(SESSION));
}

/** Idle connections do not keep the process from its end, and leave the pool when they are old. */
function openPool(
  mysql: typeof Mysql,
  config: Mysql.PoolOptions,
  settings: PoolSettings,
  sockets: Sockets,
): Mysql.Pool {
  const pool = mysql.createPool(config);
  const since = new WeakMap<object, number>();
  const { recycleSeconds, idleConnections } = settings;
  // The driver has no public name for it.
  const socketOf = (connection: unknown) => (connection as { stream: Socket }).stream;
  pool.on('connection', (connection) => {
    since.set(connection, performance.now());
    const socket = socketOf(connection);
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // A server that ends its idle connections says so here; the next query opens another one.
    connection.on('error', () => undefined);
  });
  pool.on('acquire', (connection) => socketOf(connection).ref());
  pool.on('release', (connection) => {
    socketOf(connection).unref();
    const ageSeconds = (performance.now() - (since.get(connection) ?? 0)) / 1000;
    if (idleConnections === 0 || (recycleSeconds !== null && ageSeconds > recycleSeconds)) connection.destroy();
  });
  return pool;
}

/** The variables of MLflow count where the URI says nothing. A named authority is checked; the name in the certificate on demand. */
function toTls({ options, shown }: ServerAddress): Mysql.SslOptions | null {
  if (isTrue(options.ssl_disabled)) return null;
  const ca = options.ssl_ca || process.env.MLFLOW_MYSQL_SSL_CA;
  const cert = options.ssl_cert || process.env.MLFLOW_MYSQL_SSL_CERT;
  const key = options.ssl_key || process.env.MLFLOW_MYSQL_SSL_KEY;
  const identity = isTrue(options.ssl_verify_identity);
  const isChecked =
    identity || isTrue(options.ssl_verify_cert) || Boolean(ca && options.ssl_verify_cert === undefined);
  if (!ca && !cert && !key && !isChecked && !isTrue(options.ssl)) return null;
  return {
    ca: readOptionFile('ssl_ca', ca, shown),
    cert: readOptionFile('ssl_cert', cert, shown),
    key: readOptionFile('ssl_key', key, shown),
    rejectUnauthorized: isChecked,
    verifyIdentity: identity,
  };
}

function toNumber(text: string | null): number | null {
  return text === null ? null : Number(text);
}

function toSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}
