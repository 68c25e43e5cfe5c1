import type { LoggedModel, LoggedModelStatus } from '../../../entities/logged-model.ts';
import { parseMetric, type WireMetric } from './metric.ts';
import { parseInteger, parsePairs, type WirePair } from './pairs.ts';
import { CLIENT_ID_TAG } from './run.ts';

/** A logged model in MLflow's REST API. */
export interface WireLoggedModel {
  readonly info: {
    readonly model_id: string;
    readonly experiment_id: string;
    readonly name?: string;
    readonly creation_timestamp_ms?: number | string;
    readonly last_updated_timestamp_ms?: number | string;
    readonly artifact_uri?: string;
    readonly status?: string;
    readonly status_message?: string;
    readonly lifecycle_stage?: string;
    readonly model_type?: string;
    readonly source_run_id?: string;
    readonly tags?: readonly WirePair[];
  };
  readonly data?: { readonly params?: readonly WirePair[]; readonly metrics?: readonly WireMetric[] };
}

/** Reads a logged model. */
export function parseLoggedModel({ info, data = {} }: WireLoggedModel): LoggedModel {
  const { [CLIENT_ID_TAG]: _, ...tags } = parsePairs(info.tags);
  return {
    modelId: info.model_id,
    experimentId: info.experiment_id,
    name: info.name ?? '',
    artifactLocation: info.artifact_uri ?? '',
    creationTime: parseInteger(info.creation_timestamp_ms),
    lastUpdatedTime: parseInteger(info.last_updated_timestamp_ms),
    status: STATUSES[info.status ?? ''] ?? 'PENDING',
    statusMessage: info.status_message || null,
    lifecycleStage: info.lifecycle_stage === 'deleted' ? 'deleted' : 'active',
    modelType: info.model_type || null,
    sourceRunId: info.source_run_id || null,
    params: parsePairs(data.params),
    tags,
    metrics: (data.metrics ?? []).map((metric) => parseMetric(metric, { withRun: true })),
  };
}

/** Writes the state of a logged model. */
export function toWireStatus(status: LoggedModelStatus): string {
  return `LOGGED_MODEL_${status}`;
}

const STATUSES: Readonly<Record<string, LoggedModelStatus>> = {
  LOGGED_MODEL_PENDING: 'PENDING',
  LOGGED_MODEL_READY: 'READY',
  LOGGED_MODEL_UPLOAD_FAILED: 'UPLOAD_FAILED',
};
