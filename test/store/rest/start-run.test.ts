import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { type FakeMlflow, type Route, refuse, startFakeMlflow } from './fake-mlflow.ts';

const PROGRAM = path.join(import.meta.dirname, 'start-run-program.ts');
const LIMIT_MS = 60_000;
const ID = 'a'.repeat(32);

/** Takes the steps in another process, which stands still while this one answers it. */
async function take(uri: string, ...steps: readonly unknown[]) {
  const flags = process.features.typescript ? [] : ['--experimental-strip-types'];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [
    ...flags,
    PROGRAM,
    uri,
    JSON.stringify(steps),
  ]);
  return { outcomes: JSON.parse(stdout), told: stderr.split('\n').filter((line) => line.includes('checking')) };
}

function startServer(
  run: Route,
  experiment: Route = (_, response) => refuse(response, 404, 'RESOURCE_DOES_NOT_EXIST'),
): Promise<FakeMlflow> {
  return startFakeMlflow({
    'GET /api/2.0/mlflow/runs/get': run,
    'GET /api/2.0/mlflow/experiments/get': experiment,
  });
}

function wireRun(stage: string) {
  return {
    run: {
      info: { run_id: ID, run_name: 'first', experiment_id: '7', status: 'FINISHED', lifecycle_stage: stage },
      data: { params: [{ key: 'lr', value: '1' }], tags: [{ key: 'team', value: 'a' }] },
    },
  };
}

test('a run that is taken up is known', { timeout: LIMIT_MS }, async () => {
  const server = await startServer(() => wireRun('active'));
  const { outcomes } = await take(server.url, { runId: ID });
  expect(outcomes).toEqual([{ runId: ID, runName: 'first', experiment: { id: '7' }, tags: { team: 'a' } }]);
});

test('what is unknown is refused, and nothing is logged to it', { timeout: LIMIT_MS }, async () => {
  const server = await startServer((_, response) => refuse(response, 404, 'RESOURCE_DOES_NOT_EXIST'));
  const steps = [{ runId: ID }, { parentRunId: ID }, { setExperiment: { id: '9' } }];
  const { outcomes } = await take(server.url, ...steps);
  expect(outcomes).toEqual(steps.map(() => expect.stringContaining('Cannot ')));
  expect(server.sent('POST /api/2.0/mlflow/runs/update')).toEqual([]);
});

test('what is deleted is refused', { timeout: LIMIT_MS }, async () => {
  const deleted = { experiment: { experiment_id: '9', name: 'old', lifecycle_stage: 'deleted' } };
  const server = await startServer(
    () => wireRun('deleted'),
    () => deleted,
  );
  const { outcomes } = await take(server.url, { runId: ID }, { setExperiment: { id: '9' } });
  expect(outcomes).toEqual([
    `Cannot start run ${ID}: it is in the deleted state; restore it first.`,
    "Cannot log to the experiment 9 ('old'): it is deleted; restore it or take another.",
  ]);
});

test('a server that fails, or does not answer, is told once and not asked again', {
  timeout: LIMIT_MS,
}, async () => {
  for (const run of [
    (_, response) => refuse(response, 500, 'INTERNAL_ERROR'),
    () => undefined,
  ] satisfies Route[]) {
    const server = await startServer(run);
    const { outcomes, told } = await take(server.url, { runId: ID }, { runId: ID });
    const goesOn = { runId: ID, runName: '', experiment: { id: '0' }, tags: {} };
    expect(outcomes).toEqual([goesOn, goesOn]);
    expect(told).toHaveLength(1);
    expect(server.sent('GET /api/2.0/mlflow/runs/get').length).toBeLessThan(3);
  }
});

test('a database server that is away is told once, and runs begin', { timeout: LIMIT_MS }, async () => {
  const { outcomes, told } = await take(
    'postgresql://nobody@127.0.0.1:9/none',
    { runId: ID },
    { experimentId: 77 },
  );
  expect(outcomes).toMatchObject([{ runName: '' }, { experiment: { id: '77' } }]);
  expect(told).toEqual([expect.stringContaining('nobody listens on that host and port')]);
});
