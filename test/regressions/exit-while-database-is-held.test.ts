import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { MlflowClient } from '../../src/tracking/client.ts';

const PROGRAM = fileURLToPath(new URL('../tracking/program.ts', import.meta.url));

test.each([
  ['by itself', 0],
  ['by exit(3)', 3],
])(
  'a program that ends %s while another process holds the database ends soon, and loses nothing',
  async (ending, exitCode) => {
    const folder = fs.mkdtempSync(path.join(process.cwd(), 'held-'));
    const file = path.join(folder, 'mlflow.db');
    await new MlflowClient(`sqlite:///${file}`).searchExperiments();
    const holder = new DatabaseSync(file);
    holder.exec('BEGIN IMMEDIATE');
    const startedAt = performance.now();
    const child = spawnSync(process.execPath, [PROGRAM, ending, '10'], {
      cwd: folder,
      encoding: 'utf8',
      timeout: 15_000,
    });
    const tookMs = performance.now() - startedAt;
    holder.exec('ROLLBACK');
    holder.close();
    expect(child.status, child.stderr).toBe(exitCode);
    expect(tookMs).toBeLessThan(8000);
    expect(child.stderr.match(/autolog: /g)).toHaveLength(1);
    expect(child.stderr).toMatch(/the next process does it.*another process holds its lock/);

    const runId = child.stdout.trim();
    const client = new MlflowClient(`sqlite:///${file}`);
    expect((await client.getRun(runId)).info.status).toBe(exitCode === 0 ? 'FINISHED' : 'FAILED');
    expect(await client.getMetricHistory(runId, 'm')).toHaveLength(10);
  },
);
