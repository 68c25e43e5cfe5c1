import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MlflowClient } from '../../src/index.ts';
import { requireMlflow } from '../support/requirements.ts';
import { copyDatabase, findOrMakeDemo } from './demo.ts';
import { withTokensOfColumns } from './mlflow-tokens.ts';
import {
  toArtifactWords,
  toExperimentWords,
  toMetricWords,
  toModelWords,
  toRunWords,
  toTraceWords,
} from './mlflow-words.ts';
import { toUri } from './python.ts';
import {
  fromRestModel,
  fromRestRun,
  fromRestTrace,
  type RestModel,
  type RestRun,
  type RestSpan,
  type RestTraceInfo,
} from './rest-words.ts';
import { type MlflowServer, startMlflowServer } from './server-process.ts';

const mlflow = requireMlflow();

describe.skipIf(mlflow.isMissing)(mlflow.title('mlflow server on the database of the demo'), () => {
  let server: MlflowServer;
  let client: MlflowClient;
  let ids: readonly string[];

  beforeAll(async () => {
    const file = await findOrMakeDemo();
    client = new MlflowClient(toUri(file));
    ids = (await client.searchExperiments()).items.map(({ experimentId }) => experimentId);
    server = await startMlflowServer(toUri(copyDatabase(file, path.resolve('copy.db'))));
  });

  afterAll(() => server?.stop());

  it('sends the experiments', async () => {
    const { experiments } = await get<{ experiments: Record<string, unknown>[] }>(
      '2.0/mlflow/experiments/search',
      {
        max_results: 1000,
      },
    );
    const ours = (await client.searchExperiments()).items.map(toExperimentWords).map(({ tags, ...rest }) => rest);
    expect(experiments.map(({ workspace, tags, ...rest }) => rest)).toEqual(ours);
  });

  it('sends the runs', async () => {
    const runs = (await client.searchRuns({ experimentIds: ids })).items;
    expect(runs.length).toBeGreaterThan(0);
    for (const run of runs) {
      const sent = await get<{ run: RestRun }>('2.0/mlflow/runs/get', { run_id: run.info.runId });
      expect(fromRestRun(sent.run)).toEqual(toRunWords(run));
    }
  });

  it('sends every point of every metric', async () => {
    for (const { info, metrics } of (await client.searchRuns({ experimentIds: ids })).items) {
      for (const key of Object.keys(metrics)) {
        const query = { run_id: info.runId, metric_key: key };
        const sent = await get<{ metrics: { step: number }[] }>('2.0/mlflow/metrics/get-history', query);
        const points = await client.getMetricHistory(info.runId, key);
        expect(sent.metrics.toSorted((a, b) => a.step - b.step)).toMatchObject(points.map(toMetricWords));
      }
    }
  });

  it('lists and sends artifacts', async () => {
    const [run] = await runsWithArtifacts();
    if (!run) throw new Error('No run of the demo has artifacts.');
    const sent = await get<{ files: unknown[] }>('2.0/mlflow/artifacts/list', { run_id: run.runId });
    expect(sent.files.map((file) => ({ file_size: null, ...(file as object) }))).toEqual(
      run.artifacts.map(toArtifactWords),
    );
    for (const { path: file } of run.artifacts.filter(({ isFolder }) => !isFolder)) {
      const response = await fetch(`${server.url}/get-artifact?run_id=${run.runId}&path=${file}`);
      const local = await client.downloadArtifacts(run.runId, file);
      expect(Buffer.from(await response.arrayBuffer())).toEqual(fs.readFileSync(local));
    }
  });

  it('sends the logged models and their files', async () => {
    const { models = [] } = await post<{ models?: RestModel[] }>('2.0/mlflow/logged-models/search', {
      experiment_ids: ids,
    });
    const ours = (await client.searchLoggedModels({ experimentIds: ids })).items;
    expect(models.map(fromRestModel)).toEqual(ours.map(toModelWords));
    for (const { modelId, artifactLocation } of ours) {
      const { files } = await get<{ files: { path: string }[] }>(
        `2.0/mlflow/logged-models/${modelId}/artifacts/directories`,
      );
      expect(files.map((file) => file.path).toSorted()).toEqual(fs.readdirSync(artifactLocation).toSorted());
      const route = `ajax-api/2.0/mlflow/logged-models/${modelId}/artifacts/files`;
      const response = await fetch(`${server.url}/${route}?artifact_file_path=MLmodel`);
      expect(await response.text()).toBe(fs.readFileSync(path.join(artifactLocation, 'MLmodel'), 'utf8'));
    }
  });

  it('sends the traces with their spans', async () => {
    const { traces } = await post<{ traces: RestTraceInfo[] }>('3.0/mlflow/traces/search', {
      locations: ids.map((id) => ({ type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: id } })),
      max_results: 500,
    });
    expect(traces.map(({ trace_id }) => trace_id)).toEqual(
      (await client.searchTraces({ experimentIds: ids })).items.map(({ traceId }) => traceId),
    );
    for (const found of traces) {
      const { trace } = await get<{ trace: { trace_info: RestTraceInfo; spans: RestSpan[] } }>(
        '3.0/mlflow/traces/get',
        {
          trace_id: found.trace_id,
        },
      );
      expect(trace.trace_info).toEqual(found);
      const ours = toTraceWords(await client.getTrace(found.trace_id));
      expect(withTokensOfColumns(fromRestTrace(trace.trace_info, trace.spans))).toEqual(withTokensOfColumns(ours));
    }
  });

  it('adds up the tokens of all traces', async () => {
    const infos = (await client.searchTraces({ experimentIds: ids })).items;
    const usages = infos.map(({ metadata }) => JSON.parse(metadata['mlflow.trace.tokenUsage'] ?? '{}'));
    for (const key of ['input_tokens', 'output_tokens', 'total_tokens']) {
      const { data_points } = await post<{ data_points: { values: { SUM: number } }[] }>(
        '3.0/mlflow/traces/metrics',
        {
          experiment_ids: ids,
          view_type: 'TRACES',
          metric_name: key,
          aggregations: [{ aggregation_type: 'SUM' }],
          max_results: 10,
        },
      );
      const sum = usages.reduce((total, usage) => total + (usage[key] ?? 0), 0);
      expect(data_points.map(({ values }) => values.SUM)).toEqual([sum]);
      expect(sum).toBeGreaterThan(0);
    }
  });

  it("shows the page, and answers the page's own questions", async () => {
    const page = await fetch(`${server.url}/`);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const [run] = (await client.searchRuns({ experimentIds: ids })).items;
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        operationName: 'GetRun',
        query:
          'query GetRun($data: MlflowGetRunInput!) { mlflowGetRun(input: $data) { run { info { runName status } } } }',
        variables: { data: { runId: run?.info.runId } },
      }),
    });
    expect(await response.json()).toMatchObject({
      data: { mlflowGetRun: { run: { info: { runName: run?.info.runName, status: run?.info.status } } } },
    });
  });

  async function runsWithArtifacts() {
    const runs = (await client.searchRuns({ experimentIds: ids })).items;
    const listed = runs.map(async ({ info: { runId } }) => ({
      runId,
      artifacts: await client.listArtifacts(runId),
    }));
    return (await Promise.all(listed)).filter(({ artifacts }) => artifacts.length > 0);
  }

  async function get<T>(route: string, query: Readonly<Record<string, string | number>> = {}): Promise<T> {
    const parameters = Object.entries(query).map(([key, value]) => `${key}=${encodeURIComponent(value)}`);
    return read<T>(await fetch(`${server.url}/api/${route}?${parameters.join('&')}`));
  }

  async function post<T>(route: string, body: unknown): Promise<T> {
    const headers = { 'content-type': 'application/json' };
    return read<T>(
      await fetch(`${server.url}/api/${route}`, { method: 'POST', headers, body: JSON.stringify(body) }),
    );
  }
});

async function read<T>(response: Response): Promise<T> {
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${text}`);
  return JSON.parse(text, keepNanoseconds) as T;
}

// Nanoseconds exceed what a number holds; the third argument has their own text.
function keepNanoseconds(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  return typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER ? context?.source : value;
}
