import type { DatasetInput } from '../../entities/dataset.ts';
import type { Metric } from '../../entities/metric.ts';
import type { ModelInput, ModelOutput } from '../../entities/run.ts';
import { validateMetricKey, validateRunId } from '../../entities/validation.ts';
import type { SampleMetricOptions } from '../../store/run-store.ts';
import { allPages } from '../all-pages.ts';
import { requireList, requireOptions } from '../check-argument.ts';
import {
  type LogMetricOptions,
  toDeleteTagRecord,
  toEntries,
  toInputRecord,
  toMetricRecord,
  toModelInputRecord,
  toModelOutputRecord,
  toParamRecord,
  toTagRecord,
} from '../runs/records.ts';
import { RunClient } from './run-client.ts';

/** What is logged to a run in one call. */
export interface LogBatch {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly tags?: Readonly<Record<string, unknown>>;
  readonly metrics?: readonly (LogMetricOptions & { readonly key: string; readonly value: number })[];
}

/** The client's methods for what is logged to runs. */
export class RunLogClient extends RunClient {
  async logParam(runId: string, key: string, value: unknown): Promise<void> {
    await this.write([toParamRecord(runId, key, value)]);
  }

  async logMetric(runId: string, key: string, value: number, options: LogMetricOptions = {}): Promise<void> {
    await this.write([toMetricRecord(runId, key, value, options)]);
  }

  async setTag(runId: string, key: string, value: unknown): Promise<void> {
    await this.write([toTagRecord(runId, key, value)]);
  }

  async deleteTag(runId: string, key: string): Promise<void> {
    await this.write([toDeleteTagRecord(runId, key)]);
  }

  /** Logs params, metrics and tags; what the store refuses of it does not keep the rest from being stored. */
  async logBatch(runId: string, { params = {}, tags = {}, metrics = [] }: LogBatch): Promise<void> {
    await this.write([
      ...toEntries('params', params).map(([key, value]) => toParamRecord(runId, key, value)),
      ...metrics.map(({ key, value, ...options }) => toMetricRecord(runId, key, value, options)),
      ...toEntries('tags', tags).map(([key, value]) => toTagRecord(runId, key, value)),
    ]);
  }

  /** Links the datasets and logged models that a run has read. */
  async logInputs(
    runId: string,
    datasets: readonly DatasetInput[],
    models: readonly ModelInput[] = [],
  ): Promise<void> {
    requireList('Cannot log inputs', datasets);
    requireList('Cannot log inputs', models);
    await this.write([
      ...datasets.map((input) => {
        requireOptions('Cannot log inputs', input, '{ dataset, tags }');
        return toInputRecord(runId, input.dataset, { tags: input.tags });
      }),
      ...models.map((model) => toModelInputRecord(runId, model)),
    ]);
  }

  /** Links the logged models that a run has written. */
  async logOutputs(runId: string, models: readonly ModelOutput[]): Promise<void> {
    requireList('Cannot log outputs', models);
    await this.write(models.map((model) => toModelOutputRecord(runId, model)));
  }

  /** Every point of a metric, by timestamp, then by step. */
  async getMetricHistory(runId: string, key: string): Promise<readonly Metric[]> {
    validateRunId(runId);
    validateMetricKey(key);
    const store = await this.upToDate();
    return allPages((pageToken) => store.getMetricHistory(runId, key, { pageToken }));
  }

  /** Points of a metric of up to 100 runs, thinned out evenly; each has its `runId`. */
  async sampleMetricHistory(
    runIds: readonly string[],
    key: string,
    options?: SampleMetricOptions,
  ): Promise<readonly Metric[]> {
    validateMetricKey(key);
    return (await this.upToDate()).sampleMetricHistory(runIds, key, options);
  }
}
