import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { rolldown } from 'rolldown';
import { beforeAll, describe, expect, test } from 'vitest';
import { resolveTrackingStore } from '../../src/store/store-uri.ts';
import { query } from '../store/raw-database.ts';
import { requirePostgresql } from '../support/servers.ts';
import { COUNTS, expectAllThere, play, settle, toCounted } from './expect-all-there.ts';

const LIMIT_MS = 150_000;
const program = path.resolve('crash-sqlite.mjs');

/** One file starts in a fifth of the time. */
beforeAll(async () => {
  const bundle = await rolldown({
    input: path.join(import.meta.dirname, 'crash-sqlite.ts'),
    platform: 'node',
    logLevel: 'silent',
  });
  await bundle.write({ file: program, codeSplitting: false });
  await bundle.close();
});

describe('processes that are killed, with a store in a file', () => {
  test.each([
    { what: 'one logger', loggers: 1, shippers: 0, rounds: 20, kills: 20 },
    { what: 'a logger and a shipper', loggers: 1, shippers: 1, rounds: 20, kills: 40 },
    { what: 'two loggers, a shipper and a reader', loggers: 2, shippers: 1, readers: 1, rounds: 15, kills: 60 },
    { what: 'eight loggers, a shipper and a reader', loggers: 8, shippers: 1, readers: 1, rounds: 20, kills: 200 },
  ])(
    'lose nothing, and store nothing twice: $what, $kills kills',
    async ({ rounds, kills, ...processes }) => {
      const folder = fs.mkdtempSync(path.resolve('crash-'));
      const file = path.join(folder, 'mlflow.db');
      const played = await play(rounds, {
        program,
        target: file,
        maxLifeMs: 40 + 25 * processes.loggers,
        ...processes,
      });
      expect(played.kills).toBe(kills);
      await settle(resolveTrackingStore(`sqlite:///${file}`));
      const stored = query(file, COUNTS).map(toCounted);
      expectAllThere(played.runs, stored);
      expect(query(file, 'PRAGMA integrity_check')).toEqual([['ok']]);
    },
    LIMIT_MS,
  );
});

const postgresql = requirePostgresql();
const serverProgram = path.join(import.meta.dirname, 'crash-server.ts');

describe.skipIf(postgresql.isMissing)(
  postgresql.title('processes that are killed, with a store on PostgreSQL'),
  () => {
    test(
      'lose nothing, and store nothing twice (24 kills); the server is killed too, again and again',
      async () => {
        const folder = path.resolve('postgresql-journals');
        process.env.AUTOLOG_JOURNAL_DIR = folder;
        const server = await postgresql.startOwn();
        try {
          const uri = await server.createDatabase();
          const store = resolveTrackingStore(uri);
          await store.searchExperiments({});
          const round = {
            program: serverProgram,
            target: uri,
            loggers: 2,
            shippers: 1,
            readers: 1,
            maxLifeMs: 1000,
          };
          const crashes = async () => {
            for (let count = 0; count < 3; count++) {
              await sleep(1000);
              await server.kill();
              await sleep(300);
              await server.start();
            }
          };
          const [played] = await Promise.all([play(6, round), crashes()]);
          expect(played.kills).toBe(24);
          await settle(store);
          const stored = (await postgresql.ask(uri, COUNTS)).map((row) => toCounted(Object.values(row)));
          expectAllThere(played.runs, stored);
          await store.close();
        } finally {
          await server.remove();
        }
      },
      LIMIT_MS,
    );
  },
);
