import type { Assessment } from '../../entities/assessment.ts';
import type { Experiment } from '../../entities/experiment.ts';
import type { LoggedModel } from '../../entities/logged-model.ts';
import type { Metric } from '../../entities/metric.ts';
import type { Page } from '../../entities/page.ts';
import type { Run } from '../../entities/run.ts';
import type { Trace, TraceInfo } from '../../entities/trace.ts';
import type { DeliverOptions, RecordSource, RejectedRecord } from '../delivery.ts';
import type { CreateExperimentOptions } from '../experiment-store.ts';
import type { Garbage, GarbageStore } from '../garbage-store.ts';
import type { DatasetSummary, MetricHistoryOptions, SampleMetricOptions } from '../run-store.ts';
import type { SchemaStore } from '../schema-store.ts';
import type {
  SearchExperimentsOptions,
  SearchLoggedModelsOptions,
  SearchRunsOptions,
  SearchTracesOptions,
} from '../search-options.ts';
import type { AssessmentChanges, DeleteTracesOptions, NewAssessment, PromptVersionRef } from '../trace-store.ts';
import type { TrackingStore } from '../tracking-store.ts';
import * as assessments from './assessments.ts';
import type { Database } from './database.ts';
import { deleteTraces } from './delete-traces.ts';
import * as changes from './experiment-changes.ts';
import * as experiments from './experiments.ts';
import { findGarbage } from './garbage.ts';
import * as models from './logged-model-changes.ts';
import { getLoggedModel } from './logged-models.ts';
import { deleteRunTag } from './params-tags.ts';
import * as traces from './read-traces.ts';
import { removeGarbage } from './remove-garbage.ts';
import { getRun, setRunStage } from './runs.ts';
import { reportSchema, upgradeSchema } from './schema/report.ts';
import { linkPromptVersions, linkTracesToRun } from './trace-links.ts';
import { deleteTraceTag, setTraceTag } from './trace-tags.ts';

/** What a store on SQL consists of. */
export interface SqlTrackingStoreOptions {
  readonly uri: string;
  readonly journalFolder: string;
  readonly database: Database;
}

/** Keeps everything in a database with MLflow's schema. */
export class SqlTrackingStore implements TrackingStore {
  readonly uri: string;
  readonly journalFolder: string;
  readonly garbage: GarbageStore;
  readonly schema: SchemaStore;
  readonly #database: Database;

  constructor({ uri, journalFolder, database }: SqlTrackingStoreOptions) {
    this.uri = uri;
    this.journalFolder = journalFolder;
    this.#database = database;
    this.garbage = {
      findGarbage: async (options) => database.read(findGarbage(options)),
      removeGarbage: (garbage) => this.#removeGarbage(garbage),
    };
    this.schema = {
      report: async () => database.inspect(reportSchema),
      upgrade: async () => database.changeSchema(upgradeSchema),
    };
  }

  deliver(
    source: RecordSource,
    options?: DeliverOptions,
  ): readonly RejectedRecord[] | Promise<readonly RejectedRecord[]> {
    return this.#database.deliver(source, options);
  }

  forget(sourceId: string, options?: DeliverOptions): void | Promise<void> {
    return this.#database.forget(sourceId, options);
  }

  breakOff(): void {
    this.#database.breakOff?.();
  }

  close(): void | Promise<void> {
    return this.#database.close();
  }

  async createExperiment(name: string, options?: CreateExperimentOptions): Promise<string> {
    return this.#database.write(() => experiments.createExperiment(name, this.#database.artifactRoot, options));
  }

  async getExperiment(experimentId: string): Promise<Experiment> {
    return this.#database.read(experiments.getExperiment(experimentId));
  }

  async getExperimentByName(name: string): Promise<Experiment | null> {
    return this.#database.read(experiments.findExperimentByName(name));
  }

  async searchExperiments(options: SearchExperimentsOptions = {}): Promise<Page<Experiment>> {
    const { searchExperiments } = await import('./search/experiments.ts');
    return this.#database.read(searchExperiments(options, this.#database.dialect));
  }

  async renameExperiment(experimentId: string, newName: string): Promise<void> {
    await this.#database.write(() => changes.renameExperiment(experimentId, newName));
  }

  async setExperimentTag(experimentId: string, key: string, value: string): Promise<void> {
    await this.#database.write(() => changes.setExperimentTag(experimentId, key, value));
  }

  async deleteExperimentTag(experimentId: string, key: string): Promise<void> {
    await this.#database.write(() => changes.deleteExperimentTag(experimentId, key));
  }

  async deleteExperiment(experimentId: string): Promise<void> {
    await this.#database.write(() => changes.setExperimentStage(experimentId, 'deleted'));
  }

  async restoreExperiment(experimentId: string): Promise<void> {
    await this.#database.write(() => changes.setExperimentStage(experimentId, 'active'));
  }

  async getRun(runId: string): Promise<Run> {
    return this.#database.read(getRun(runId));
  }

  async searchRuns(options: SearchRunsOptions): Promise<Page<Run>> {
    const { searchRuns } = await import('./search/runs.ts');
    return this.#database.read(searchRuns(options, this.#database.dialect));
  }

  async deleteRun(runId: string): Promise<void> {
    await this.#database.write(() => setRunStage(runId, 'deleted'));
  }

  async restoreRun(runId: string): Promise<void> {
    await this.#database.write(() => setRunStage(runId, 'active'));
  }

  async deleteRunTag(runId: string, key: string): Promise<void> {
    await this.#database.write(() => deleteRunTag(runId, key));
  }

  async getMetricHistory(runId: string, key: string, options: MetricHistoryOptions = {}): Promise<Page<Metric>> {
    const { getMetricHistory } = await import('./search/metric-history.ts');
    return this.#database.read(getMetricHistory(runId, key, options, this.#database.dialect));
  }

  async sampleMetricHistory(
    runIds: readonly string[],
    key: string,
    options: SampleMetricOptions = {},
  ): Promise<readonly Metric[]> {
    const { sampleMetricHistory } = await import('./search/sample-metric.ts');
    return this.#database.read(sampleMetricHistory(runIds, key, options, this.#database.dialect));
  }

  async searchDatasets(experimentIds: readonly string[]): Promise<readonly DatasetSummary[]> {
    const { searchDatasets } = await import('./search/datasets.ts');
    return this.#database.read(searchDatasets(experimentIds, this.#database.dialect));
  }

  async getLoggedModel(modelId: string, options: { readonly allowDeleted?: boolean } = {}): Promise<LoggedModel> {
    return this.#database.read(getLoggedModel(modelId, options.allowDeleted));
  }

  async searchLoggedModels(options: SearchLoggedModelsOptions): Promise<Page<LoggedModel>> {
    const { searchLoggedModels } = await import('./search/logged-models.ts');
    return this.#database.read(searchLoggedModels(options, this.#database.dialect));
  }

  async setLoggedModelTags(modelId: string, tags: Readonly<Record<string, string>>): Promise<void> {
    await this.#database.write(() => models.setLoggedModelTags(modelId, tags));
  }

  async deleteLoggedModelTag(modelId: string, key: string): Promise<void> {
    await this.#database.write(() => models.deleteLoggedModelTag(modelId, key));
  }

  async logLoggedModelParams(modelId: string, params: Readonly<Record<string, string>>): Promise<void> {
    await this.#database.write(() => models.logLoggedModelParams(modelId, params));
  }

  async deleteLoggedModel(modelId: string): Promise<void> {
    await this.#database.write(() => models.deleteLoggedModel(modelId));
  }

  async getTraceInfo(traceId: string): Promise<TraceInfo> {
    return this.#database.readShaped((shape) => traces.getTraceInfo(traceId, shape));
  }

  async getTrace(traceId: string): Promise<Trace> {
    return this.#database.readShaped((shape) => traces.getTrace(traceId, shape));
  }

  async getTraces(traceIds: readonly string[]): Promise<readonly Trace[]> {
    return this.#database.readShaped((shape) => traces.getTraces(traceIds, shape));
  }

  async searchTraces(options: SearchTracesOptions): Promise<Page<TraceInfo>> {
    const { searchTraces } = await import('./search/traces.ts');
    return this.#database.readShaped((shape) => searchTraces(options, this.#database.dialect, shape));
  }

  async deleteTraces(experimentId: string, options: DeleteTracesOptions): Promise<number> {
    return this.#database.writeShaped((shape) => deleteTraces(experimentId, options, shape));
  }

  async setTraceTag(traceId: string, key: string, value: string): Promise<void> {
    await this.#database.writeShaped((shape) => setTraceTag(traceId, key, value, shape));
  }

  async deleteTraceTag(traceId: string, key: string): Promise<void> {
    await this.#database.writeShaped((shape) => deleteTraceTag(traceId, key, shape));
  }

  async linkTracesToRun(traceIds: readonly string[], runId: string): Promise<void> {
    await this.#database.write(() => linkTracesToRun(traceIds, runId));
  }

  async linkPromptVersionsToTrace(traceId: string, prompts: readonly PromptVersionRef[]): Promise<void> {
    await this.#database.write(() => linkPromptVersions(traceId, prompts));
  }

  async createAssessment(assessment: NewAssessment): Promise<Assessment> {
    return this.#database.writeShaped((shape) => assessments.createAssessment(assessment, shape));
  }

  async getAssessment(traceId: string, assessmentId: string): Promise<Assessment> {
    return this.#database.read(assessments.getAssessment(traceId, assessmentId));
  }

  async updateAssessment(traceId: string, assessmentId: string, to: AssessmentChanges): Promise<Assessment> {
    return this.#database.writeShaped((shape) => assessments.updateAssessment(traceId, assessmentId, to, shape));
  }

  async deleteAssessment(traceId: string, assessmentId: string): Promise<void> {
    await this.#database.write(() => assessments.deleteAssessment(traceId, assessmentId));
  }

  async #removeGarbage(garbage: readonly Garbage[]): Promise<void> {
    for (let start = 0; start < garbage.length; start += GARBAGE_OF_A_TRANSACTION) {
      const part = garbage.slice(start, start + GARBAGE_OF_A_TRANSACTION);
      await this.#database.writeShaped((shape) => removeGarbage(part, shape));
    }
  }
}

/** Others who write wait for so long. */
const GARBAGE_OF_A_TRANSACTION = 100;
