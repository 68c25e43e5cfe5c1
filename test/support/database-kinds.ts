import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createConnection } from 'mysql2/promise';
import pg from 'pg';

/** How a kind of database server is made, started and asked. */
export interface DatabaseKind {
  readonly name: 'postgresql' | 'mariadb';
  /** Its server; null where the machine has none. */
  readonly binary: string | null;
  /** User and group that it runs as, where those of the tests will not do. */
  readonly user: { readonly uid?: number; readonly gid?: number };
  /** Makes its data in a folder that belongs to the user. */
  makeData(folder: string): void;
  args(folder: string, port: number): readonly string[];
  /** Runs a statement as the one user that there is, in a database where one is named. */
  run(port: number, sql: string, database?: string): Promise<readonly Record<string, unknown>[]>;
  /** Tracking URI of a database. */
  uri(port: number, database: string): string;
}

/** The one user of the test servers, who may do everything. */
export const USER = { name: 'autolog', password: 's3cret-of-tests' };

const POSTGRESQL_FOLDER = newestPostgresql();

/** PostgreSQL; it refuses to run as root, and runs as `postgres` then. */
export const POSTGRESQL: DatabaseKind = {
  name: 'postgresql',
  binary: POSTGRESQL_FOLDER && path.join(POSTGRESQL_FOLDER, 'postgres'),
  user: process.getuid?.() === 0 ? idsOf('postgres') : {},
  makeData(folder) {
    const passwordFile = path.join(folder, 'password');
    fs.writeFileSync(passwordFile, USER.password, { mode: 0o644 });
    const args = ['-D', path.join(folder, 'data'), '-U', USER.name, '--pwfile', passwordFile, '--no-sync'];
    const more = ['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C.UTF-8', '--no-instructions'];
    execFileSync(path.join(POSTGRESQL_FOLDER ?? '', 'initdb'), [...args, ...more], {
      ...POSTGRESQL.user,
      cwd: folder,
      stdio: 'pipe',
    });
  },
  args: (folder, port) => [
    ...['-D', path.join(folder, 'data'), '-k', folder, '-p', String(port), '-c', 'listen_addresses=127.0.0.1'],
    ...['-c', 'fsync=off', '-c', 'max_connections=200', '-c', 'shared_buffers=64MB'],
  ],
  async run(port, sql, database = 'postgres') {
    const client = new pg.Client({ host: '127.0.0.1', port, user: USER.name, password: USER.password, database });
    // Where the server ends while this waits: the query tells it as well.
    client.on('error', () => 'ends the query too');
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  },
  uri: (port, database) => `postgresql://${USER.name}:${USER.password}@127.0.0.1:${port}/${database}`,
};

/** MariaDB. */
export const MARIADB: DatabaseKind = {
  name: 'mariadb',
  binary: find('mariadbd'),
  user: {},
  makeData(folder) {
    const args = ['--no-defaults', `--datadir=${path.join(folder, 'data')}`, `--user=${os.userInfo().username}`];
    const more = ['--skip-test-db', '--auth-root-authentication-method=normal'];
    execFileSync(find('mariadb-install-db') ?? '', [...args, ...more], { cwd: folder, stdio: 'pipe' });
    fs.writeFileSync(
      path.join(folder, 'users.sql'),
      `CREATE USER IF NOT EXISTS '${USER.name}'@'%' IDENTIFIED BY '${USER.password}';
GRANT ALL PRIVILEGES ON *.* TO '${USER.name}'@'%';
`,
    );
  },
  args: (folder, port) => [
    ...['--no-defaults', `--datadir=${path.join(folder, 'data')}`, `--user=${os.userInfo().username}`],
    ...[`--port=${port}`, '--bind-address=127.0.0.1', `--socket=${path.join(folder, 's')}`, '--skip-name-resolve'],
    '--character-set-server=utf8mb4',
    ...[`--init-file=${path.join(folder, 'users.sql')}`, `--pid-file=${path.join(folder, 'pid')}`],
    ...['--innodb-flush-log-at-trx-commit=2', '--skip-innodb-doublewrite', '--max-connections=200'],
  ],
  async run(port, sql, database) {
    const options = { host: '127.0.0.1', port, user: USER.name, password: USER.password };
    const connection = await createConnection(database === undefined ? options : { ...options, database });
    try {
      const [rows] = await connection.query(sql);
      return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
    } finally {
      await connection.end();
    }
  },
  uri: (port, database) => `mysql+pymysql://${USER.name}:${USER.password}@127.0.0.1:${port}/${database}`,
};

/** Debian keeps the binaries of each version apart, and none of them in PATH. */
function newestPostgresql(): string | null {
  const root = '/usr/lib/postgresql';
  const versions = fs.existsSync(root) ? fs.readdirSync(root) : [];
  const folders = versions.sort((a, b) => Number(b) - Number(a)).map((it) => path.join(root, it, 'bin'));
  const found = find('postgres');
  if (found !== null) folders.unshift(path.dirname(found));
  return folders.find((it) => fs.existsSync(path.join(it, 'initdb'))) ?? null;
}

function find(program: string): string | null {
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin'];
  return folders.map((it) => path.join(it, program)).find((it) => fs.existsSync(it)) ?? null;
}

function idsOf(user: string): { uid?: number; gid?: number } {
  const line = fs
    .readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((it) => it.startsWith(`${user}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid === undefined ? {} : { uid: Number(uid), gid: Number(gid) };
}
