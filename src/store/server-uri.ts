import { invalidParameter } from '../errors.ts';
import { withoutSecrets } from './uri-secrets.ts';

/** Kinds of database servers; MariaDB is `mysql`, SQL Server is `mssql`. */
export type ServerDialect = 'postgresql' | 'mysql' | 'mssql';

/** Where a database server is and who connects, as a SQLAlchemy URI says it. */
export interface ServerAddress {
  readonly dialect: ServerDialect;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Options after the question mark; names in lower case. */
  readonly options: Readonly<Record<string, string>>;
  /** The URI without user, password and options: for messages, and as the name of the store. */
  readonly shown: string;
}

/** Whether a URI means a database server, in one of the forms that MLflow takes. */
export function isServerUri(uri: string): boolean {
  return SCHEME.test(uri);
}

/**
 * Reads a URI of SQLAlchemy's form, `dialect+driver://user:password@host:port/database?options`; what is special in a
 * user's name or password is written with percent signs.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for one without a database, or with a part that makes no sense; the message
 * holds no secret.
 */
export function parseServerUri(uri: string): ServerAddress {
  const parts = PARTS.exec(uri)?.groups;
  const dialect = DIALECTS[SCHEME.exec(uri)?.[1]?.toLowerCase() ?? ''];
  const shown = withoutSecrets(uri).replace('***@', '');
  if (!parts || !dialect) {
    throw invalidParameter(
      `Cannot use the tracking URI '${shown}': it has another form than 'postgresql://user:password@host:5432/database'.`,
    );
  }
  const options = Object.fromEntries(
    Array.from(new URLSearchParams(parts.query ?? ''), ([name, value]) => [name.toLowerCase(), value]),
  );
  const database = decode(parts.database ?? '', shown) || options.dbname || options.database;
  if (!database) {
    throw invalidParameter(
      `Cannot use the tracking URI '${shown}': it names no database; add one, as in '${shown.replace(/\/$/, '')}/mlflow'.`,
    );
  }
  return {
    dialect,
    host: options.host || parts.ipv6 || decode(parts.host ?? '', shown) || 'localhost',
    port: toPort(options.port ?? parts.port, DEFAULT_PORTS[dialect], shown),
    user: decode(parts.user ?? '', shown) || options.user || '',
    password: decode(parts.password ?? '', shown) || options.password || '',
    database,
    options,
    shown,
  };
}

const SCHEME = /^(postgres(?:ql)?|mysql|mariadb|mssql)(?:\+\w+)?:/i;
const PARTS =
  /^[a-z0-9+_]+:\/\/(?:(?<user>[^:/?#@]*)(?::(?<password>.*))?@)?(?:\[(?<ipv6>[0-9a-f:.]+)\]|(?<host>[^/:?#@]*))(?::(?<port>[^/?#]*))?(?:\/(?<database>[^?#]*))?(?:\?(?<query>[^#]*))?$/is;
const DIALECTS: Readonly<Record<string, ServerDialect>> = {
  postgres: 'postgresql',
  postgresql: 'postgresql',
  mysql: 'mysql',
  mariadb: 'mysql',
  mssql: 'mssql',
};
const DEFAULT_PORTS: Readonly<Record<ServerDialect, number>> = { postgresql: 5432, mysql: 3306, mssql: 1433 };

function toPort(text: string | undefined, usual: number, shown: string): number {
  if (!text) return usual;
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw invalidParameter(`Cannot use the tracking URI '${shown}': its port is no number from 1 to 65535.`);
}

function decode(text: string, shown: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalidParameter(
      `Cannot use the tracking URI '${shown}': a percent sign in its user, password, host or database is not followed by two hexadecimal digits; write it as %25.`,
    );
  }
}
