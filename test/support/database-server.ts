import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DatabaseKind } from './database-kinds.ts';

const START_LIMIT_MS = 60_000;

/** A real database server on 127.0.0.1, with its data in a temporary folder. */
export interface DatabaseServer {
  readonly port: number;
  /** Process that keeps the server: when it is told to end, it ends the server and removes the data. */
  readonly pid: number;
  /** Makes an empty database and returns its tracking URI. */
  createDatabase(): Promise<string>;
  /** Ends the server at once, as a crash does; the data stay. */
  kill(): Promise<void>;
  /** Starts it again after `kill`, on the same port with the same data. */
  start(): Promise<void>;
  /** Ends it and removes the data. */
  remove(): Promise<void>;
}

/**
 * Starts a server, which ends when the process `ownerPid` has ended, at the latest. `moreArgs` gets the folder of its data and
 * adds to its arguments.
 *
 * @throws {Error} with its output, when it takes too long to answer.
 */
export async function startDatabaseServer(
  kind: DatabaseKind,
  ownerPid = process.pid,
  moreArgs: (folder: string) => readonly string[] = () => [],
): Promise<DatabaseServer> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), `autolog-${kind.name}-`));
  if (kind.user.uid !== undefined && kind.user.gid !== undefined) {
    fs.chownSync(folder, kind.user.uid, kind.user.gid);
  }
  kind.makeData(folder);
  const port = await freePort();
  const args = [...kind.args(folder, port), ...moreArgs(folder)];
  const keep = () => keepServer(kind, folder, args, port, ownerPid);
  let keeper = await keep();
  return {
    port,
    get pid() {
      return keeper.pid ?? 0;
    },
    createDatabase: () => createDatabase(kind, port),
    kill: () => end(keeper, 'SIGKILL'),
    async start() {
      keeper = await keep();
    },
    async remove() {
      await end(keeper, 'SIGTERM');
      fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Makes an empty database on a server and returns its tracking URI. */
export async function createDatabase(kind: DatabaseKind, port: number): Promise<string> {
  const name = `test_${Math.random().toString(36).slice(2)}`;
  await kind.run(port, `CREATE DATABASE ${name}`);
  return kind.uri(port, name);
}

/**
 * Keeps a server as long as its owner is there. One that was just killed may hold its files for a moment: it is started
 * until it stays. A user may not signal the owner of another, and finds it in /proc.
 */
const KEEPER = `
server=
finish() { [ -n "$server" ] && kill -INT $server 2>/dev/null && kill -TERM $server 2>/dev/null; wait; cd /; rm -rf "$FOLDER"; exit 0; }
trap finish TERM
while kill -0 "$OWNER" 2>/dev/null || [ -d "/proc/$OWNER" ]; do
  if [ -z "$server" ] || ! kill -0 $server 2>/dev/null; then "$@" & server=$!; fi
  sleep 0.3 & wait $!
done
finish`;

async function keepServer(
  kind: DatabaseKind,
  folder: string,
  args: readonly string[],
  port: number,
  ownerPid: number,
): Promise<ChildProcess> {
  const logFile = path.join(folder, 'log');
  const log = fs.openSync(logFile, 'a');
  const keeper = spawn('sh', ['-c', KEEPER, 'sh', kind.binary ?? '', ...args], {
    ...kind.user,
    cwd: folder,
    env: { ...process.env, FOLDER: folder, OWNER: String(ownerPid) },
    detached: true,
    stdio: ['ignore', log, log],
  });
  fs.closeSync(log);
  keeper.unref();
  const giveUpAt = Date.now() + START_LIMIT_MS;
  for (;;) {
    try {
      await kind.run(port, 'SELECT 1');
      return keeper;
    } catch (error) {
      if (Date.now() < giveUpAt) {
        await sleep(50);
        continue;
      }
      const output = fs.readFileSync(logFile, 'utf8').slice(-5000);
      await end(keeper, 'SIGTERM');
      throw new Error(`Cannot start ${kind.name}: ${error}\n${output}`);
    }
  }
}

/** SIGKILL goes to the server as well, and to each of its processes: PostgreSQL's live on for a moment otherwise. */
async function end(keeper: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (keeper.exitCode !== null || keeper.signalCode !== null || keeper.pid === undefined) return;
  const exit = once(keeper, 'exit');
  const processes = signal === 'SIGKILL' ? descendantsOf(keeper.pid) : [];
  process.kill(keeper.pid, signal);
  for (const pid of processes) {
    try {
      process.kill(pid, signal);
    } catch {
      // ESRCH: it has ended with its parent.
    }
  }
  await exit;
}

/** As Linux tells them. */
function descendantsOf(pid: number): number[] {
  const children = fs
    .readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .filter(Boolean)
    .map(Number);
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('Cannot find a free port.');
  return address.port;
}
