import { type Dialect, MssqlDialect } from 'kysely';
import type * as Tarn from 'tarn';
import type * as Tedious from 'tedious';
import type { ServerAddress } from '../../server-uri.ts';
import type { EngineKind } from './engine-kind.ts';
import { loadDriver } from './load-driver.ts';
import { toMssqlError } from './mssql-error.ts';
import type { PoolSettings } from './pool-settings.ts';
import { CONNECT_TIMEOUT_MS, checkOptions, isTrue } from './server-options.ts';

/** SQL Server and Azure SQL. Written after the manuals: it has not been run against a server. */
export const MSSQL_ENGINE: EngineKind = {
  createDialect,
  toStoreError: toMssqlError,
  waitFor: (patienceMs) => `SET LOCK_TIMEOUT ${Math.max(1, Math.round(patienceMs))}`,
  lockSchema: {
    sql: "EXEC sp_getapplock @Resource = 'autolog', @LockMode = 'Exclusive', @LockOwner = 'Transaction', @LockTimeout = @1",
    parameters: [120_000],
  },
  unlockSchema: null,
  // A snapshot wants ALLOW_SNAPSHOT_ISOLATION, which only the owner of a database may set.
  readIsolation: 'read committed',
  maxRows: 1_000,
  maxParameters: 2_000,
};

const OPTIONS = [
  'encrypt',
  'trustservercertificate',
  'authentication',
  'database',
  'timeout',
  'app',
  'host',
  'port',
];
const IGNORED = [
  'driver',
  'charset',
  'mars_connection',
  'autocommit',
  'longasmax',
  'unicode_results',
  'fast_executemany',
];

function createDialect(address: ServerAddress, settings: PoolSettings): Dialect {
  checkOptions(address, OPTIONS, IGNORED);
  const tedious = loadDriver<typeof Tedious>('tedious', address.shown);
  const tarn = loadDriver<typeof Tarn>('tarn', address.shown);
  const { options } = address;
  const [server = '', instanceName] = address.host.split('\\');
  const config: Tedious.ConnectionConfiguration = {
    server,
    authentication: { type: 'default', options: { userName: address.user, password: address.password } },
    options: {
      database: address.database,
      ...(instanceName ? { instanceName } : { port: address.port }),
      encrypt:
        options.encrypt === undefined || isTrue(options.encrypt) || /^(mandatory|strict)$/i.test(options.encrypt),
      trustServerCertificate: isTrue(options.trustservercertificate),
      connectTimeout: Number(options.timeout ?? 0) * 1000 || CONNECT_TIMEOUT_MS,
      requestTimeout: 120_000,
      appName: options.app ?? 'autolog',
      // Its default, a date, would be another type than the other databases give.
      useUTC: true,
      connectionIsolationLevel: tedious.ISOLATION_LEVEL.READ_COMMITTED,
      abortTransactionOnError: false,
    },
  };
  return new MssqlDialect({
    tarn: {
      ...tarn,
      options: {
        min: 0,
        max: settings.maxConnections,
        idleTimeoutMillis: settings.idleConnections === 0 ? 1 : 30_000,
      },
    },
    tedious: {
      ...tedious,
      connectionFactory: () => new tedious.Connection(config),
    },
  });
}
