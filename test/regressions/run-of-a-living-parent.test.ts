import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { MlflowClient } from '../../src/tracking/client.ts';
import { logMetric } from '../../src/tracking/fluent/log.ts';
import { endRun, startRun } from '../../src/tracking/fluent/runs.ts';
import { setTrackingUri } from '../../src/tracking/settings.ts';

const SOURCES = path.join(import.meta.dirname, '../../src');

/** Takes up the run that it is given. */
const CHILD = `
import { logMetric } from ${JSON.stringify(path.join(SOURCES, 'tracking/fluent/log.ts'))};
import { startRun } from ${JSON.stringify(path.join(SOURCES, 'tracking/fluent/runs.ts'))};
process.stdout.write(startRun().runId);
logMetric('m', 2, { step: 2 });
`;

test('a child takes up the run of a parent that stands still until the child has ended', async () => {
  const folder = fs.mkdtempSync(path.join(process.cwd(), 'parent-'));
  const program = path.join(folder, 'child.mjs');
  fs.writeFileSync(program, CHILD);
  const uri = `sqlite:///${path.join(folder, 'mlflow.db')}`;
  setTrackingUri(uri);
  const { runId } = startRun();
  logMetric('m', 1, { step: 1 });
  const env = { ...process.env, MLFLOW_RUN_ID: runId, MLFLOW_TRACKING_URI: uri };
  expect(execFileSync(process.execPath, [program], { cwd: folder, env, encoding: 'utf8' })).toBe(runId);
  logMetric('m', 3, { step: 3 });
  endRun();
  const client = new MlflowClient();
  expect((await client.getMetricHistory(runId, 'm')).map(({ step }) => step)).toEqual([1, 2, 3]);
  expect((await client.getRun(runId)).info.status).toBe('FINISHED');
});

test('a run that nobody has begun is refused', () => {
  setTrackingUri(`sqlite:///${path.join(fs.mkdtempSync(path.join(process.cwd(), 'none-')), 'mlflow.db')}`);
  startRun();
  expect(() => startRun({ runId: '0'.repeat(32), nested: true })).toThrow(/0{32}/);
  endRun();
});
