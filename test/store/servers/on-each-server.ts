import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, onTestFinished } from 'vitest';
import { resolveTrackingStore } from '../../../src/store/store-uri.ts';
import type { TrackingStore } from '../../../src/store/tracking-store.ts';
import { requireMariadb, requirePostgresql, type ServerRequirement } from '../../support/servers.ts';

/** Runs the same tests on every kind of server that there is. */
export function onEachServer(title: string, tests: (server: ServerRequirement) => void): void {
  for (const [name, server] of [
    ['PostgreSQL', requirePostgresql()] as const,
    ['MariaDB', requireMariadb()] as const,
  ]) {
    describe.skipIf(server.isMissing)(server.title(`${title} on ${name}`), () => tests(server));
  }
}

/** Opens the store of a database; closed when the test ends. */
export function openStore(uri: string): TrackingStore {
  const store = resolveTrackingStore(uri);
  onTestFinished(async () => store.close());
  return store;
}

/**
 * Runs the program beside this file, which delivers a run, and returns what was refused as JSON; rejects when it was killed
 * before it came to its end.
 */
export async function deliverInProcess(
  uri: string,
  journal: string,
  runId: string,
  count: number,
  startAt: number,
  killAfterMs = 0,
): Promise<string> {
  const program = path.join(import.meta.dirname, 'deliver-program.ts');
  const flags = process.features.typescript ? [] : ['--experimental-strip-types'];
  const args = [...flags, program, uri, journal, runId, String(count), String(startAt)];
  const options = { timeout: killAfterMs, killSignal: 'SIGKILL' } as const;
  return (await promisify(execFile)(process.execPath, args, options)).stdout;
}
