import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Experiment, MlflowClient } from '../../src/index.ts';
import { loadModelInfo } from '../../src/models/load-model-info.ts';
import { resolveTrackingStore } from '../../src/store/store-uri.ts';
import { requireMlflow } from '../support/requirements.ts';
import { copyDatabase, findOrMakeDemo, preparedReply, runExample } from './demo.ts';
import { withTokensOfColumns } from './mlflow-tokens.ts';
import {
  toArtifactWords,
  toExperimentWords,
  toMetricWords,
  toModelWords,
  toRunWords,
  toTraceWords,
} from './mlflow-words.ts';
import { runPython, toUri } from './python.ts';
import type { Column, PythonDatabase, PythonRun, PythonTrace } from './python-entities.ts';

const mlflow = requireMlflow();

describe.skipIf(mlflow.isMissing)(mlflow.title('MLflow on the database of the demo'), () => {
  let file: string;
  let client: MlflowClient;
  let experiments: readonly Experiment[];
  let ids: readonly string[];
  let python: PythonDatabase;

  beforeAll(async () => {
    file = await findOrMakeDemo();
    client = new MlflowClient(toUri(file));
    experiments = (await client.searchExperiments()).items;
    ids = experiments.map(({ experimentId }) => experimentId);
    // MLflow upgrades what it opens: it gets a copy.
    const uri = toUri(copyDatabase(file, path.resolve('copy.db')));
    [python] = await runPython<[PythonDatabase]>('read_database.py', JSON.stringify({ uri, searches: {} }));
  });

  it('finds the experiments', () => {
    expect(byId(python.experiments, 'experiment_id')).toEqual(
      byId(experiments.map(toExperimentWords), 'experiment_id'),
    );
    expect(experiments.map(({ name }) => name)).toContain('demo');
  });

  it('finds the runs with params, tags, latest metrics, datasets and models', async () => {
    const ours = (await client.searchRuns({ experimentIds: ids })).items.map(toRunWords);
    const theirs = python.runs.map(({ histories, artifacts, texts, parsed_datasets, ...run }) => run);
    expect(theirs).toEqual(ours);
  });

  it('finds every point of every metric', async () => {
    for (const run of (await client.searchRuns({ experimentIds: ids })).items) {
      const { histories } = find(python.runs, ({ info }) => info.run_id === run.info.runId);
      expect(Object.keys(histories).sort()).toEqual(Object.keys(run.metrics).sort());
      for (const key of Object.keys(run.metrics)) {
        const points = await client.getMetricHistory(run.info.runId, key);
        expect(histories[key]?.toSorted((a, b) => a.step - b.step)).toEqual(points.map(toMetricWords));
      }
    }
  });

  it('lists and reads the artifacts of the runs', async () => {
    for (const { info, artifacts, texts } of python.runs) {
      const ours = await listAll(client, info.run_id);
      expect(byId(artifacts, 'path')).toEqual(byId(ours.map(toArtifactWords), 'path'));
      for (const [file, text] of Object.entries(texts)) {
        expect(text).toBe(fs.readFileSync(await client.downloadArtifacts(info.run_id, file), 'utf8'));
      }
    }
  });

  it('finds the logged models and their files', async () => {
    const models = (await client.searchLoggedModels({ experimentIds: ids })).items;
    const theirs = python.models.map(({ artifacts, mlmodel, ...model }) => model);
    expect(byId(theirs, 'model_id')).toEqual(byId(models.map(toModelWords), 'model_id'));
    for (const { artifact_location: folder, artifacts } of python.models) {
      const files = artifacts.map(({ path: name, is_dir, file_size }) => [name, is_dir || file_size]);
      const onDisk = fs.readdirSync(folder, { encoding: 'utf8', recursive: true }).map((name) => {
        const stat = fs.statSync(path.join(folder, name));
        return [name, stat.isDirectory() || stat.size];
      });
      expect(files.toSorted()).toEqual(onDisk.toSorted());
    }
  });

  it('understands the MLmodel files', async () => {
    const store = resolveTrackingStore(toUri(file));
    for (const { model_id, mlmodel } of python.models) {
      const ours = await loadModelInfo(`models:/${model_id}`, store);
      expect(mlmodel).toMatchObject({
        flavors: ours.flavors,
        run_id: ours.runId,
        model_id: ours.modelId,
        artifact_path: ours.artifactPath,
        utc_time_created: ours.utcTimeCreated,
        mlflow_version: ours.mlflowVersion,
        model_size_bytes: ours.modelSizeBytes,
        metadata: ours.metadata,
      });
      expect(mlmodel.signature.inputs).toEqual(toColumns(ours.signature?.inputs));
      expect(mlmodel.signature.outputs).toEqual(toColumns(ours.signature?.outputs));
    }
  });

  it('finds the traces with metadata, tags, previews and tokens, and their spans with all that they hold', async () => {
    const infos = (await client.searchTraces({ experimentIds: ids })).items;
    const ours = await Promise.all(infos.map(({ traceId }) => client.getTrace(traceId)));
    const theirs = python.traces.map(({ same_when_found, ...trace }) => trace);
    expect(byId(theirs.map(withTokensOfColumns), 'trace_id')).toEqual(
      byId(ours.map(toTraceWords).map(withTokensOfColumns), 'trace_id'),
    );
    expect(python.traces.filter((trace) => !trace.same_when_found)).toEqual([]);
  });

  it('sees the iris program train for 40 epochs, and get the results that it prints', async () => {
    const printed = await runExample('tfjs-iris.mjs', 'again.db');
    const runs = runsOf('tfjs-iris.mjs');
    expect(runs.length).toBeGreaterThan(0);
    for (const run of runs) {
      expect(run.info.status).toBe('FINISHED');
      expect(run.params).toMatchObject({
        epochs: '40',
        batch_size: '16',
        opt_name: 'Adam',
        opt_learning_rate: '0.02',
        loss_function: 'categoricalCrossentropy',
        total_params: String(4 * 10 + 10 + 10 * 3 + 3),
      });
      for (const key of ['loss', 'acc', 'val_loss', 'val_acc']) expect(stepsOf(run, key)).toEqual(range(40));
      // 120 rows in batches of 16.
      expect(stepsOf(run, 'batch_loss')).toEqual(range(40 * 8));
      const { loss, val_loss, val_acc, eval_loss, eval_acc } = run.metrics;
      expect(loss?.value).toBe(run.histories.loss?.find(({ step }) => step === 39)?.value);
      expect(val_acc?.value).toBeGreaterThan(0.8);
      expect(val_acc?.value).toBeLessThanOrEqual(1);
      // The program evaluates the data that it has validated with.
      expect(eval_acc?.value).toBe(val_acc?.value);
      expect(eval_loss?.value).toBeCloseTo(Number(val_loss?.value), 6);
      const results = [Number(eval_loss?.value).toFixed(3), (100 * Number(eval_acc?.value)).toFixed(1)];
      expect(printed).toContain(`test loss ${results[0]}, test accuracy ${results[1]} %`);
      expect(run.texts['model_summary.txt']).toContain('Total params: 83\n');
    }
  });

  it('understands the data sets and the model of the iris program', () => {
    for (const run of runsOf('tfjs-iris.mjs')) {
      const contexts = run.dataset_inputs.map(({ tags }) => tags['mlflow.data.context']);
      expect(contexts.toSorted()).toEqual(['eval', 'train']);
      const train = run.parsed_datasets[contexts.indexOf('train')];
      expect(train).toMatchObject({
        source_class: 'CodeDatasetSource',
        schema: {
          features: [{ name: null, dtype: 'float32', shape: [-1, 4] }],
          targets: [{ name: null, dtype: 'int32', shape: [-1, 3] }],
        },
        profile: { num_rows: 120, features_shape: [120, 4], targets_shape: [120, 3] },
      });
      expect(run.parsed_datasets[contexts.indexOf('eval')]?.profile).toMatchObject({ num_rows: 30 });
      const [output] = run.model_outputs;
      const model = find(python.models, ({ model_id }) => model_id === output?.model_id);
      expect(model).toMatchObject({ source_run_id: run.info.run_id, status: 'READY', params: run.params });
      expect(Object.keys(model.mlmodel.flavors)).toEqual(['tfjs']);
      expect(model.mlmodel.signature).toMatchObject({
        inputs: [{ dtype: 'float32', shape: [-1, 4] }],
        outputs: [{ dtype: 'float32', shape: [-1, 3] }],
      });
      const metrics = Object.fromEntries(model.metrics.map(({ key, value }) => [key, value]));
      expect(metrics).toMatchObject({ loss: run.metrics.loss?.value, val_acc: run.metrics.val_acc?.value });
    }
  });

  it('sees the Boston program stop early', () => {
    const runs = runsOf('tfjs-boston.cjs');
    expect(runs.length).toBeGreaterThan(0);
    for (const run of runs) {
      const stopped = Number(run.metrics.stopped_epoch?.value);
      expect(stopped).toBeGreaterThan(5);
      expect(stopped).toBeLessThan(99);
      for (const key of ['loss', 'mae', 'val_loss', 'val_mae'])
        expect(stepsOf(run, key)).toEqual(range(stopped + 1));
      expect(run.params).toMatchObject({
        epochs: '100',
        monitor: 'val_loss',
        patience: '5',
        validation_split: '0.2',
      });
      expect(run.parsed_datasets[0]?.profile).toMatchObject({ num_rows: 406, features_shape: [406, 13] });
    }
  });

  it('sees the calls of the openai program, with the texts and tokens of the prepared replies', (context) => {
    const traces = tracesOf('openai-calls.ts');
    expect(traces.length % 5).toBe(0);
    if (!usesPreparedReplies(traces)) context.skip('the demo has called another endpoint');
    for (const words of ['experiment tracking', 'limerick']) {
      const { content, usage } = preparedReply(words);
      const found = traces.filter(({ request_preview }) => request_preview?.includes(words));
      expect(found.length).toBe(traces.length / 5);
      for (const trace of found) {
        expect(trace).toMatchObject({ state: 'OK', response_preview: content, token_usage: usage });
        expect(trace.spans).toMatchObject([
          {
            name: 'Completions',
            span_type: 'CHAT_MODEL',
            parent_id: null,
            status: { code: 'OK' },
            outputs: { choices: [{ message: { role: 'assistant', content }, finish_reason: 'stop' }] },
            attributes: { 'mlflow.llm.model': 'gpt-4.1-mini-2025-04-14', 'mlflow.chat.tokenUsage': usage },
          },
        ]);
      }
    }
    const streamed = traces.filter(({ spans }) => (spans[0]?.inputs as { stream?: boolean } | undefined)?.stream);
    expect(streamed).toHaveLength(traces.length / 5);
    expect(streamed.map(({ spans }) => spans[0]?.events.length)).toEqual(streamed.map(() => 1));
    const called = traces.flatMap(({ spans }) => toolCallsOf(spans[0]?.outputs));
    expect(new Set(called)).toEqual(new Set(['{"city": "Paris"}', '{"city": "Tokyo"}']));
  });

  it("sees the tree of the chain, with the provider's call inside the chat model and its tokens counted once", (context) => {
    const all = tracesOf('langchain-chain.mjs');
    const chains = all.filter(({ spans }) => spans.some(({ span_type }) => span_type === 'RETRIEVER'));
    expect(chains.length).toBeGreaterThan(0);
    for (const { spans } of chains) {
      const nameOf = (id: string | null) => spans.find(({ span_id }) => span_id === id)?.name ?? null;
      const tree = spans.map(({ name, span_type, parent_id }) => [nameOf(parent_id), name, span_type]);
      expect(tree).toContainEqual([null, 'RunnableSequence', 'CHAIN']);
      expect(tree).toContainEqual(['RunnableSequence', 'NotesRetriever', 'RETRIEVER']);
      expect(tree).toContainEqual(['RunnableSequence', 'ChatOpenAI', 'CHAT_MODEL']);
      expect(tree).toContainEqual(['ChatOpenAI', 'Completions', 'CHAT_MODEL']);
    }
    expect(all.filter(({ spans }) => spans[0]?.span_type === 'TOOL')).toHaveLength(chains.length);
    if (!usesPreparedReplies(all)) context.skip('the demo has called another endpoint');
    const { content, usage } = preparedReply('smallest petals');
    for (const chain of chains) {
      expect(chain.token_usage).toEqual(usage);
      expect(chain.spans[0]?.outputs).toEqual({ output: content });
    }
  });

  function runsOf(program: string): readonly PythonRun[] {
    return python.runs.filter(({ tags }) => tags['mlflow.source.name']?.endsWith(program));
  }

  function tracesOf(program: string): readonly PythonTrace[] {
    return python.traces.filter((trace) => trace.trace_metadata['mlflow.source.name']?.endsWith(program));
  }
});

function stepsOf({ histories }: PythonRun, key: string): readonly number[] {
  return (histories[key] ?? []).map(({ step }) => step).toSorted((a, b) => a - b);
}

function range(length: number): readonly number[] {
  return Array.from({ length }, (_, step) => step);
}

/** The columns that the JSON text of a signature tells. */
function toColumns(json: string | null | undefined): readonly Column[] | null {
  if (!json) return null;
  const specs = JSON.parse(json) as {
    name?: string;
    'tensor-spec': { dtype: string; shape: readonly number[] };
  }[];
  return specs.map(({ name = null, 'tensor-spec': tensor }) => ({ name, ...tensor }));
}

function usesPreparedReplies(traces: readonly PythonTrace[]): boolean {
  const calls = traces.flatMap(({ spans }) => spans.filter(({ name }) => name === 'Completions'));
  return calls.every(({ attributes }) => attributes['mlflow.llm.provider'] === '127.0.0.1');
}

function toolCallsOf(outputs: unknown): readonly string[] {
  const { choices } = outputs as {
    choices?: { message: { tool_calls?: { function: { arguments: string } }[] } }[];
  };
  return (choices?.[0]?.message.tool_calls ?? []).map((call) => call.function.arguments);
}

function byId<T>(entities: readonly T[], key: keyof T): readonly T[] {
  return entities.toSorted((a, b) => (String(a[key]) < String(b[key]) ? -1 : 1));
}

function find<T>(entities: readonly T[], matches: (entity: T) => boolean): T {
  const found = entities.find(matches);
  if (!found) throw new Error('MLflow did not find it.');
  return found;
}

async function listAll(
  client: MlflowClient,
  runId: string,
  folder?: string,
): Promise<Awaited<ReturnType<MlflowClient['listArtifacts']>>> {
  const listed = await client.listArtifacts(runId, folder);
  const below = await Promise.all(
    listed.filter(({ isFolder }) => isFolder).map(({ path }) => listAll(client, runId, path)),
  );
  return [...listed, ...below.flat()];
}
