import type { toMetricWords, toModelWords, toRunWords, toTraceWords } from './mlflow-words.ts';

interface KeyValue {
  readonly key: string;
  readonly value: string;
}

type MetricWords = ReturnType<typeof toMetricWords>;
type RunInfo = ReturnType<typeof toRunWords>['info'];
type Dataset = ReturnType<typeof toRunWords>['dataset_inputs'][number]['dataset'];

/** A run as MLflow's REST API sends it; what is empty is left out. */
export interface RestRun {
  readonly info: RunInfo & { readonly run_uuid: string };
  readonly data: {
    readonly params?: readonly KeyValue[];
    readonly tags?: readonly KeyValue[];
    readonly metrics?: readonly MetricWords[];
  };
  readonly inputs?: {
    readonly dataset_inputs?: readonly {
      readonly dataset: Partial<Dataset>;
      readonly tags?: readonly KeyValue[];
    }[];
  };
  readonly outputs?: { readonly model_outputs?: ReturnType<typeof toRunWords>['model_outputs'] };
}

/** A logged model as MLflow's REST API sends it. */
export interface RestModel {
  readonly info: Omit<
    ReturnType<typeof toModelWords>,
    'artifact_location' | 'params' | 'metrics' | 'tags' | 'status'
  > & {
    readonly creation_timestamp_ms: number;
    readonly last_updated_timestamp_ms: number;
    readonly artifact_uri: string;
    readonly status: string;
    readonly tags?: readonly KeyValue[];
  };
  readonly data?: { readonly params?: readonly KeyValue[]; readonly metrics?: readonly MetricWords[] };
}

/** The part of a trace that MLflow's search sends. */
export interface RestTraceInfo {
  readonly trace_id: string;
  readonly trace_location: { readonly mlflow_experiment: { readonly experiment_id: string } };
  /** As "2026-11-21T05:04:23.447Z". */
  readonly request_time: string;
  /** As "0.049s". */
  readonly execution_duration?: string;
  readonly state: string;
  readonly request_preview?: string;
  readonly response_preview?: string;
  readonly client_request_id?: string;
  readonly trace_metadata: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

/** A span in OpenTelemetry's form, nanoseconds as text. */
export interface RestSpan {
  readonly trace_id: string;
  readonly span_id: string;
  readonly parent_span_id?: string;
  readonly name: string;
  readonly start_time_unix_nano: string;
  readonly end_time_unix_nano: string;
  readonly status: { readonly code: string; readonly message?: string };
  readonly attributes: readonly RestAttribute[];
  readonly events?: readonly {
    readonly name: string;
    readonly time_unix_nano: string;
    readonly attributes?: readonly RestAttribute[];
  }[];
}

interface RestAttribute {
  readonly key: string;
  /** Left out for null. */
  readonly value?: RestValue;
}

/** One of the members is there. */
interface RestValue {
  readonly string_value?: string;
  readonly int_value?: number;
  readonly double_value?: number;
  readonly bool_value?: boolean;
  readonly array_value?: { readonly values?: readonly RestValue[] };
  readonly kvlist_value?: { readonly values?: readonly RestAttribute[] };
}

/** A run of the REST API as the Python client would show it. */
export function fromRestRun({ info, data, inputs, outputs }: RestRun): ReturnType<typeof toRunWords> {
  const { run_uuid, ...rest } = info;
  return {
    info: { ...rest, end_time: info.end_time ?? null },
    params: toRecord(data.params),
    tags: toRecord(data.tags),
    metrics: Object.fromEntries((data.metrics ?? []).map((metric) => [metric.key, metric])),
    dataset_inputs: (inputs?.dataset_inputs ?? [])
      .map(({ dataset, tags }) => ({
        dataset: { schema: null, profile: null, ...dataset } as Dataset,
        tags: toRecord(tags),
      }))
      .toSorted((a, b) => (a.dataset.digest < b.dataset.digest ? -1 : 1)),
    model_outputs: outputs?.model_outputs ?? [],
  };
}

/** A logged model of the REST API as the Python client would show it. */
export function fromRestModel({ info, data }: RestModel): ReturnType<typeof toModelWords> {
  const { creation_timestamp_ms, last_updated_timestamp_ms, artifact_uri, tags, ...rest } = info;
  return {
    ...rest,
    model_type: info.model_type ?? null,
    source_run_id: info.source_run_id ?? null,
    status: info.status.replace('LOGGED_MODEL_', '') as ReturnType<typeof toModelWords>['status'],
    artifact_location: artifact_uri,
    creation_timestamp: creation_timestamp_ms,
    last_updated_timestamp: last_updated_timestamp_ms,
    params: toRecord(data?.params),
    tags: toRecord(tags),
    status_message: null,
    metrics: (data?.metrics ?? [])
      .map(({ key, value, timestamp, step }) => ({ key, value, timestamp, step }))
      .toSorted((a, b) => (a.key < b.key ? -1 : 1)),
  };
}

/** A trace of the REST API as the Python client would show it. */
export function fromRestTrace(info: RestTraceInfo, spans: readonly RestSpan[]): ReturnType<typeof toTraceWords> {
  const usage = info.trace_metadata['mlflow.trace.tokenUsage'];
  return {
    trace_id: info.trace_id,
    experiment_id: info.trace_location.mlflow_experiment.experiment_id,
    request_time: Date.parse(info.request_time),
    execution_duration:
      info.execution_duration === undefined ? null : Math.round(parseFloat(info.execution_duration) * 1000),
    state: info.state as ReturnType<typeof toTraceWords>['state'],
    request_preview: info.request_preview ?? null,
    response_preview: info.response_preview ?? null,
    client_request_id: info.client_request_id ?? null,
    trace_metadata: info.trace_metadata,
    tags: info.tags,
    token_usage: JSON.parse(usage ?? 'null'),
    spans: spans.map((span) => fromRestSpan(info.trace_id, span)),
  };
}

function fromRestSpan(traceId: string, span: RestSpan): ReturnType<typeof toTraceWords>['spans'][number] {
  const attributes = fromAttributes(span.attributes);
  return {
    trace_id: traceId,
    span_id: toHex(span.span_id),
    parent_id: span.parent_span_id ? toHex(span.parent_span_id) : null,
    name: span.name,
    span_type: attributes['mlflow.spanType'],
    start_time_ns: span.start_time_unix_nano,
    end_time_ns: span.end_time_unix_nano,
    status: {
      code: span.status.code.replace('STATUS_CODE_', '') as 'UNSET' | 'OK' | 'ERROR',
      description: span.status.message ?? '',
    },
    inputs: attributes['mlflow.spanInputs'] ?? null,
    outputs: attributes['mlflow.spanOutputs'] ?? null,
    attributes,
    events: (span.events ?? []).map((event) => ({
      name: event.name,
      timestamp: event.time_unix_nano,
      attributes: fromAttributes(event.attributes),
    })),
  };
}

function fromAttributes(attributes: readonly RestAttribute[] = []): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, fromValue(value)]));
}

function fromValue({ array_value: array, kvlist_value: map, ...plain }: RestValue = {}): unknown {
  if (array) return (array.values ?? []).map(fromValue);
  if (map) return fromAttributes(map.values);
  return Object.values(plain)[0] ?? null;
}

function toRecord(pairs: readonly KeyValue[] = []): Record<string, string> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, value]));
}

function toHex(base64: string): string {
  return Buffer.from(base64, 'base64').toString('hex');
}
