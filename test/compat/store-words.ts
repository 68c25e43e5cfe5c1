import type { Assessment } from '../../src/entities/assessment.ts';
import type { Metric, Span } from '../../src/index.ts';
import type { TrackingStore } from '../../src/store/tracking-store.ts';
import { toExperimentWords, toMetricWords, toModelWords, toRunWords, toTraceWords } from './mlflow-words.ts';

/** Everything that a store holds, deleted entities too, in MLflow's words; each kind by its ids. */
export type StoreWords = Awaited<ReturnType<typeof readStore>>;

/** What `python/store_entities.py` prints of a database. */
export interface PythonWords extends Omit<StoreWords, 'traces'> {
  /** What a trace is linked to has no reading method of ours. */
  readonly traces: Readonly<Record<string, StoreWords['traces'][string] & TraceLinks>>;
  readonly statistics: ReturnType<typeof toStatistics>;
}

interface TraceLinks {
  readonly linked_runs: readonly string[];
  readonly linked_prompt_versions: readonly string[];
}

/** Reads everything that a store holds, in MLflow's words; of deleted models those that are named. */
export async function readStore(store: TrackingStore, deletedModelIds: readonly string[]) {
  const experiments = (await store.searchExperiments({ viewType: 'ALL' })).items;
  const experimentIds = experiments.map(({ experimentId }) => experimentId);
  const runs = (await store.searchRuns({ experimentIds, viewType: 'ALL' })).items;
  const models = (await store.searchLoggedModels({ experimentIds })).items;
  const modelIds = [...models.map(({ modelId }) => modelId), ...deletedModelIds];
  const traces = (await store.searchTraces({ experimentIds, maxResults: 500 })).items;
  return {
    experiments: byId(experiments.map((it) => [it.experimentId, toExperimentWords(it)])),
    runs: byId(await all(runs, async ({ info }) => [info.runId, await readRun(store, info.runId)])),
    models: byId(await all(modelIds, async (id) => [id, await readModel(store, id)])),
    traces: byId(await all(traces, async ({ traceId }) => [traceId, await readTrace(store, traceId)])),
  };
}

/** Entities as Python prints them, without what only Python tells. */
export function withoutLinks(entities: Readonly<Record<string, object>> = {}): Readonly<Record<string, object>> {
  return byId(
    Object.entries(entities).map(([id, entity]) => {
      const { linked_runs, linked_prompt_versions, ...rest } = entity as object & Partial<TraceLinks>;
      return [id, rest];
    }),
  );
}

/** What MLflow keeps of assessments for its statistics, by their ids. */
export function toStatistics({ traces }: StoreWords) {
  const assessments = Object.values(traces).flatMap((trace) => Object.values(trace.assessments));
  return byId(
    assessments.map(({ assessment_id, value }) => [
      assessment_id,
      {
        aggregate: typeof value === 'number' || typeof value === 'boolean' ? Number(value) : null,
        is_numeric: typeof value === 'number',
        same_experiment: true,
        same_time: true,
      },
    ]),
  );
}

async function readRun(store: TrackingStore, runId: string) {
  const run = await store.getRun(runId);
  const words = toRunWords(run);
  const histories = await all(Object.keys(run.metrics), async (key) => [
    key,
    (await store.getMetricHistory(runId, key)).items.map(toMetricWords).map(withoutInfinity),
  ]);
  return {
    ...words,
    metrics: byId(Object.entries(words.metrics).map(([key, point]) => [key, withoutInfinity(point)])),
    model_inputs: run.modelInputs.map(({ modelId }) => modelId).toSorted(),
    model_outputs: words.model_outputs.toSorted((a, b) => (a.model_id < b.model_id ? -1 : 1)),
    histories: byId(histories),
  };
}

async function readModel(store: TrackingStore, modelId: string) {
  const model = await store.getLoggedModel(modelId, { allowDeleted: true });
  const metrics = model.metrics.map(toModelMetricWords);
  return {
    ...toModelWords(model),
    // The name of LOGGED_MODEL_UPLOAD_FAILED in Python.
    status: model.status === 'UPLOAD_FAILED' ? 'FAILED' : model.status,
    metrics: metrics.toSorted((a, b) => (a.key === b.key ? a.step - b.step : a.key < b.key ? -1 : 1)),
  };
}

async function readTrace(store: TrackingStore, traceId: string) {
  const trace = await store.getTrace(traceId);
  const words = toTraceWords(trace);
  return {
    ...words,
    spans: words.spans.map((span, index) => ({ ...span, links: toLinkWords(trace.spans[index] as Span) })),
    assessments: byId(trace.info.assessments.map((it) => [it.assessmentId, toAssessmentWords(it)])),
    same_info: true,
    costs: byId(trace.spans.map((span) => [span.spanId, toCostWords(span)])),
  };
}

/** MLflow shows the infinities as it keeps them. */
function withoutInfinity<T extends { readonly value: unknown }>(point: T): T {
  if (point.value === 'Infinity') return { ...point, value: Number.MAX_VALUE };
  return point.value === '-Infinity' ? { ...point, value: -Number.MAX_VALUE } : point;
}

function toModelMetricWords(metric: Metric) {
  return {
    ...toMetricWords(metric),
    model_id: metric.modelId,
    run_id: metric.runId,
    dataset_name: metric.datasetName ?? null,
    dataset_digest: metric.datasetDigest ?? null,
  };
}

function toLinkWords({ links }: Span) {
  return links.map(({ traceId, spanId, attributes }) => ({ trace_id: traceId, span_id: spanId, attributes }));
}

/** The model and the costs of a span, as columns of their own. */
function toCostWords({ attributes }: Span) {
  const cost = (attributes['mlflow.llm.cost'] ?? {}) as Readonly<Record<string, number>>;
  const costs = ['input_cost', 'output_cost', 'total_cost'].map((key) => cost[key] ?? null);
  return [attributes['mlflow.llm.model'] ?? null, ...costs];
}

function toAssessmentWords({ error, source, ...it }: Assessment) {
  return {
    assessment_id: it.assessmentId,
    trace_id: it.traceId,
    span_id: it.spanId,
    kind: it.kind,
    name: it.name,
    value: it.value,
    error: error && {
      error_code: error.errorCode,
      error_message: error.errorMessage,
      stack_trace: error.stackTrace,
    },
    source: { source_type: source.sourceType, source_id: source.sourceId },
    rationale: it.rationale,
    metadata: it.metadata,
    create_time: it.createTime,
    last_update_time: it.lastUpdateTime,
    overrides: it.overrides,
    valid: it.isValid,
  };
}

function byId<T>(entries: readonly (readonly [string, T])[]): Readonly<Record<string, T>> {
  return Object.fromEntries(entries);
}

function all<T, U>(items: readonly T[], read: (item: T) => Promise<readonly [string, U]>) {
  return Promise.all(items.map(read));
}
