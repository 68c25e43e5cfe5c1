import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { MlflowClient } from '../../src/index.ts';

const KILLS = 5;

it('every span that had ended survives SIGKILL, once, and a trace whose root had not is in progress', async () => {
  const folder = fs.mkdtempSync(path.resolve('killed-'));
  const program = path.join(import.meta.dirname, 'killed-program.ts');
  const uri = `sqlite:///${path.join(folder, 'mlflow.db')}`;
  const env = { ...process.env, MLFLOW_TRACKING_URI: uri };
  const told: string[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(child.stdout, 'data');
    await wait(Math.random() * 50);
    child.kill('SIGKILL');
    await once(child, 'close');
    const lines = Buffer.concat(chunks).toString().split('\n').slice(0, -1);
    told.push(...lines.map((line) => `${kill} ${line}`));
  }
  const client = new MlflowClient(uri);
  const stored: string[] = [];
  const states = new Set<string>();
  for (let pageToken: string | null = null; ; ) {
    const page = await client.searchTraces({ experimentIds: ['0'], maxResults: 500, pageToken });
    for (const { traceId, state } of page.items) {
      const { spans } = await client.getTrace(traceId);
      const isWhole = spans.some(({ parentSpanId }) => parentSpanId === null);
      states.add(`${isWhole} ${state}`);
      stored.push(...spans.map(({ name }) => name));
    }
    pageToken = page.nextPageToken;
    if (pageToken === null) break;
  }
  const countOf = (names: readonly string[]) => Object.groupBy(names, (name) => name);
  const expected = countOf(told.map((line) => line.replace(/^\d+ /, '')));
  const found = countOf(stored);
  expect(told.length).toBeGreaterThan(KILLS * 5);
  // A span may have ended, and its process been killed, before the line that tells of it.
  for (const [name, times] of Object.entries(expected))
    expect(found[name]?.length, name).toBeGreaterThanOrEqual(times?.length ?? 0);
  expect(stored.length - told.length).toBeLessThanOrEqual(KILLS);
  expect([...states].filter((state) => state !== 'true OK' && state !== 'false IN_PROGRESS')).toEqual([]);
});
