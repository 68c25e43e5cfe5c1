import type { TraceInfo, TraceState } from '../../../entities/trace.ts';
import { cutPreview } from '../../../entities/validation.ts';
import type { TraceRecord } from '../../log-record.ts';
import { parseAssessment, type WireAssessment } from './assessment.ts';
import { parseInteger, parsePairs, toPairs, type WirePair } from './pairs.ts';
import { parseDuration, parseTime, toWireDuration, toWireTime } from './times.ts';

/** What is known of a trace, in version 3 of MLflow's REST API. */
export interface WireTraceInfo {
  readonly trace_id: string;
  readonly client_request_id?: string;
  readonly trace_location?: { readonly mlflow_experiment?: { readonly experiment_id?: string } };
  readonly request_preview?: string;
  readonly response_preview?: string;
  readonly request_time?: string;
  readonly execution_duration?: string;
  readonly state?: string;
  readonly trace_metadata?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
  readonly assessments?: readonly WireAssessment[];
}

/** The same in version 2, of servers before 3.0. */
export interface WireTraceInfoV2 {
  readonly request_id: string;
  readonly experiment_id?: string;
  readonly timestamp_ms?: number | string;
  readonly execution_time_ms?: number | string;
  readonly status?: string;
  readonly request_metadata?: readonly WirePair[];
  readonly tags?: readonly WirePair[];
}

/** Reads what is known of a trace, in either version. */
export function parseTraceInfo(wire: WireTraceInfo | WireTraceInfoV2): TraceInfo {
  return 'request_id' in wire ? parseV2(wire) : parseV3(wire);
}

/** Names an experiment as the place of traces. */
export function toWireLocation(experimentId: string): Readonly<Record<string, unknown>> {
  return { type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: experimentId } };
}

/** Writes what is known of a trace; `metadata` names runs and models by the server's ids. */
export function toWireTrace(
  record: TraceRecord,
  experimentId: string,
  metadata: TraceRecord['metadata'],
): Readonly<Record<string, unknown>> {
  const { requestPreview, responsePreview, clientRequestId } = record;
  return {
    trace_id: record.traceId,
    trace_location: toWireLocation(experimentId),
    request_time: toWireTime(record.requestTime),
    execution_duration: toWireDuration(record.executionDuration),
    state: record.state,
    ...(requestPreview !== null && { request_preview: cutPreview(requestPreview) }),
    ...(responsePreview !== null && { response_preview: cutPreview(responsePreview) }),
    ...(clientRequestId !== undefined && { client_request_id: clientRequestId }),
    trace_metadata: metadata,
    tags: record.tags,
  };
}

/** Writes the begin and the end of a trace in version 2. */
export function toWireTraceV2(record: TraceRecord, experimentId: string, metadata: TraceRecord['metadata']) {
  const shared = { request_metadata: toPairs(metadata), tags: toPairs(record.tags) };
  const status = record.state === 'STATE_UNSPECIFIED' ? 'TRACE_STATUS_UNSPECIFIED' : record.state;
  return {
    start: { experiment_id: experimentId, timestamp_ms: record.requestTime, ...shared },
    end: { timestamp_ms: record.requestTime + record.executionDuration, status, ...shared },
  };
}

function parseV3(wire: WireTraceInfo): TraceInfo {
  return {
    traceId: wire.trace_id,
    experimentId: wire.trace_location?.mlflow_experiment?.experiment_id ?? '',
    requestTime: parseTime(wire.request_time),
    executionDuration: parseDuration(wire.execution_duration),
    state: (wire.state ?? 'STATE_UNSPECIFIED') as TraceState,
    requestPreview: wire.request_preview || null,
    responsePreview: wire.response_preview || null,
    clientRequestId: wire.client_request_id || null,
    metadata: { ...wire.trace_metadata },
    tags: { ...wire.tags },
    assessments: (wire.assessments ?? []).map(parseAssessment),
  };
}

function parseV2(wire: WireTraceInfoV2): TraceInfo {
  const metadata = parsePairs(wire.request_metadata);
  const { execution_time_ms: duration } = wire;
  return {
    traceId: wire.request_id,
    experimentId: wire.experiment_id ?? '',
    requestTime: parseInteger(wire.timestamp_ms),
    executionDuration: duration === undefined ? null : parseInteger(duration),
    state: (wire.status ?? '').replace('TRACE_STATUS_UNSPECIFIED', 'STATE_UNSPECIFIED') as TraceState,
    requestPreview: metadata['mlflow.traceInputs'] ?? null,
    responsePreview: metadata['mlflow.traceOutputs'] ?? null,
    clientRequestId: null,
    metadata,
    tags: parsePairs(wire.tags),
    assessments: [],
  };
}
