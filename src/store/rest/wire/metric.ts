import type { Metric } from '../../../entities/metric.ts';
import type { MetricRecord } from '../../log-record.ts';
import { parseInteger } from './pairs.ts';

/** A point of a metric in MLflow's REST API. */
export interface WireMetric {
  readonly key: string;
  readonly value?: number | string;
  readonly timestamp?: number | string;
  readonly step?: number | string;
  readonly run_id?: string;
  readonly model_id?: string;
  readonly dataset_name?: string;
  readonly dataset_digest?: string;
}

/** Reads a point of a metric; the run's own metrics do not repeat its id. */
export function parseMetric(wire: WireMetric, options: { readonly withRun?: boolean } = {}): Metric {
  const { run_id: runId, model_id: modelId, dataset_name: datasetName, dataset_digest: datasetDigest } = wire;
  return {
    key: wire.key,
    value: toValue(Number(wire.value ?? 0)),
    timestamp: parseInteger(wire.timestamp),
    step: parseInteger(wire.step),
    ...(options.withRun && runId && { runId }),
    ...(modelId && { modelId }),
    ...(datasetName && { datasetName }),
    ...(datasetDigest && { datasetDigest }),
  };
}

/** MLflow keeps the infinities as the largest doubles, and sends those. */
function toValue(value: number): number {
  return Math.abs(value) === Number.MAX_VALUE ? Math.sign(value) * Number.POSITIVE_INFINITY : value;
}

/** Writes a point of a metric; `modelId` is the server's. */
export function toWireMetric(record: MetricRecord, modelId: string | undefined): WireMetric {
  return {
    key: record.key,
    value: record.value,
    timestamp: record.timestamp,
    step: record.step,
    ...(modelId && { model_id: modelId }),
    ...(record.datasetName && { dataset_name: record.datasetName }),
    ...(record.datasetDigest && { dataset_digest: record.datasetDigest }),
  };
}
