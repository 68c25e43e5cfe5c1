import type { ArtifactInfo } from '../../src/artifacts/artifact-repository.ts';
import type { DatasetInput, Experiment, LoggedModel, Metric, Run, Span, Trace } from '../../src/index.ts';

/**
 * Our entities in the words of MLflow's Python entities, as `python/wire.py` prints them: every field has its
 * counterpart, and nothing is left out.
 */
export function toExperimentWords(it: Experiment) {
  return {
    experiment_id: it.experimentId,
    name: it.name,
    artifact_location: it.artifactLocation,
    lifecycle_stage: it.lifecycleStage,
    creation_time: it.creationTime,
    last_update_time: it.lastUpdateTime,
    tags: it.tags,
  };
}

/** A run in MLflow's words; see {@link toExperimentWords}. */
export function toRunWords({ info, params, tags, metrics, datasetInputs, modelOutputs }: Run) {
  return {
    info: {
      run_id: info.runId,
      run_name: info.runName,
      experiment_id: info.experimentId,
      user_id: info.userId,
      status: info.status,
      start_time: info.startTime,
      end_time: info.endTime,
      artifact_uri: info.artifactUri,
      lifecycle_stage: info.lifecycleStage,
    },
    params,
    tags,
    metrics: Object.fromEntries(Object.entries(metrics).map(([key, metric]) => [key, toMetricWords(metric)])),
    // They have no order of their own.
    dataset_inputs: datasetInputs.toSorted(byDigest).map(({ dataset, tags }) => ({
      dataset: {
        name: dataset.name,
        digest: dataset.digest,
        source_type: dataset.sourceType,
        source: dataset.source,
        schema: dataset.schema,
        profile: dataset.profile,
      },
      tags,
    })),
    model_outputs: modelOutputs.map(({ modelId, step }) => ({ model_id: modelId, step })),
  };
}

/** A point of a metric in MLflow's words; NaN and the infinities by name. */
export function toMetricWords({ key, value, timestamp, step }: Metric) {
  return { key, value: Number.isFinite(value) ? value : String(value), timestamp, step };
}

/** A file or folder among artifacts in MLflow's words. */
export function toArtifactWords({ path, isFolder, sizeBytes }: ArtifactInfo) {
  return { path, is_dir: isFolder, file_size: sizeBytes };
}

/** A logged model in MLflow's words. */
export function toModelWords(it: LoggedModel) {
  return {
    model_id: it.modelId,
    experiment_id: it.experimentId,
    name: it.name,
    artifact_location: it.artifactLocation,
    creation_timestamp: it.creationTime,
    last_updated_timestamp: it.lastUpdatedTime,
    status: it.status,
    // Nothing of MLflow's open source sets it.
    status_message: null,
    model_type: it.modelType,
    source_run_id: it.sourceRunId,
    params: it.params,
    tags: it.tags,
    // They have no order of their own.
    metrics: it.metrics.map(toMetricWords).toSorted((a, b) => (a.key < b.key ? -1 : 1)),
  };
}

/** A trace with its spans in MLflow's words. */
export function toTraceWords({ info, spans }: Trace) {
  return {
    trace_id: info.traceId,
    experiment_id: info.experimentId,
    request_time: info.requestTime,
    execution_duration: info.executionDuration,
    state: info.state,
    request_preview: info.requestPreview,
    response_preview: info.responsePreview,
    client_request_id: info.clientRequestId,
    trace_metadata: info.metadata,
    tags: info.tags,
    token_usage: JSON.parse(info.metadata['mlflow.trace.tokenUsage'] ?? 'null'),
    spans: spans.map(toSpanWords),
  };
}

function byDigest(a: DatasetInput, b: DatasetInput): number {
  return a.dataset.digest < b.dataset.digest ? -1 : 1;
}

function toSpanWords(it: Span) {
  return {
    trace_id: it.traceId,
    span_id: it.spanId,
    parent_id: it.parentSpanId,
    name: it.name,
    span_type: it.attributes['mlflow.spanType'],
    start_time_ns: String(it.startTimeUnixNano),
    end_time_ns: String(it.endTimeUnixNano),
    status: { code: it.status.code, description: it.status.message },
    inputs: it.attributes['mlflow.spanInputs'] ?? null,
    outputs: it.attributes['mlflow.spanOutputs'] ?? null,
    attributes: it.attributes,
    events: it.events.map(({ name, timeUnixNano, attributes }) => ({
      name,
      timestamp: String(timeUnixNano),
      attributes,
    })),
  };
}
