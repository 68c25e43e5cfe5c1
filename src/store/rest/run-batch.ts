import type { MetricRecord, ParamRecord, TagRecord } from '../log-record.ts';
import type { DeliveryContext } from './delivery-context.ts';
import { toWireMetric, type WireMetric } from './wire/metric.ts';
import type { WirePair } from './wire/pairs.ts';

/** What `log-batch` takes. */
export type BatchRecord = MetricRecord | ParamRecord | TagRecord;

/** Limits of one batch. Source: mlflow/utils/validation.py, read at 3.17.2. */
const MOST = { metric: 1000, param: 100, tag: 100 } as const;
const MOST_ENTITIES = 1000;
/** Below the megabyte of MLflow, because sizes are estimated. */
const MOST_BYTES = 900_000;
/** Bytes of a point besides its names. */
const POINT_BYTES = 120;

/** Records of one run that go into one request; the order of what it holds means nothing. */
export class RunBatch {
  readonly records: BatchRecord[] = [];
  readonly #counts = { metric: 0, param: 0, tag: 0 };
  readonly #keys = new Set<string>();
  #sizeBytes = 0;

  get isEmpty(): boolean {
    return this.records.length === 0;
  }

  /** Takes a record; false when it must go into the next batch. */
  add(record: BatchRecord): boolean {
    const { op, key } = record;
    const sizeBytes = toSize(record);
    const isFull = this.#counts[op] === MOST[op] || this.records.length === MOST_ENTITIES;
    if (isFull || (!this.isEmpty && this.#sizeBytes + sizeBytes > MOST_BYTES)) return false;
    if (op !== 'metric') {
      // A param twice is refused, and of a tag the last value counts.
      if (this.#keys.has(`${op} ${key}`)) return false;
      this.#keys.add(`${op} ${key}`);
    }
    this.#counts[op] += 1;
    this.#sizeBytes += sizeBytes;
    this.records.push(record);
    return true;
  }
}

/** Sends records of one run in one request, under the server's id of the run. */
export async function logBatch(
  runId: string,
  records: readonly BatchRecord[],
  context: DeliveryContext,
): Promise<void> {
  const metrics: WireMetric[] = [];
  const params: WirePair[] = [];
  const tags: WirePair[] = [];
  for (const record of records) {
    if (record.op === 'metric') metrics.push(await toMetric(record, context));
    else if (record.op === 'param') params.push({ key: record.key, value: record.value });
    else tags.push({ key: record.key, value: await toTagValue(record, context) });
  }
  const { api, call } = context;
  const body = { run_id: runId, metrics, params, tags };
  await context.send(() => api.post('/api/2.0/mlflow/runs/log-batch', body, call));
}

function toMetric(record: MetricRecord, context: DeliveryContext): WireMetric | Promise<WireMetric> {
  if (record.modelId === undefined) return toWireMetric(record, undefined);
  return context.toServer(record.modelId).then((modelId) => toWireMetric(record, modelId));
}

function toTagValue({ key, value }: TagRecord, context: DeliveryContext): string | Promise<string> {
  return key === 'mlflow.parentRunId' && value ? context.toServer(value) : (value ?? '');
}

function toSize(record: BatchRecord): number {
  const text = record.op === 'metric' ? '' : (record.value ?? '');
  return POINT_BYTES + Buffer.byteLength(record.key) + Buffer.byteLength(text);
}
