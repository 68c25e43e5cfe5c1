import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { flush, MlflowClient, setTrackingUri, withSpan } from '../../src/index.ts';
import { holdStderr } from '../../src/testing/hold-stderr.ts';

let folder: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(process.cwd(), 'traces-'));
  setTrackingUri(`sqlite:///${path.join(folder, 'mlflow.db')}`);
});

afterEach(() => {
  delete process.env.MLFLOW_EXPERIMENT_ID;
});

async function traceTwice(experimentId: string): Promise<string> {
  process.env.MLFLOW_EXPERIMENT_ID = experimentId;
  const stderr = holdStderr();
  try {
    for (const answer of [1, 2]) expect(withSpan({ name: 'ask' }, () => answer)).toBe(answer);
    await flush();
  } finally {
    stderr.release();
  }
  return stderr.text;
}

test.each(['4711', 'no number'])('the experiment %s is told once, and nothing is recorded', async (id) => {
  const told = await traceTwice(id);
  expect(told.match(/autolog: /g)).toHaveLength(1);
  expect(told).toContain('MLFLOW_EXPERIMENT_ID');
  expect(fs.existsSync(path.join(folder, '.autolog', 'mlflow.db', 'rejected.jsonl'))).toBe(false);
  expect((await new MlflowClient().searchTraces({ experimentIds: ['0'] })).items).toEqual([]);
});

test('an experiment that exists gets its traces', async () => {
  const id = await new MlflowClient().createExperiment('demo');
  expect(await traceTwice(id)).toBe('');
  expect((await new MlflowClient().searchTraces({ experimentIds: [id] })).items).toHaveLength(2);
});
