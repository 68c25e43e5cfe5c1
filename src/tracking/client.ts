import type { ArtifactInfo, ArtifactRepository } from '../artifacts/artifact-repository.ts';
import { resolveArtifactRepository } from '../artifacts/resolve.ts';
import { nowMs } from '../clock.ts';
import type { DatasetInput } from '../entities/dataset.ts';
import type { Experiment } from '../entities/experiment.ts';
import type { LoggedModel } from '../entities/logged-model.ts';
import type { Metric } from '../entities/metric.ts';
import type { Run, RunStatus } from '../entities/run.ts';
import type { Trace, TraceInfo } from '../entities/trace.ts';
import {
  validateExperimentName,
  validateExperimentTag,
  validateMetricKey,
  validateRunId,
  validateTime,
} from '../entities/validation.ts';
import { randomUuidHex } from '../random-id.ts';
import type { LogRecord } from '../store/log-record.ts';
import { resolveTrackingStore } from '../store/store-uri.ts';
import type { CreateExperimentOptions, PageOptions, TrackingStore } from '../store/tracking-store.ts';
import { formatDict } from './dict-format.ts';
import {
  type LogMetricOptions,
  toDeleteTagRecord,
  toEntries,
  toInputRecord,
  toMetricRecord,
  toParamRecord,
  toTagRecord,
  toTags,
} from './records.ts';
import { createRunName } from './run-names.ts';
import { RUN_TAGS } from './run-tags.ts';
import { getTrackingUri } from './settings.ts';
import type { Writer } from './writer.ts';
import { writerFor } from './writers.ts';

/** How a run of the client begins. */
export interface CreateRunOptions {
  /** @default two random words and a number */
  readonly runName?: string;
  readonly tags?: Readonly<Record<string, unknown>>;
  /** Milliseconds since the Unix epoch. @default now */
  readonly startTime?: number;
}

/** What is logged to a run in one call. */
export interface LogBatch {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly tags?: Readonly<Record<string, unknown>>;
  readonly metrics?: readonly (LogMetricOptions & { readonly key: string; readonly value: number })[];
}

/** What of a run is changed. */
export interface UpdateRunOptions {
  readonly status?: RunStatus;
  readonly name?: string;
}

/**
 * Reads and writes a tracking store by ids, whatever run is active.
 *
 * A method that writes resolves when the store holds what was written, and rejects with an {@link AutologError} when
 * it refuses. A method that reads sees everything that this process has logged before.
 */
export class MlflowClient {
  readonly #store: TrackingStore;
  readonly #writer: Writer;

  /** @throws {AutologError} when no store can be made from the URI. @default the tracking URI in force */
  constructor(trackingUri: string = getTrackingUri()) {
    this.#store = resolveTrackingStore(trackingUri);
    this.#writer = writerFor(this.#store);
  }

  /** Returns the id of the new experiment. */
  async createExperiment(name: string, options?: CreateExperimentOptions): Promise<string> {
    validateExperimentName(name);
    return (await this.#upToDate()).createExperiment(name, options);
  }

  async getExperiment(experimentId: string): Promise<Experiment> {
    return (await this.#upToDate()).getExperiment(experimentId);
  }

  async getExperimentByName(name: string): Promise<Experiment | null> {
    return (await this.#upToDate()).getExperimentByName(name);
  }

  async listExperiments(options?: PageOptions): Promise<readonly Experiment[]> {
    return (await this.#upToDate()).listExperiments(options);
  }

  async setExperimentTag(experimentId: string, key: string, value: string): Promise<void> {
    validateExperimentTag(key, value);
    await (await this.#upToDate()).setExperimentTag(experimentId, key, value);
  }

  /** Moves an experiment and its runs to the bin. */
  async deleteExperiment(experimentId: string): Promise<void> {
    await (await this.#upToDate()).setExperimentStage(experimentId, 'deleted');
  }

  async restoreExperiment(experimentId: string): Promise<void> {
    await (await this.#upToDate()).setExperimentStage(experimentId, 'active');
  }

  async createRun(experimentId: string | number, options: CreateRunOptions = {}): Promise<Run> {
    const runId = randomUuidHex();
    const given = toTags(options.tags ?? {});
    const tags = toTags({
      ...given,
      [RUN_TAGS.name]: options.runName || given[RUN_TAGS.name] || createRunName(),
    });
    const startTime = options.startTime ?? nowMs();
    validateTime('start time', startTime);
    await this.#writer.appendSettled({
      op: 'createRun',
      runId,
      experiment: { id: String(experimentId) },
      name: tags[RUN_TAGS.name] ?? '',
      userId: tags[RUN_TAGS.user] ?? 'unknown',
      startTime,
      tags,
    });
    return this.getRun(runId);
  }

  async getRun(runId: string): Promise<Run> {
    validateRunId(runId);
    return (await this.#upToDate()).getRun(runId);
  }

  /** The active runs of experiments, the newest first. */
  async listRuns(experimentIds: readonly string[], options?: PageOptions): Promise<readonly Run[]> {
    return (await this.#upToDate()).listRuns(experimentIds, options);
  }

  async logParam(runId: string, key: string, value: unknown): Promise<void> {
    await this.#write([toParamRecord(runId, key, value)]);
  }

  async logMetric(runId: string, key: string, value: number, options: LogMetricOptions = {}): Promise<void> {
    await this.#write([toMetricRecord(runId, key, value, options)]);
  }

  async setTag(runId: string, key: string, value: unknown): Promise<void> {
    await this.#write([toTagRecord(runId, key, value)]);
  }

  async deleteTag(runId: string, key: string): Promise<void> {
    await this.#write([toDeleteTagRecord(runId, key)]);
  }

  /** Logs params, metrics and tags; what the store refuses of it does not keep the rest from being stored. */
  async logBatch(runId: string, { params = {}, tags = {}, metrics = [] }: LogBatch): Promise<void> {
    await this.#write([
      ...toEntries('params', params).map(([key, value]) => toParamRecord(runId, key, value)),
      ...metrics.map(({ key, value, ...options }) => toMetricRecord(runId, key, value, options)),
      ...toEntries('tags', tags).map(([key, value]) => toTagRecord(runId, key, value)),
    ]);
  }

  async logInputs(runId: string, inputs: readonly DatasetInput[]): Promise<void> {
    await this.#write(inputs.map(({ dataset, tags }) => toInputRecord(runId, dataset, { tags })));
  }

  /** Ends a run. `endTime` is in milliseconds since the Unix epoch. @default now */
  async setTerminated(runId: string, status: RunStatus = 'FINISHED', endTime: number = nowMs()): Promise<void> {
    validateTime('end time', endTime);
    await this.#write([{ op: 'updateRun', runId, status, endTime }]);
  }

  async updateRun(runId: string, { status, name }: UpdateRunOptions): Promise<void> {
    const records: LogRecord[] = [];
    if (name !== undefined) records.push(toTagRecord(runId, RUN_TAGS.name, name));
    if (status !== undefined) {
      const { endTime } = (await this.getRun(runId)).info;
      records.push({ op: 'updateRun', runId, status, endTime });
    }
    await this.#write(records);
  }

  /** Moves a run to the bin. */
  async deleteRun(runId: string): Promise<void> {
    validateRunId(runId);
    await (await this.#upToDate()).setRunStage(runId, 'deleted');
  }

  async restoreRun(runId: string): Promise<void> {
    validateRunId(runId);
    await (await this.#upToDate()).setRunStage(runId, 'active');
  }

  /** Every point of a metric, by step, then by time. */
  async getMetricHistory(runId: string, key: string): Promise<readonly Metric[]> {
    validateRunId(runId);
    validateMetricKey(key);
    return (await this.#upToDate()).getMetricHistory(runId, key);
  }

  /** Copies a local file to the run's artifacts, into the folder `artifactPath`. */
  async logArtifact(runId: string, localPath: string, artifactPath?: string): Promise<void> {
    await (await this.#artifacts(runId)).logFile(localPath, artifactPath);
  }

  /** Copies what is in a local folder to the run's artifacts, into the folder `artifactPath`. */
  async logArtifacts(runId: string, localFolder: string, artifactPath?: string): Promise<void> {
    await (await this.#artifacts(runId)).logFolder(localFolder, artifactPath);
  }

  async logText(runId: string, text: string, artifactFile: string): Promise<void> {
    await (await this.#artifacts(runId)).logContent(artifactFile, text);
  }

  /** Writes plain data, as YAML when the file is named `.yml` or `.yaml`, else as JSON. */
  async logDict(runId: string, dictionary: unknown, artifactFile: string): Promise<void> {
    const text = await formatDict(dictionary, artifactFile);
    await (await this.#artifacts(runId)).logContent(artifactFile, text);
  }

  async listArtifacts(runId: string, folder?: string): Promise<readonly ArtifactInfo[]> {
    return (await this.#artifacts(runId)).list(folder);
  }

  /** Brings a file or folder of the run's artifacts to a local folder, and returns where it is then. */
  async downloadArtifacts(runId: string, path: string, destination?: string): Promise<string> {
    return (await this.#artifacts(runId)).download(path, destination);
  }

  async getLoggedModel(modelId: string): Promise<LoggedModel> {
    return (await this.#upToDate()).getLoggedModel(modelId);
  }

  async listLoggedModels(
    experimentIds: readonly string[],
    options?: PageOptions,
  ): Promise<readonly LoggedModel[]> {
    return (await this.#upToDate()).listLoggedModels(experimentIds, options);
  }

  async getTrace(traceId: string): Promise<Trace> {
    return (await this.#upToDate()).getTrace(traceId);
  }

  async listTraces(experimentIds: readonly string[], options?: PageOptions): Promise<readonly TraceInfo[]> {
    return (await this.#upToDate()).listTraces(experimentIds, options);
  }

  async #write(records: readonly LogRecord[]): Promise<void> {
    for (const record of records) if ('runId' in record) validateRunId(record.runId);
    await Promise.all(records.map((record) => this.#writer.appendSettled(record)));
  }

  async #upToDate(): Promise<TrackingStore> {
    await this.#writer.flush();
    return this.#store;
  }

  async #artifacts(runId: string): Promise<ArtifactRepository> {
    return resolveArtifactRepository((await this.getRun(runId)).info.artifactUri);
  }
}
