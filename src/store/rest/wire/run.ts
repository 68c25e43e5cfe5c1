import type { Run, RunStatus } from '../../../entities/run.ts';
import { parseDatasetInput, type WireDatasetInput } from './dataset.ts';
import { parseMetric, type WireMetric } from './metric.ts';
import { parseInteger, parsePairs, type WirePair } from './pairs.ts';

/** A run in MLflow's REST API. */
export interface WireRun {
  readonly info: {
    readonly run_id?: string;
    readonly run_uuid?: string;
    readonly run_name?: string;
    readonly experiment_id: string;
    readonly user_id?: string;
    readonly status?: string;
    readonly start_time?: number | string;
    readonly end_time?: number | string;
    readonly artifact_uri?: string;
    readonly lifecycle_stage?: string;
  };
  readonly data?: {
    readonly metrics?: readonly WireMetric[];
    readonly params?: readonly WirePair[];
    readonly tags?: readonly WirePair[];
  };
  readonly inputs?: {
    readonly dataset_inputs?: readonly WireDatasetInput[];
    readonly model_inputs?: readonly { readonly model_id: string }[];
  };
  readonly outputs?: {
    readonly model_outputs?: readonly { readonly model_id: string; readonly step?: number | string }[];
  };
}

/** Tag of a run or model with the id that its client gave it: found again by it, and not shown. */
export const CLIENT_ID_TAG = 'autolog.id';

/** Reads a run. */
export function parseRun({ info, data = {}, inputs = {}, outputs = {} }: WireRun): Run {
  const metrics = (data.metrics ?? []).map((metric) => parseMetric(metric));
  const { [CLIENT_ID_TAG]: _, ...tags } = parsePairs(data.tags);
  return {
    info: {
      runId: info.run_id ?? info.run_uuid ?? '',
      runName: info.run_name ?? '',
      experimentId: info.experiment_id,
      userId: info.user_id ?? '',
      status: (info.status ?? 'RUNNING') as RunStatus,
      startTime: parseInteger(info.start_time),
      endTime: info.end_time === undefined ? null : parseInteger(info.end_time),
      artifactUri: info.artifact_uri ?? '',
      lifecycleStage: info.lifecycle_stage === 'deleted' ? 'deleted' : 'active',
    },
    params: parsePairs(data.params),
    metrics: Object.fromEntries(metrics.map((metric) => [metric.key, metric])),
    tags,
    datasetInputs: (inputs.dataset_inputs ?? []).map(parseDatasetInput),
    modelInputs: (inputs.model_inputs ?? []).map(({ model_id: modelId }) => ({ modelId })),
    modelOutputs: (outputs.model_outputs ?? []).map(({ model_id: modelId, step }) => ({
      modelId,
      step: parseInteger(step),
    })),
  };
}
