import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import {
  activeRun,
  MlflowClient,
  setExperiment,
  setTrackingUri,
  shutdown,
  startRun,
  withRun,
} from '../../../src/index.ts';
import { randomUuidHex } from '../../../src/random-id.ts';
import { REJECTED_FILE_NAME } from '../../../src/tracking/delivery/rejections.ts';
import { beginRun } from '../../../src/tracking/fluent/runs.ts';
import { currentStore } from '../../../src/tracking/settings.ts';
import { onEachServer } from './on-each-server.ts';

const LIMIT_MS = 60_000;

afterEach(async () => {
  await shutdown();
  setTrackingUri('sqlite:///mlflow.db');
  setExperiment({ id: '0' });
});

onEachServer('startRun', (server) => {
  let client: MlflowClient;

  beforeEach(async () => {
    setTrackingUri(await server.createDatabase());
    setExperiment({ id: '0' });
    client = new MlflowClient();
    const store = currentStore();
    onTestFinished(async () => store.close());
  }, LIMIT_MS);

  test('refuses a run, a parent and an experiment that are unknown', { timeout: LIMIT_MS }, () => {
    const id = randomUuidHex();
    expect(() => startRun({ runId: id })).toThrow(`Run with id=${id} not found`);
    expect(() => withRun({ runId: id }, () => 0)).toThrow(`Run with id=${id} not found`);
    expect(() => startRun({ parentRunId: id })).toThrow(`Run with id=${id} not found`);
    expect(() => startRun({ experimentId: 77 })).toThrow('No Experiment with id=77 exists');
    expect(() => setExperiment({ id: '77' })).toThrow('No Experiment with id=77 exists');
    expect(activeRun()).toBeUndefined();
  });

  test('refuses a run and an experiment that are deleted', { timeout: LIMIT_MS }, async () => {
    const run = withRun((it) => it);
    await client.deleteRun(run.runId);
    expect(() => startRun({ runId: run.runId })).toThrow('it is in the deleted state; restore it first');
    const experimentId = await client.createExperiment('old');
    setExperiment('old');
    await client.deleteExperiment(experimentId);
    for (const begin of [() => startRun(), () => startRun({ experimentId }), () => setExperiment('old')]) {
      expect(begin).toThrow("must be in the 'active' state");
    }
    expect(readdirSync(currentStore().journalFolder)).not.toContain(REJECTED_FILE_NAME);
  });

  test('knows the run that it takes up', { timeout: LIMIT_MS }, async () => {
    const experimentId = await client.createExperiment('own');
    const run = withRun({ experimentId, runName: 'first', tags: { team: 'a' } }, (it) => {
      it.logParam('lr', 1);
      return it;
    });
    await shutdown();
    setExperiment({ id: experimentId });
    withRun({ runId: run.runId }, (again) => {
      expect(again).toMatchObject({ runName: 'first', experiment: { id: experimentId }, tags: { team: 'a' } });
      expect(() => again.logParam('lr', 2)).toThrow(/lr/);
    });
    setExperiment({ id: '0' });
    expect(() => startRun({ runId: run.runId })).toThrow(`it belongs to experiment ${experimentId}`);
  });

  test('takes up a run that waits for its delivery, as it was logged', { timeout: LIMIT_MS }, async () => {
    setExperiment('later');
    const run = withRun({ runName: 'first' }, (it) => {
      it.logParam('lr', 1);
      return it;
    });
    setExperiment('other');
    withRun({ runId: run.runId }, (again) => {
      expect(again).toMatchObject({ runName: 'first', experiment: { name: 'later' } });
      expect(() => again.logParam('lr', 2)).toThrow(/lr/);
    });
    withRun({ parentRunId: run.runId }, () => undefined);
    expect((await client.getRun(run.runId)).info).toMatchObject({ runName: 'first', status: 'FINISHED' });
  });

  test('of a library asks no server', { timeout: LIMIT_MS }, async () => {
    vi.stubEnv('MLFLOW_RUN_ID', randomUuidHex());
    onTestFinished(() => void vi.unstubAllEnvs());
    const run = beginRun();
    expect(run.runName).toBe('');
    expect(beginRun({ experimentId: 77 }).experiment).toEqual({ id: '77' });
  });
});
