import { steadyMs } from '../../clock.ts';
import type { Assessment } from '../../entities/assessment.ts';
import type { Experiment } from '../../entities/experiment.ts';
import type { LoggedModel } from '../../entities/logged-model.ts';
import type { Metric } from '../../entities/metric.ts';
import type { Page } from '../../entities/page.ts';
import type { Run } from '../../entities/run.ts';
import type { Trace, TraceInfo } from '../../entities/trace.ts';
import { destroyConnections } from '../../http/dispatch.ts';
import type { HttpTarget } from '../../http/http-target.ts';
import type { DeliverOptions, RecordSource, RejectedRecord } from '../delivery.ts';
import type { CreateExperimentOptions } from '../experiment-store.ts';
import type { CreateRunRecord } from '../log-record.ts';
import type { DatasetSummary, MetricHistoryOptions, SampleMetricOptions } from '../run-store.ts';
import type {
  SearchExperimentsOptions,
  SearchLoggedModelsOptions,
  SearchRunsOptions,
  SearchTracesOptions,
} from '../search-options.ts';
import type { AssessmentChanges, DeleteTracesOptions, NewAssessment, PromptVersionRef } from '../trace-store.ts';
import type { CheckSoon, ServerIds, TrackingStore } from '../tracking-store.ts';
import * as assessments from './assessments.ts';
import { PARENT_TAG } from './begin-run.ts';
import { beginRunNow } from './begin-run-now.ts';
import { deliverJournal } from './deliver-journal.ts';
import { ExperimentIds } from './experiment-ids.ts';
import * as experiments from './experiments.ts';
import { IdMap } from './id-map.ts';
import { releaseLocks } from './journal-lock.ts';
import { forgetPosition } from './journal-position.ts';
import * as models from './logged-models.ts';
import { type CallOptions, RestApi } from './rest-api.ts';
import * as runs from './runs.ts';
import { SpanPlace } from './span-place.ts';
import * as traces from './traces.ts';

/** What a store on a server consists of. */
export interface RestTrackingStoreOptions {
  /** As the user gave it. */
  readonly uri: string;
  readonly target: HttpTarget;
  readonly journalFolder: string;
}

/** Keeps everything on an MLflow server, or on Databricks. */
export class RestTrackingStore implements TrackingStore {
  readonly uri: string;
  readonly journalFolder: string;
  readonly ids: ServerIds;
  readonly checkSoon: CheckSoon;
  readonly #api: RestApi;
  readonly #ids: IdMap;
  readonly #experiments: ExperimentIds;
  readonly #place = new SpanPlace();

  constructor({ uri, target, journalFolder }: RestTrackingStoreOptions) {
    this.uri = target.isDatabricks ? uri : target.baseUrl;
    this.journalFolder = journalFolder;
    this.#api = new RestApi(target);
    this.#ids = new IdMap(journalFolder);
    this.#experiments = new ExperimentIds(this.#api);
    this.ids = {
      beginRunNow: (record, options) => this.#beginRunNow(uri, record, options),
      toServer: (id) => this.#ids.toServer(id),
    };
    this.checkSoon = {
      experiment: (ref, options) =>
        this.#api.understood(experiments.checkExperiment(this.#api, ref, impatient(options))),
      run: (runId, options) =>
        this.#api.understood(runs.getRun(this.#api, this.#toServer(runId), impatient(options))),
    };
  }

  deliver(source: RecordSource, options?: DeliverOptions): Promise<readonly RejectedRecord[]> {
    const target = {
      api: this.#api,
      journalFolder: this.journalFolder,
      ids: this.#ids,
      experiments: this.#experiments,
      place: this.#place,
    };
    return deliverJournal(source, target, options);
  }

  async forget(sourceId: string): Promise<void> {
    forgetPosition(this.journalFolder, sourceId);
  }

  /** Ends the requests that are under way: what they were to deliver waits in its journal. */
  close(): void {
    this.#api.http.close();
  }

  breakOff(): void {
    destroyConnections();
    releaseLocks();
  }

  createExperiment(name: string, options?: CreateExperimentOptions): Promise<string> {
    return this.#api.understood(experiments.createExperiment(this.#api, name, options));
  }

  getExperiment(experimentId: string): Promise<Experiment> {
    return this.#api.understood(experiments.getExperiment(this.#api, experimentId));
  }

  getExperimentByName(name: string): Promise<Experiment | null> {
    return this.#api.understood(experiments.getExperimentByName(this.#api, name));
  }

  searchExperiments(options?: SearchExperimentsOptions): Promise<Page<Experiment>> {
    return this.#api.understood(experiments.searchExperiments(this.#api, options));
  }

  renameExperiment(experimentId: string, newName: string): Promise<void> {
    return experiments.renameExperiment(this.#api, experimentId, newName);
  }

  setExperimentTag(experimentId: string, key: string, value: string): Promise<void> {
    return experiments.setExperimentTag(this.#api, experimentId, key, value);
  }

  deleteExperimentTag(experimentId: string, key: string): Promise<void> {
    return experiments.deleteExperimentTag(this.#api, experimentId, key);
  }

  deleteExperiment(experimentId: string): Promise<void> {
    return experiments.moveExperiment(this.#api, experimentId, 'delete');
  }

  restoreExperiment(experimentId: string): Promise<void> {
    return experiments.moveExperiment(this.#api, experimentId, 'restore');
  }

  getRun(runId: string): Promise<Run> {
    return this.#api.understood(runs.getRun(this.#api, this.#toServer(runId)));
  }

  searchRuns(options: SearchRunsOptions): Promise<Page<Run>> {
    return this.#api.understood(runs.searchRuns(this.#api, this.#withServerIds(options)));
  }

  deleteRun(runId: string): Promise<void> {
    return runs.moveRun(this.#api, this.#toServer(runId), 'delete');
  }

  restoreRun(runId: string): Promise<void> {
    return runs.moveRun(this.#api, this.#toServer(runId), 'restore');
  }

  deleteRunTag(runId: string, key: string): Promise<void> {
    return runs.deleteRunTag(this.#api, this.#toServer(runId), key);
  }

  getMetricHistory(runId: string, key: string, options?: MetricHistoryOptions): Promise<Page<Metric>> {
    return this.#api.understood(runs.getMetricHistory(this.#api, this.#toServer(runId), key, options));
  }

  sampleMetricHistory(
    runIds: readonly string[],
    key: string,
    options?: SampleMetricOptions,
  ): Promise<readonly Metric[]> {
    return this.#api.understood(runs.sampleMetricHistory(this.#api, runIds.map(this.#toServer), key, options));
  }

  searchDatasets(experimentIds: readonly string[]): Promise<readonly DatasetSummary[]> {
    return this.#api.understood(runs.searchDatasets(this.#api, experimentIds));
  }

  getLoggedModel(modelId: string, options?: { readonly allowDeleted?: boolean }): Promise<LoggedModel> {
    return this.#api.understood(models.getLoggedModel(this.#api, this.#toServer(modelId), options));
  }

  searchLoggedModels(options: SearchLoggedModelsOptions): Promise<Page<LoggedModel>> {
    return this.#api.understood(models.searchLoggedModels(this.#api, this.#withServerIds(options)));
  }

  setLoggedModelTags(modelId: string, tags: Readonly<Record<string, string>>): Promise<void> {
    return models.setLoggedModelTags(this.#api, this.#toServer(modelId), tags);
  }

  deleteLoggedModelTag(modelId: string, key: string): Promise<void> {
    return models.deleteLoggedModelTag(this.#api, this.#toServer(modelId), key);
  }

  logLoggedModelParams(modelId: string, params: Readonly<Record<string, string>>): Promise<void> {
    return models.logLoggedModelParams(this.#api, this.#toServer(modelId), params);
  }

  deleteLoggedModel(modelId: string): Promise<void> {
    return models.deleteLoggedModel(this.#api, this.#toServer(modelId));
  }

  getTraceInfo(traceId: string): Promise<TraceInfo> {
    return this.#api.understood(traces.getTraceInfo(this.#api, this.#toServer(traceId)));
  }

  getTrace(traceId: string): Promise<Trace> {
    return this.#api.understood(traces.getTrace(this.#api, this.#toServer(traceId)));
  }

  getTraces(traceIds: readonly string[]): Promise<readonly Trace[]> {
    return this.#api.understood(traces.getTraces(this.#api, traceIds.map(this.#toServer)));
  }

  searchTraces(options: SearchTracesOptions): Promise<Page<TraceInfo>> {
    return this.#api.understood(traces.searchTraces(this.#api, this.#withServerIds(options)));
  }

  deleteTraces(experimentId: string, options: DeleteTracesOptions): Promise<number> {
    const isByIds = 'traceIds' in options;
    const meant = isByIds ? { traceIds: options.traceIds.map(this.#toServer) } : options;
    return traces.deleteTraces(this.#api, experimentId, meant);
  }

  setTraceTag(traceId: string, key: string, value: string): Promise<void> {
    return traces.setTraceTag(this.#api, this.#toServer(traceId), key, value);
  }

  deleteTraceTag(traceId: string, key: string): Promise<void> {
    return traces.deleteTraceTag(this.#api, this.#toServer(traceId), key);
  }

  linkTracesToRun(traceIds: readonly string[], runId: string): Promise<void> {
    return traces.linkTracesToRun(this.#api, traceIds.map(this.#toServer), this.#toServer(runId));
  }

  linkPromptVersionsToTrace(traceId: string, prompts: readonly PromptVersionRef[]): Promise<void> {
    return traces.linkPromptVersionsToTrace(this.#api, this.#toServer(traceId), prompts);
  }

  createAssessment(assessment: NewAssessment): Promise<Assessment> {
    const traceId = this.#toServer(assessment.traceId);
    return this.#api.understood(assessments.createAssessment(this.#api, { ...assessment, traceId }));
  }

  getAssessment(traceId: string, assessmentId: string): Promise<Assessment> {
    return this.#api.understood(assessments.getAssessment(this.#api, this.#toServer(traceId), assessmentId));
  }

  updateAssessment(traceId: string, assessmentId: string, changes: AssessmentChanges): Promise<Assessment> {
    return this.#api.understood(
      assessments.updateAssessment(this.#api, this.#toServer(traceId), assessmentId, changes),
    );
  }

  deleteAssessment(traceId: string, assessmentId: string): Promise<void> {
    return assessments.deleteAssessment(this.#api, this.#toServer(traceId), assessmentId);
  }

  readonly #toServer = (id: string): string => this.#ids.toServer(id);

  /** A filter may name runs, models and traces too. */
  #withServerIds<T extends { readonly filter?: string }>(options: T): T {
    if (!options.filter) return options;
    return { ...options, filter: options.filter.replaceAll(/\b(?:m-|tr-)?[0-9a-f]{32}\b/g, this.#toServer) };
  }

  #beginRunNow(uri: string, record: CreateRunRecord, { patienceMs }: DeliverOptions): string | null {
    const parent = record.tags[PARENT_TAG];
    const tags = parent === undefined ? record.tags : { ...record.tags, [PARENT_TAG]: this.#toServer(parent) };
    const runId = beginRunNow({ uri, record: { ...record, tags }, patienceMs });
    if (typeof runId === 'string') {
      this.#ids.note(record.runId, runId);
      return runId;
    }
    // It may have begun all the same: its delivery looks for it first.
    this.#ids.note(record.runId, null);
    return null;
  }
}

/** Somebody waits: what a moment does not help is left to the delivery. */
function impatient({ patienceMs = 0 }: DeliverOptions): CallOptions {
  return { retryUntilMs: steadyMs() + patienceMs, maxRetries: 1 };
}
