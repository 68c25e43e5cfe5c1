import type { Experiment, ExperimentRef, LifecycleStage } from '../../entities/experiment.ts';
import type { LoggedModel } from '../../entities/logged-model.ts';
import type { Metric } from '../../entities/metric.ts';
import type { Run } from '../../entities/run.ts';
import type { Trace, TraceInfo } from '../../entities/trace.ts';
import { AutologError, invalidParameter } from '../../errors.ts';
import { reportFailure } from '../../failures.ts';
import type {
  CreateExperimentOptions,
  DeliverOptions,
  PageOptions,
  RecordSource,
  RejectedRecord,
  TrackingStore,
} from '../tracking-store.ts';
import { deliverJournal, forgetJournal } from './deliver.ts';
import * as experiments from './experiments.ts';
import { getLoggedModel, listLoggedModels } from './logged-models.ts';
import { getMetricHistory } from './metrics.ts';
import { OpenDatabase } from './open-database.ts';
import type { Operation } from './operation.ts';
import { requireActiveRun } from './run-state.ts';
import { getRun, listRuns, setRunStage } from './runs.ts';
import { getTrace, listTraces } from './traces.ts';

/** Where an embedded store keeps what it is given. */
export interface SqlTrackingStoreOptions {
  readonly uri: string;
  /** Absolute path of the database file. */
  readonly file: string;
  /** Path or URI under which new experiments' artifacts go. */
  readonly artifactRoot: string;
  readonly journalFolder: string;
}

/**
 * Keeps everything in one SQLite file with MLflow's schema, which MLflow opens as it is.
 *
 * The file is opened, or made, at first use; after `close` the next use opens it again, and so does a use that finds
 * another file in its place, or none.
 */
export class SqlTrackingStore implements TrackingStore {
  readonly uri: string;
  readonly journalFolder: string;
  readonly checkNow: NonNullable<TrackingStore['checkNow']>;
  readonly #options: SqlTrackingStoreOptions;
  #opened: OpenDatabase | undefined;

  constructor(options: SqlTrackingStoreOptions) {
    this.uri = options.uri;
    this.journalFolder = options.journalFolder;
    this.#options = options;
    this.checkNow = {
      experiment: (ref) => this.#checkExperiment(ref),
      run: (runId) => this.#database.read(checkRun(runId)),
    };
  }

  deliver(source: RecordSource, { patienceMs }: DeliverOptions = {}): readonly RejectedRecord[] {
    return this.#within(patienceMs, (database) => deliverJournal(source, database));
  }

  forget(sourceId: string, { patienceMs }: DeliverOptions = {}): void {
    this.#within(patienceMs, (database) => database.write(forgetJournal(sourceId)));
  }

  async createExperiment(name: string, options?: CreateExperimentOptions): Promise<string> {
    return this.#database.write(experiments.createExperiment(name, this.#options.artifactRoot, options));
  }

  async getExperiment(experimentId: string): Promise<Experiment> {
    return this.#database.read(experiments.getExperiment(experimentId));
  }

  async getExperimentByName(name: string): Promise<Experiment | null> {
    return this.#database.read(experiments.findExperimentByName(name));
  }

  async listExperiments(options?: PageOptions): Promise<readonly Experiment[]> {
    return this.#database.read(experiments.listExperiments(toLimit(options)));
  }

  async setExperimentTag(experimentId: string, key: string, value: string): Promise<void> {
    this.#database.write(experiments.setExperimentTag(experimentId, key, value));
  }

  async setExperimentStage(experimentId: string, stage: LifecycleStage): Promise<void> {
    this.#database.write(experiments.setExperimentStage(experimentId, stage));
  }

  async getRun(runId: string): Promise<Run> {
    return this.#database.read(getRun(runId));
  }

  async listRuns(experimentIds: readonly string[], options?: PageOptions): Promise<readonly Run[]> {
    return this.#database.read(listRuns(experimentIds, toLimit(options)));
  }

  async setRunStage(runId: string, stage: LifecycleStage): Promise<void> {
    this.#database.write(setRunStage(runId, stage));
  }

  async getMetricHistory(runId: string, key: string): Promise<readonly Metric[]> {
    return this.#database.read(getMetricHistory(runId, key));
  }

  async getLoggedModel(modelId: string): Promise<LoggedModel> {
    return this.#database.read(getLoggedModel(modelId));
  }

  async listLoggedModels(
    experimentIds: readonly string[],
    options?: PageOptions,
  ): Promise<readonly LoggedModel[]> {
    return this.#database.read(listLoggedModels(experimentIds, toLimit(options)));
  }

  async getTrace(traceId: string): Promise<Trace> {
    return this.#database.readShaped((shape) => getTrace(traceId, shape));
  }

  async listTraces(experimentIds: readonly string[], options?: PageOptions): Promise<readonly TraceInfo[]> {
    return this.#database.readShaped((shape) => listTraces(experimentIds, toLimit(options), shape));
  }

  close(): void {
    this.#opened?.close();
    this.#opened = undefined;
  }

  get #database(): OpenDatabase {
    return this.#open();
  }

  #open(patienceMs?: number): OpenDatabase {
    if (this.#opened !== undefined && !this.#opened.isInPlace()) this.#leaveMoved(this.#opened);
    this.#opened ??= new OpenDatabase(this.#options.file, this.#options.artifactRoot, patienceMs);
    return this.#opened;
  }

  #within<T>(patienceMs: number | undefined, fn: (database: OpenDatabase) => T): T {
    const database = this.#open(patienceMs);
    return patienceMs === undefined ? fn(database) : database.engine.withPatience(patienceMs, () => fn(database));
  }

  /** What goes to a file that has lost its name is lost: a journal that is delivered again begins anew. */
  #leaveMoved(moved: OpenDatabase): void {
    this.#opened = undefined;
    moved.closeMoved();
    const message =
      'it was deleted or replaced while in use; what this process logs goes to the file that is there now.';
    reportFailure(
      `the database '${this.#options.file}' is gone`,
      new AutologError('RESOURCE_DOES_NOT_EXIST', message),
    );
  }

  #checkExperiment(ref: ExperimentRef): Experiment {
    const known = 'name' in ref ? this.#database.read(experiments.findExperimentByName(ref.name)) : undefined;
    const resolve = experiments.resolveExperiment(
      known ? { id: known.experimentId } : ref,
      this.#options.artifactRoot,
    );
    return known || 'id' in ref ? this.#database.read(resolve) : this.#database.write(resolve);
  }
}

function* checkRun(runId: string): Operation<Run> {
  yield* requireActiveRun(runId);
  return yield* getRun(runId);
}

function toLimit({ maxResults = 1000 }: PageOptions = {}): number {
  if (Number.isSafeInteger(maxResults) && maxResults > 0) return maxResults;
  throw invalidParameter(`Cannot list ${maxResults} results: maxResults must be a positive integer.`);
}
