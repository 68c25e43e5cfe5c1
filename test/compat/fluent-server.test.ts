import fs from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  createExternalModel,
  getLoggedModel,
  getParentRun,
  getRun,
  loadTable,
  logImage,
  logMetric,
  logParam,
  logTable,
  logText,
  MlflowClient,
  searchRuns,
  setExperiment,
  setExperimentTag,
  setTrackingUri,
  shutdown,
  startRun,
  withRun,
} from '../../src/index.ts';
import { beginRun } from '../../src/tracking/fluent/runs.ts';
import { requireMlflow } from '../support/requirements.ts';
import { toUri } from './python.ts';
import { type MlflowServer, startMlflowServer } from './server-process.ts';

const mlflow = requireMlflow();

describe.skipIf(mlflow.isMissing)(mlflow.title('the fluent API with a server of MLflow'), () => {
  let server: MlflowServer;

  beforeAll(async () => {
    process.env.AUTOLOG_JOURNAL_DIR = path.resolve('journals');
    server = await startMlflowServer(toUri(path.resolve('server.db')), {
      args: ['--artifacts-destination', path.resolve('server-artifacts')],
    });
    setTrackingUri(server.url);
    setExperiment('by fluent calls');
  });

  afterEach(() => shutdown());

  afterAll(async () => {
    await server?.stop();
  });

  /** Asks the server itself. */
  async function ask(runId: string) {
    const answer = await fetch(`${server.url}/api/2.0/mlflow/runs/get?run_id=${runId}`);
    const { run } = (await answer.json()) as { run: { data: { tags: { key: string; value: string }[] } } };
    const tags = Object.fromEntries(run.data.tags.map(({ key, value }) => [key, value]));
    return { status: answer.status, tags };
  }

  it('has the id of the server when startRun returns', async () => {
    const run = startRun({ runName: 'named', tags: { team: 'a' } });
    const { status, tags } = await ask(run.runId);
    expect([status, tags.team, tags['mlflow.runName']]).toEqual([200, 'a', 'named']);
    logParam('lr', 1);
    logMetric('m', 2);
    const inner = startRun({ nested: true });
    expect((await ask(inner.runId)).tags['mlflow.parentRunId']).toBe(run.runId);
    inner.end();
    run.end();
    const { info, params, metrics } = await getRun(run.runId);
    expect([info.status, params.lr, metrics.m?.value]).toEqual(['FINISHED', '1', 2]);
    expect((await getParentRun(inner.runId))?.info.runId).toBe(run.runId);
  });

  it('begins runs of autologging without waiting, and finds them by the id that they began with', async () => {
    const run = beginRun({ runName: 'automatic' });
    run.logMetric('m', 1);
    run.end();
    const { info, metrics } = await getRun(run.runId);
    expect([info.runName, info.status, metrics.m?.value]).toEqual(['automatic', 'FINISHED', 1]);
    expect((await searchRuns({ filter: "attributes.run_name = 'automatic'" })).map((row) => row.runId)).toEqual([
      info.runId,
    ]);
  });

  it('takes up runs again', async () => {
    const run = withRun((it) => it);
    const resumed = startRun({ runId: run.runId, tags: { again: true } });
    // The server has no way to unset the time of the end, for Python neither.
    expect((await getRun(run.runId)).info.status).toBe('RUNNING');
    resumed.end('KILLED');
    expect(await getRun(run.runId)).toMatchObject({ info: { status: 'KILLED' }, tags: { again: 'true' } });
  });

  it('knows the run that is taken up, and refuses what is unknown or deleted', async () => {
    const client = new MlflowClient();
    const run = withRun({ runName: 'known', tags: { team: 'a' } }, (it) => {
      it.logParam('lr', 1);
      return it;
    });
    const { info } = await getRun(run.runId);
    withRun({ runId: run.runId }, (again) => {
      expect(again).toMatchObject({
        runName: 'known',
        experiment: { id: info.experimentId },
        tags: { team: 'a' },
      });
      expect(() => again.logParam('lr', 2)).toThrow(/lr/);
    });
    await shutdown();
    await client.deleteRun(run.runId);
    expect(() => startRun({ runId: run.runId })).toThrow('it is in the deleted state; restore it first');
    for (const options of [{ runId: 'f'.repeat(32) }, { parentRunId: 'f'.repeat(32) }, { experimentId: 777 }]) {
      expect(() => startRun(options)).toThrow(expect.objectContaining({ code: 'RESOURCE_DOES_NOT_EXIST' }));
    }
    const experimentId = await client.createExperiment('old');
    await client.deleteExperiment(experimentId);
    expect(() => startRun({ experimentId })).toThrow(/must be in the 'active' state/);
    expect(() => setExperiment('old')).toThrow('it is deleted');
  });

  it('keeps files, tables, images and models', async () => {
    const client = new MlflowClient();
    const runId = await withRun(async (run) => {
      await logText('größer', 'notes/a.txt');
      await logTable({ a: [1] }, 't.json');
      await logTable({ a: [2] }, 't.json');
      await logImage({ data: [1, 2, 3], width: 1, height: 1 }, { key: 'dot' });
      return run.runId;
    });
    const file = await client.downloadArtifacts(runId, 'notes/a.txt', fs.mkdtempSync(path.resolve('got-')));
    expect(fs.readFileSync(file, 'utf8')).toBe('größer');
    expect(await loadTable('t.json')).toEqual([{ a: 1 }, { a: 2 }]);
    expect(await client.listArtifacts(runId, 'images')).toHaveLength(2);
    const model = await createExternalModel({ name: 'app' });
    expect((await getLoggedModel(model.modelId)).status).toBe('READY');
    withRun(() => logMetric('acc', 1, { modelId: model.modelId }));
    expect((await getLoggedModel(model.modelId)).metrics.map(({ key, value }) => [key, value])).toEqual([
      ['acc', 1],
    ]);
    await setExperimentTag('k', 'v');
    expect((await client.getExperimentByName('by fluent calls'))?.tags).toMatchObject({ k: 'v' });
  });

  it('begins runs without the server too, which are there when it is back', async () => {
    await shutdown();
    await server.stop();
    const run = startRun({ runName: 'alone' });
    logMetric('m', 1);
    run.end();
    server = await startMlflowServer(toUri(path.resolve('server.db')), { port: server.port });
    const { info, metrics } = await getRun(run.runId);
    expect([info.runName, metrics.m?.value]).toEqual(['alone', 1]);
  });
});
