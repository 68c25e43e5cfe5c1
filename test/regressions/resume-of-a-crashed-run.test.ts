import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, expect, test } from 'vitest';
import { MlflowClient } from '../../src/tracking/client.ts';
import { logMetric } from '../../src/tracking/fluent/log.ts';
import { endRun, startRun } from '../../src/tracking/fluent/runs.ts';
import { setTrackingUri } from '../../src/tracking/settings.ts';

const PROGRAM = fileURLToPath(new URL('../tracking/program.ts', import.meta.url));

let runId: string;

beforeEach(() => {
  const folder = fs.mkdtempSync(path.join(process.cwd(), 'crashed-'));
  runId = spawnSync(process.execPath, [PROGRAM, 'by SIGKILL', '10'], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, MLFLOW_TRACKING_URI: '' },
  }).stdout.trim();
  setTrackingUri(`sqlite:///${path.join(folder, 'mlflow.db')}`);
});

test('the next process takes up a run that was killed before anything of it was delivered', async () => {
  process.env.MLFLOW_RUN_ID = runId;
  expect(startRun().runId).toBe(runId);
  logMetric('m', 10, { step: 10 });
  endRun();
  expect(await new MlflowClient().getMetricHistory(runId, 'm')).toHaveLength(11);
});

test('it stays RUNNING while the journal of the killed process is cleared away', async () => {
  startRun({ runId });
  const client = new MlflowClient();
  expect((await client.getRun(runId)).info.status).toBe('RUNNING');
  expect((await client.getRun(runId)).info.status).toBe('RUNNING');
  endRun();
  expect((await client.getRun(runId)).info.status).toBe('FINISHED');
});

test('it is the parent of a run of the next process', async () => {
  const child = startRun({ parentRunId: runId });
  endRun();
  const client = new MlflowClient();
  expect((await client.getRun(child.runId)).tags['mlflow.parentRunId']).toBe(runId);
  expect((await client.getRun(runId)).info.status).toBe('KILLED');
});
