import type { LoggedModel } from '../../entities/logged-model.ts';
import type { Metric } from '../../entities/metric.ts';
import type { CreateModelRecord, FinalizeModelRecord } from '../log-record.ts';
import type { DeliveryContext } from './delivery-context.ts';
import { getLoggedModel, logLoggedModelParams, searchLoggedModels, toPath } from './logged-models.ts';
import { linkModelOutput } from './run-models.ts';
import { getRun } from './runs.ts';
import { parseLoggedModel, toWireStatus, type WireLoggedModel } from './wire/logged-model.ts';
import { toPairs } from './wire/pairs.ts';
import { CLIENT_ID_TAG } from './wire/run.ts';

const PATH = '/api/2.0/mlflow/logged-models';

/** Params that go with the creation; the rest follows. */
const FIRST_PARAMS = 100;
const METRICS_BATCH = 1000;

/** Begins a logged model on the server, unless it was begun there already; its run's params become the model's too. */
export async function beginModel(record: CreateModelRecord, context: DeliveryContext): Promise<void> {
  const { ids, api, call } = context;
  const known = ids.find(record.modelId);
  if (typeof known === 'string') return;
  const runId = record.runId === null ? null : await context.toServer(record.runId);
  const run = runId === null ? null : await context.send(() => getRun(api, runId, call));
  const experimentId = run?.info.experimentId ?? (await context.experimentId(record.experiment ?? { id: '0' }));
  const params = { ...record.params, ...run?.params };
  const wasTried = known === null || context.isAgain;
  const found = wasTried ? await context.send(() => findModel(experimentId, record.modelId, context)) : undefined;
  const begin = async () => {
    const model = found ?? (await context.send(() => createModel(experimentId, runId, params, record, context)));
    const missing = Object.entries(params).filter(([key]) => model.params[key] === undefined);
    if (missing.length > 0)
      await context.send(() => logLoggedModelParams(api, model.modelId, Object.fromEntries(missing), call));
    return model.modelId;
  };
  ids.note(record.modelId, await ids.noteIfUnsure(record.modelId, begin));
}

/** Ends a logged model's upload; READY also links it as an output of its run, with the run's latest metrics. */
export async function finalizeModel(record: FinalizeModelRecord, context: DeliveryContext): Promise<void> {
  const { api, call } = context;
  const modelId = await context.toServer(record.modelId);
  const body = { model_id: modelId, status: toWireStatus(record.status) };
  const model = await context.send(async () => {
    const answer = await api.patch<{ model?: WireLoggedModel }>(toPath(modelId), body, call);
    return answer.model === undefined ? getLoggedModel(api, modelId, {}, call) : parseLoggedModel(answer.model);
  });
  const { sourceRunId: runId } = model;
  if (record.status !== 'READY' || runId === null) return;
  await linkModelOutput({ runId, modelId, step: record.step }, context);
  const { metrics } = await context.send(() => getRun(api, runId, call));
  // The server refuses a point that the model has already, for another dataset say.
  const known = new Set(model.metrics.filter((it) => it.runId === runId).map(toPoint));
  const missing = Object.values(metrics).filter((it) => !known.has(toPoint(it)));
  await copyMetrics(runId, modelId, missing, context);
}

function toPoint({ key, timestamp, step }: Metric): string {
  return `${timestamp} ${step} ${key}`;
}

async function copyMetrics(
  runId: string,
  modelId: string,
  metrics: readonly Metric[],
  context: DeliveryContext,
): Promise<void> {
  const { api, call } = context;
  for (let start = 0; start < metrics.length; start += METRICS_BATCH) {
    const batch = metrics.slice(start, start + METRICS_BATCH).map(({ key, value, timestamp, step }) => ({
      key,
      value: Number.isFinite(value) ? value : String(value),
      timestamp,
      step,
      model_id: modelId,
    }));
    const body = { run_id: runId, metrics: batch };
    await context.send(() => api.post('/api/2.0/mlflow/runs/log-batch', body, call));
  }
}

async function createModel(
  experimentId: string,
  runId: string | null,
  params: Readonly<Record<string, string>>,
  record: CreateModelRecord,
  { api, call }: DeliveryContext,
): Promise<LoggedModel> {
  const body = {
    experiment_id: experimentId,
    name: record.name,
    model_type: record.modelType ?? undefined,
    source_run_id: runId ?? undefined,
    params: toPairs(params).slice(0, FIRST_PARAMS),
    tags: toPairs({ ...record.tags, [CLIENT_ID_TAG]: record.modelId }),
  };
  const options = { ...call, isIdempotent: false };
  return parseLoggedModel((await api.post<{ model: WireLoggedModel }>(PATH, body, options)).model);
}

async function findModel(
  experimentId: string,
  clientId: string,
  { api, call }: DeliveryContext,
): Promise<LoggedModel | undefined> {
  const filter = `tags.\`${CLIENT_ID_TAG}\` = '${clientId}'`;
  const { items } = await searchLoggedModels(api, { experimentIds: [experimentId], filter, maxResults: 1 }, call);
  return items[0];
}
