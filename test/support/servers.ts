import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';
import { type DatabaseKind, MARIADB, POSTGRESQL } from './database-kinds.ts';
import { createDatabase, type DatabaseServer, startDatabaseServer } from './database-server.ts';
import { createRequirement, type Requirement } from './requirements.ts';
import { SERVERS_FOLDER, type SharedServer } from './shared-servers.ts';

const WAIT_LIMIT_MS = 90_000;

/** A kind of database server that a machine may lack. */
export interface ServerRequirement extends Requirement {
  /**
   * Makes an empty database and returns its tracking URI, with the password. All test files of a run share one server,
   * which the first that needs it starts.
   */
  createDatabase(): Promise<string>;
  /** Asks a database by its tracking URI, past our code. */
  ask(uri: string, sql: string): Promise<readonly Record<string, unknown>[]>;
  /** Starts a server for the caller alone, who ends it with `remove`. */
  startOwn(moreArgs?: (folder: string) => readonly string[]): Promise<DatabaseServer>;
  readonly kind: DatabaseKind;
}

/** Requires PostgreSQL (`apt-get install postgresql`); missing in CI is a failure. */
export function requirePostgresql(): ServerRequirement {
  return requireServer(POSTGRESQL, 'PostgreSQL');
}

/** Requires MariaDB (`apt-get install mariadb-server`); missing in CI is a failure. */
export function requireMariadb(): ServerRequirement {
  return requireServer(MARIADB, 'MariaDB');
}

function requireServer(kind: DatabaseKind, name: string): ServerRequirement {
  return {
    ...createRequirement(kind.binary === null, `no ${name} is installed`, true),
    createDatabase: async () => createDatabase(kind, (await shareServer(kind)).port),
    ask: (uri, sql) => {
      const { port, pathname } = new URL(uri);
      return kind.run(Number(port), sql, pathname.slice(1));
    },
    startOwn: (moreArgs) => startDatabaseServer(kind, process.pid, moreArgs),
    kind,
  };
}

/** The run's server: of the processes that ask at once, one makes the folder and starts it, the others wait. */
async function shareServer(kind: DatabaseKind): Promise<SharedServer> {
  const folder = path.join(inject('workFolder'), SERVERS_FOLDER, kind.name);
  const file = path.join(folder, 'server.json');
  fs.mkdirSync(path.dirname(folder), { recursive: true });
  if (isFirst(folder)) {
    const { port, pid } = await startDatabaseServer(kind, process.ppid);
    fs.writeFileSync(`${file}.new`, JSON.stringify({ port, pid }));
    fs.renameSync(`${file}.new`, file);
  }
  for (const giveUpAt = Date.now() + WAIT_LIMIT_MS; !fs.existsSync(file); await sleep(50)) {
    if (Date.now() > giveUpAt) throw new Error(`Cannot use ${kind.name}: another test file could not start it.`);
  }
  return JSON.parse(fs.readFileSync(file, 'utf8'));
}

function isFirst(folder: string): boolean {
  try {
    fs.mkdirSync(folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
