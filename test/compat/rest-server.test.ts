import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { resolveArtifactRepository } from '../../src/artifacts/resolve.ts';
import { AutologError } from '../../src/errors.ts';
import { logModel } from '../../src/models/log-model.ts';
import { randomUuidHex } from '../../src/random-id.ts';
import type { LogRecord } from '../../src/store/log-record.ts';
import { openRestStore } from '../../src/store/rest/open-rest-store.ts';
import type { RestTrackingStore } from '../../src/store/rest/rest-tracking-store.ts';
import { Writer } from '../../src/tracking/delivery/writer.ts';
import { metricRecord, modelRecord, newName, runRecord, spanRecord, traceRecord } from '../contract/subject.ts';
import { setEnvironment } from '../http/loopback.ts';
import { journalOf } from '../store/records.ts';
import { createRequirement, requireMlflow } from '../support/requirements.ts';
import { python, toUri } from './python.ts';
import { type MlflowServer, startMlflowServer } from './server-process.ts';

const mlflow = requireMlflow();
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'autolog-rest-server-'));

afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

describe.skipIf(mlflow.isMissing)(mlflow.title('a server of MLflow'), () => {
  let server: MlflowServer;
  let store: RestTrackingStore;

  beforeAll(async () => {
    server = await startMlflowServer(toUri(path.join(folder, 'mlflow.db')));
    store = openRestStore(server.url, { journalFolder: folder });
  });

  afterAll(() => server?.stop());

  describe('a run that begins at once', () => {
    test('has the id of the server, and is known by that of its record too', async () => {
      const parent = runRecord({ experiment: { name: newName() } });
      await store.deliver(journalOf([parent], newName()));
      const record = runRecord({ experiment: parent.experiment, tags: { 'mlflow.parentRunId': parent.runId } });
      const id = store.ids.beginRunNow(record, {});
      expect(id).toMatch(/^[0-9a-f]{32}$/);
      expect(id).not.toBe(record.runId);
      expect(store.ids.toServer(record.runId)).toBe(id);
      const run = await store.getRun(record.runId);
      expect(run.info).toMatchObject({ runId: id, runName: record.name, status: 'RUNNING' });
      expect(run.tags).toEqual({
        'mlflow.parentRunId': store.ids.toServer(parent.runId),
        'mlflow.runName': record.name,
      });
    });

    test('is begun once, also where its record is delivered after it', async () => {
      const record = runRecord({ experiment: { name: newName() } });
      const id = store.ids.beginRunNow(record, {});
      const records: LogRecord[] = [record, metricRecord(record.runId), metricRecord(id ?? '', { step: 1 })];
      expect(await store.deliver(journalOf(records, newName()))).toEqual([]);
      const { experimentId } = (await store.getRun(record.runId)).info;
      expect((await store.searchRuns({ experimentIds: [experimentId] })).items).toHaveLength(1);
      expect((await store.getMetricHistory(record.runId, 'loss')).items).toHaveLength(2);
    });

    test('is known to other processes', () => {
      const record = runRecord();
      const id = store.ids.beginRunNow(record, {});
      expect(openRestStore(server.url, { journalFolder: folder }).ids.toServer(record.runId)).toBe(id);
    });

    test('tells what the server refuses', () => {
      const record = runRecord({ experiment: { id: '999999999' } });
      expect(() => store.ids.beginRunNow(record, {})).toThrow(
        expect.objectContaining({ code: 'RESOURCE_DOES_NOT_EXIST' }),
      );
    });

    test('waits no longer than it may, and has no answer from nobody', () => {
      const away = openRestStore('http://127.0.0.1:9', { journalFolder: folder });
      expect(away.ids.beginRunNow(runRecord(), { patienceMs: 500 })).toBeNull();
    });
  });

  test('finds what an interrupted delivery has begun already', async () => {
    const experiment = { name: newName() };
    const run = runRecord({ experiment });
    const model = modelRecord({ runId: run.runId, params: Object.fromEntries(keys(150)) });
    const records: LogRecord[] = [run, model, { op: 'tag', runId: run.runId, key: 'a', value: 'b' }];
    const name = newName();
    await store.deliver(journalOf(records, name));
    // As a process would find it that takes over from one which has died before it wrote down what was done.
    fs.rmSync(path.join(store.journalFolder, 'ids.jsonl'));
    fs.writeFileSync(
      path.join(store.journalFolder, `${name}.position`),
      JSON.stringify({ position: 0, wasTried: true }),
    );
    const later = openRestStore(server.url, { journalFolder: folder });
    expect(await later.deliver(journalOf(records, name))).toEqual([]);
    const { experimentId } = (await later.getRun(run.runId)).info;
    expect((await later.searchRuns({ experimentIds: [experimentId] })).items).toHaveLength(1);
    const models = (await later.searchLoggedModels({ experimentIds: [experimentId] })).items;
    expect(models.map(({ params }) => Object.keys(params).length)).toEqual([150]);
  });

  test('keeps a model with its files, under its own ids', async () => {
    const run = runRecord({ experiment: { name: newName() } });
    const writer = new Writer(store);
    await writer.appendSettled(run);
    writer.append({ op: 'param', runId: run.runId, key: 'lr', value: '0.1' });
    writer.append(metricRecord(run.runId));
    const { modelId, modelUri, artifactPath } = await logModel(
      { runId: run.runId, writer, tags: {} },
      {
        name: 'net',
        flavors: { python_function: { loader_module: 'net' } },
        save: async (target) => fs.writeFileSync(path.join(target, 'weights.bin'), 'abc'),
      },
    );
    await writer.flush();
    const runId = store.ids.toServer(run.runId);
    const model = await store.getLoggedModel(modelId);
    expect(model).toMatchObject({ modelId, status: 'READY', sourceRunId: runId, params: { lr: '0.1' } });
    expect(model.metrics).toMatchObject([{ key: 'loss', value: 0.5, runId }]);
    expect((await store.getRun(run.runId)).modelOutputs).toEqual([{ modelId, step: 0 }]);
    const repository = resolveArtifactRepository(artifactPath, { trackingUri: server.url });
    expect((await repository.list()).map((it) => it.path)).toEqual(['MLmodel', 'weights.bin']);
    const program = `import mlflow, sys
mlflow.set_tracking_uri(sys.argv[1])
info = mlflow.models.get_model_info(sys.argv[2])
print(info.model_id, info.run_id, sorted(info.flavors))`;
    const said = await python('-c', program, server.url, modelUri);
    expect(said.trim().split('\n').at(-1)).toBe(`${modelId} ${runId} ['python_function']`);
  });

  test('keeps files', async () => {
    const run = runRecord({ experiment: { name: newName() } });
    await store.deliver(journalOf([run], newName()));
    const { artifactUri } = (await store.getRun(run.runId)).info;
    expect(artifactUri).toMatch(/^mlflow-artifacts:/);
    const repository = resolveArtifactRepository(artifactUri, { trackingUri: server.url });
    expect(await repository.list()).toEqual([]);

    const local = path.join(folder, 'files');
    fs.mkdirSync(path.join(local, 'sub dir'), { recursive: true });
    const bytes = Buffer.alloc(3_000_000, 'größe');
    fs.writeFileSync(path.join(local, 'sub dir', 'big 100%.bin'), bytes);
    fs.writeFileSync(path.join(local, 'empty'), '');
    await repository.logContent('notes/größe 1.txt', 'hello 🦉');
    await repository.logFolder(local, 'all');
    await repository.logFile(path.join(local, 'empty'));
    await repository.writeFolder('model', async (target) => {
      fs.writeFileSync(path.join(target, 'MLmodel'), 'flavors: {}');
    });

    expect(await repository.list()).toEqual([
      { path: 'all', isFolder: true, sizeBytes: null },
      { path: 'empty', isFolder: false, sizeBytes: 0 },
      { path: 'model', isFolder: true, sizeBytes: null },
      { path: 'notes', isFolder: true, sizeBytes: null },
    ]);
    expect(await repository.list('all/sub dir')).toEqual([
      { path: 'all/sub dir/big 100%.bin', isFolder: false, sizeBytes: bytes.length },
    ]);
    expect(await text(await repository.openRead('notes/größe 1.txt'))).toBe('hello 🦉');
    const target = path.join(folder, 'downloads');
    expect(await repository.download('all', target)).toBe(path.join(target, 'all'));
    expect(fs.readFileSync(path.join(target, 'all', 'sub dir', 'big 100%.bin')).equals(bytes)).toBe(true);
    const file = await repository.download('model/MLmodel');
    expect(fs.readFileSync(file, 'utf8')).toBe('flavors: {}');

    await repository.delete('all');
    await repository.delete('all');
    expect((await repository.list()).map((it) => it.path)).toEqual(['empty', 'model', 'notes']);
    expect(await repository.list('nowhere')).toEqual([]);
    for (const missing of ['nowhere', 'notes/none.txt']) {
      await expect(repository.openRead(missing)).rejects.toMatchObject({ code: 'RESOURCE_DOES_NOT_EXIST' });
      await expect(repository.download(missing)).rejects.toMatchObject({ code: 'RESOURCE_DOES_NOT_EXIST' });
    }
    for (const evil of ['../a', '/etc/passwd', 'a/../../b', '%2e%2e/a']) {
      await expect(repository.logContent(evil, 'x')).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' });
    }
  });
});

const auth = createRequirement(mlflow.isMissing || !hasAuth(), 'there is no mlflow[auth] (Flask-WTF)', true);

describe.skipIf(auth.isMissing)(auth.title('a server of MLflow that asks for a password'), () => {
  test('lets in whoever has it, and tells the others what to set', async () => {
    const config = path.join(folder, 'auth.ini');
    const lines = [
      '[mlflow]',
      'default_permission = NO_PERMISSIONS',
      `database_uri = ${toUri(path.join(folder, 'auth-users.db'))}`,
      'admin_username = admin',
      'admin_password = password-of-admin',
      'authorization_function = mlflow.server.auth:authenticate_request_basic_auth',
    ];
    fs.writeFileSync(config, lines.join('\n'));
    const server = await startMlflowServer(toUri(path.join(folder, 'auth.db')), {
      args: ['--app-name', 'basic-auth'],
      env: { MLFLOW_FLASK_SERVER_SECRET_KEY: 'key', MLFLOW_AUTH_CONFIG_PATH: config },
    });
    onTestFinished(() => server.stop());
    const record = runRecord({ experiment: { name: 'auth' } });
    const nobody = openRestStore(server.url, { journalFolder: folder });
    await expect(nobody.deliver(journalOf([record], 'auth'))).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
      message: expect.stringContaining('MLFLOW_TRACKING_USERNAME'),
    });
    await expect(nobody.searchExperiments()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(() => nobody.ids.beginRunNow(runRecord(), {})).toThrow(
      expect.objectContaining({ code: 'UNAUTHENTICATED' }),
    );

    const admin = openRestStore(server.url.replace('//', '//admin:password-of-admin@'), { journalFolder: folder });
    expect(admin.uri).toBe(server.url);
    expect(await admin.deliver(journalOf([record], 'auth'))).toEqual([]);
    const { artifactUri } = (await admin.getRun(record.runId)).info;
    setEnvironment({ MLFLOW_TRACKING_USERNAME: 'admin', MLFLOW_TRACKING_PASSWORD: 'password-of-admin' });
    await resolveArtifactRepository(artifactUri, { trackingUri: server.url }).logContent('a.txt', 'a');
    expect(nobody.ids.beginRunNow(runRecord(), {})).toMatch(/^[0-9a-f]{32}$/);

    await createUser(server.url, 'ada', 'password-of-ada');
    const ada = openRestStore(server.url.replace('//', '//ada:password-of-ada@'), { journalFolder: folder });
    const refused = await ada.deliver(journalOf([metricRecord(record.runId)], 'ada'));
    expect(refused.map(({ error }) => error.code)).toEqual(['PERMISSION_DENIED']);
  });
});

describe.skipIf(mlflow.isMissing)(mlflow.title('a server of MLflow that is killed'), () => {
  test('again and again while much is delivered has all of it once', { timeout: 240_000 }, async () => {
    const uri = toUri(path.join(folder, 'killed.db'));
    let server = await startMlflowServer(uri);
    onTestFinished(() => server.stop());
    const experiment = { name: 'killed' };
    const records: LogRecord[] = [];
    const runs = Array.from({ length: 40 }, (_, index) => runRecord({ experiment, name: `run-${index}` }));
    for (const run of runs) {
      const { runId } = run;
      const trace = traceRecord({ experiment, metadata: { 'mlflow.sourceRun': runId } });
      const model = modelRecord({ runId });
      records.push(run, { op: 'param', runId, key: 'a', value: 'b' }, model, trace);
      records.push(spanRecord({ experiment, traceId: trace.traceId }));
      for (let step = 0; step < 50; step += 1) records.push(metricRecord(runId, { step, value: step }));
      records.push({ op: 'finalizeModel', modelId: model.modelId, status: 'READY', step: 0, time: 1 });
      records.push({ op: 'updateRun', runId, status: 'FINISHED', endTime: 1_700_000_100_000 });
    }
    const source = journalOf(records, 'journal', 300);
    setEnvironment({ MLFLOW_HTTP_REQUEST_MAX_RETRIES: '0' });
    const store = openRestStore(server.url, { journalFolder: path.join(folder, 'killed') });
    let isDone = false;
    let failures = 0;
    const delivering = (async () => {
      while (!isDone) {
        try {
          expect(await store.deliver(source, { patienceMs: 100 })).toEqual([]);
          isDone = true;
        } catch (error) {
          // Its code says that later may be better; a server that is killed may say anything before.
          if (!(error instanceof AutologError)) throw error;
          failures += 1;
          await sleep(50);
        }
      }
    })();
    for (let kill = 0; kill < 4 && !isDone; kill += 1) {
      await sleep(700 + 400 * kill);
      await server.kill();
      server = await startMlflowServer(uri, { port: server.port });
    }
    await delivering;
    expect(failures).toBeGreaterThan(0);

    const found = await store.getExperimentByName('killed');
    const experimentIds = [found?.experimentId ?? ''];
    const stored = (await store.searchRuns({ experimentIds })).items;
    expect(stored.map(({ info }) => info.runName).toSorted()).toEqual(runs.map(({ name }) => name).toSorted());
    for (const { info, params } of stored) {
      expect([info.status, params]).toEqual(['FINISHED', { a: 'b' }]);
      const { items } = await store.getMetricHistory(info.runId, 'loss');
      expect(items.map(({ step }) => step)).toEqual(Array.from({ length: 50 }, (_, step) => step));
      expect((await store.getRun(info.runId)).modelOutputs).toHaveLength(1);
    }
    const models = (await store.searchLoggedModels({ experimentIds })).items;
    expect(models.map(({ status }) => status)).toEqual(Array(40).fill('READY'));
    const traces = (await store.searchTraces({ experimentIds })).items;
    expect(traces).toHaveLength(40);
    for (const { spans } of await store.getTraces(traces.map(({ traceId }) => traceId)))
      expect(spans).toHaveLength(1);
  });
});

function keys(count: number): [string, string][] {
  return Array.from({ length: count }, (_, index) => [`k${index}`, randomUuidHex()]);
}

function hasAuth(): boolean {
  return spawnSync(mlflow.python, ['-c', 'import flask_wtf']).status === 0;
}

async function createUser(url: string, username: string, password: string): Promise<void> {
  const authorization = `Basic ${Buffer.from('admin:password-of-admin').toString('base64')}`;
  const headers = { authorization, 'content-type': 'application/json' };
  const body = JSON.stringify({ username, password });
  const response = await fetch(`${url}/api/2.0/mlflow/users/create`, { method: 'POST', headers, body });
  expect(response.status).toBe(200);
}
