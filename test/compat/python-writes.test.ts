import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { MlflowClient, type Run, type Trace } from '../../src/index.ts';
import { loadModelInfo } from '../../src/models/load-model-info.ts';
import { resolveTrackingStore } from '../../src/store/store-uri.ts';
import { requireMlflow } from '../support/requirements.ts';
import { requireMariadb, requirePostgresql, type ServerRequirement } from '../support/servers.ts';
import { withTokensOfColumns } from './mlflow-tokens.ts';
import { toModelWords, toRunWords, toTraceWords } from './mlflow-words.ts';
import { toUri } from './python.ts';
import type { PythonDatabase } from './python-entities.ts';
import { type OwnLog, type PythonLog, type TurnUris, takeTurns } from './turns.ts';

const mlflow = requireMlflow();
const postgresql = requirePostgresql();
const mariadb = requireMariadb();

let turns: ReturnType<typeof takeAllTurns> | undefined;

async function takeAllTurns() {
  const sqlite = { ours: toUri(path.resolve('ours.db')), theirs: toUri(path.resolve('theirs.db')) };
  const onServer = async (server: ServerRequirement) =>
    server.isMissing ? undefined : { ours: await server.createDatabase(), theirs: await server.createDatabase() };
  const servers = { PostgreSQL: await onServer(postgresql), MariaDB: await onServer(mariadb) };
  const there = Object.entries({ SQLite: sqlite, ...servers }).filter(([, uris]) => uris !== undefined);
  return takeTurns(Object.fromEntries(there) as Record<keyof typeof servers | 'SQLite', TurnUris>);
}

const CASES = (
  [
    ['SQLite', mlflow],
    ['PostgreSQL', postgresql],
    ['MariaDB', mariadb],
  ] as const
).flatMap(
  ([name, { isMissing, title }]) =>
    [
      [title(`a ${name} database of ours, which MLflow upgrades`), name, 'ours', isMissing],
      [title(`a ${name} database of MLflow`), name, 'theirs', isMissing],
    ] as const,
);

describe.skipIf(mlflow.isMissing).each(CASES)(
  mlflow.title('Python and JavaScript, in turns, on %s:'),
  (_title, name, which, isMissing) => {
    let client: MlflowClient;
    let uri: string;
    let own: readonly OwnLog[];
    let python: PythonLog;
    let database: PythonDatabase;
    let runs: readonly Run[];
    let traces: readonly Trace[];

    beforeAll(async () => {
      if (isMissing) return;
      turns ??= takeAllTurns();
      ({ uri, own, python, database } = (await turns)[name][which]);
      client = new MlflowClient(uri);
      runs = await Promise.all(own.map(({ runId }) => client.getRun(runId)));
      const ids = own.flatMap(({ askId, breakId, sessionId }) => [askId, breakId, sessionId]);
      traces = await Promise.all(ids.map((id) => client.getTrace(id)));
    });

    it.skipIf(isMissing)('share one experiment', async () => {
      const experiment = await client.getExperimentByName('both');
      expect(experiment?.experimentId).toBe(python.experiment_id);
      expect(runs.map(({ info }) => info.experimentId)).toEqual(own.map(() => python.experiment_id));
    });

    it.skipIf(isMissing)('read the run that Python has logged', async () => {
      const run = await client.getRun(python.run.info.run_id);
      expect(toRunWords(run)).toEqual(python.run);
      expect(run.info).toMatchObject({ runName: 'by Python', status: 'FINISHED' });
      expect(run.params).toEqual({ optimizer: 'sgd', note: 'größer 📈', long: 'x'.repeat(6000) });
      expect(run.metrics.latest).toMatchObject({ value: 7, step: 3, timestamp: 1_700_000_000_000 });
      expect(run.datasetInputs).toMatchObject([
        {
          dataset: { name: 'twelve', sourceType: 'code' },
          tags: { 'mlflow.data.context': 'train', split: 'all' },
        },
      ]);
      expect(run.modelOutputs).toEqual([{ modelId: python.model.model_id, step: 0 }]);
    });

    it.skipIf(isMissing)('read every point that Python has logged, NaN and the infinities too', async () => {
      const points = await client.getMetricHistory(python.run.info.run_id, 'strange');
      const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
      expect(points.map(({ step, value }) => [step, value])).toEqual([
        [0, 0.5],
        [1, nan],
        [2, infinity],
        [3, -infinity],
        [4, 0.1 + 0.2],
      ]);
    });

    it.skipIf(isMissing)('read the file that Python has logged', async () => {
      const { run_id } = python.run.info;
      const file = 'notes/deep/text.txt';
      expect(await client.listArtifacts(run_id, 'notes/deep')).toEqual([
        { path: file, isFolder: false, sizeBytes: 26 },
      ]);
      const local = await client.downloadArtifacts(run_id, file);
      expect(fs.readFileSync(local, 'utf8')).toBe('first line\nsecond line: ü');
    });

    it.skipIf(isMissing)('read the model that Python has logged', async () => {
      const model = await client.getLoggedModel(python.model.model_id);
      expect(toModelWords(model)).toEqual(python.model);
      expect(model).toMatchObject({ name: 'sum', status: 'READY', sourceRunId: python.run.info.run_id });
      const info = await loadModelInfo(`models:/${model.modelId}`, resolveTrackingStore(uri));
      expect(info).toMatchObject({
        modelId: model.modelId,
        runId: model.sourceRunId,
        savedInputExampleInfo: { artifactPath: 'input_example.json', type: 'ndarray' },
      });
      expect(info.flavors.python_function).toMatchObject({ loader_module: 'mlflow.pyfunc.model' });
      expect(JSON.parse(info.signature?.inputs ?? '')).toEqual([
        { type: 'tensor', 'tensor-spec': { dtype: 'float64', shape: [-1, 2] } },
      ]);
    });

    it.skipIf(isMissing)('read the traces that Python has logged', async () => {
      const found = await Promise.all(python.traces.map(({ trace_id }) => client.getTrace(trace_id)));
      expect(found.map(toTraceWords)).toEqual(python.traces);
      expect(found[0]?.info).toMatchObject({
        state: 'OK',
        clientRequestId: 'request-1',
        metadata: { 'mlflow.trace.session': 'session-1', 'mlflow.trace.user': 'ada' },
        tags: { 'mlflow.traceName': 'answer', kind: 'flower' },
      });
      expect(toTraceWords(found[0] as Trace).token_usage).toEqual({
        input_tokens: 11,
        output_tokens: 4,
        total_tokens: 15,
      });
      expect(found[1]?.info.state).toBe('ERROR');
      expect(found[1]?.spans[1]?.events).toMatchObject([
        {
          name: 'exception',
          attributes: { 'exception.type': 'ValueError', 'exception.message': 'no such flower' },
        },
      ]);
    });

    it.skipIf(isMissing)('let Python read our runs', () => {
      for (const run of runs) {
        const found = database.runs.find(({ info }) => info.run_id === run.info.runId);
        expect(found).toMatchObject(toRunWords(run));
        expect(found?.texts).toEqual({ 'notes/text.txt': 'größer\n' });
        const values = found?.histories.strange?.map(({ step, value }) => [step, value]);
        expect(values).toEqual([
          [0, 1],
          [1, 'NaN'],
          // MLflow's databases keep the infinities so, and its client shows them as they are kept.
          [2, Number.MAX_VALUE],
          [3, -Number.MAX_VALUE],
          [4, 0.1],
        ]);
        expect(found?.parsed_datasets).toMatchObject([
          {
            source_class: 'CodeDatasetSource',
            schema: { features: [{ name: null, dtype: 'float32', shape: [-1, 3] }], targets: null },
            profile: { num_rows: 4, features_shape: [4, 3] },
          },
        ]);
      }
    });

    it.skipIf(isMissing)('let Python read our models', async () => {
      for (const { runId, modelId } of own) {
        const model = await client.getLoggedModel(modelId);
        const found = database.models.find(({ model_id }) => model_id === modelId);
        const { artifacts, mlmodel, ...words } = found ?? ({} as never);
        expect(words).toEqual(toModelWords(model));
        expect(model).toMatchObject({
          name: 'doubler',
          status: 'READY',
          sourceRunId: runId,
          params: { x: 'y', factor: '2' },
        });
        expect(artifacts.map((file) => file.path)).toEqual([
          'MLmodel',
          'factor.txt',
          'input_example.json',
          'serving_input_example.json',
        ]);
        expect(mlmodel).toMatchObject({
          run_id: runId,
          model_id: modelId,
          artifact_path: model.artifactLocation,
          flavors: { doubler: { factor: 2, exact: true, tags: ['a: b', '#c'], note: 'größer: 1.10' } },
          metadata: { reviewed: true },
          signature: {
            inputs: [
              { name: 'left', dtype: 'float32', shape: [-1, 2] },
              { name: 'right', dtype: 'int32', shape: [-1] },
            ],
            outputs: [{ name: null, dtype: 'float32', shape: [-1, 2] }],
          },
          input_example: { left: [[1, 2.5]], right: [3] },
        });
      }
    });

    it.skipIf(isMissing)('let Python read our traces', () => {
      for (const trace of traces) {
        const found = database.traces.find(({ trace_id }) => trace_id === trace.info.traceId);
        const { same_when_found, ...words } = found ?? ({} as never);
        expect(same_when_found).toBe(true);
        expect(withTokensOfColumns(words)).toEqual(withTokensOfColumns(toTraceWords(trace)));
      }
      const usages = own.map(
        ({ askId }) => database.traces.find(({ trace_id }) => trace_id === askId)?.token_usage,
      );
      const usage = { input_tokens: 10, output_tokens: 5, total_tokens: 15, cache_read_input_tokens: 2 };
      expect(usages).toEqual(own.map(() => usage));
    });

    it.skipIf(isMissing)('let Python find our runs and traces by what was logged', () => {
      const idsOf = (key: keyof OwnLog) => own.map((log) => log[key]);
      expect(database.found).toEqual({
        'runs by param and metric': idsOf('runId'),
        'runs by metric, falling': idsOf('runId').toReversed(),
        'runs by tag and status': idsOf('runId'),
        'runs by dataset': idsOf('runId'),
        'traces by name': idsOf('askId'),
        'traces by name, latest first': idsOf('askId').toReversed(),
        'traces by state': idsOf('breakId'),
        'traces by run': idsOf('askId').slice(-1),
        'traces by session': idsOf('sessionId'),
        'traces by session of a span': idsOf('askId').slice(0, 1),
        'traces by user of a span': idsOf('askId'),
        'traces by type of span': idsOf('askId'),
        'traces by text': idsOf('askId'),
        'traces by attribute': idsOf('askId'),
      });
    });
  },
);
