import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { resolveTrackingStore } from '../../src/store/store-uri.ts';
import { COUNTS, expectAllThere, play, settle, toCounted } from '../durability/expect-all-there.ts';
import { query } from '../store/raw-database.ts';
import { requireMlflow } from '../support/requirements.ts';
import { toUri } from './python.ts';
import { startMlflowServer } from './server-process.ts';

const mlflow = requireMlflow();
const program = path.resolve(import.meta.dirname, '../durability/crash-server.ts');

describe.skipIf(mlflow.isMissing)(mlflow.title('processes that are killed, with a server of MLflow'), () => {
  test('lose nothing, and store nothing twice (24 kills); the server is killed too', async () => {
    process.env.AUTOLOG_JOURNAL_DIR = path.resolve('journals');
    const file = path.resolve('crashed-server.db');
    let server = await startMlflowServer(toUri(file));
    const { port, url } = server;
    const store = resolveTrackingStore(url);
    const round = { program, target: url, loggers: 2, shippers: 1, readers: 1, maxLifeMs: 3000 };
    const crashes = async () => {
      for (let count = 0; count < 2; count++) {
        await sleep(3000);
        await server.kill();
        server = await startMlflowServer(toUri(file), { port });
      }
    };
    try {
      const [played] = await Promise.all([play(6, round), crashes()]);
      expect(played.kills).toBe(24);
      await settle(store);
      const stored = query(file, COUNTS).map(toCounted);
      const names = query(file, 'SELECT run_uuid, name FROM runs');
      const idOf = new Map(names.map(([runId, name]) => [String(runId), String(name)]));
      expectAllThere(
        played.runs,
        stored.map((it) => ({ ...it, runId: idOf.get(it.runId) ?? it.runId })),
      );
      expect(new Set(idOf.values()).size).toBe(idOf.size);
    } finally {
      await server.stop();
    }
  });
});
