import { nowMs } from '../../clock.ts';
import type { ExperimentRef } from '../../entities/experiment.ts';
import type { ModelInput, ModelOutput, RunStatus } from '../../entities/run.ts';
import { AutologError, invalidParameter } from '../../errors.ts';
import { reportFailure } from '../../failures.ts';
import type { ParamRecord } from '../../store/log-record.ts';
import { requireList, requireOptions } from '../check-argument.ts';
import type { Writer } from '../delivery/writer.ts';
import { MetricLinks } from './metric-links.ts';
import {
  checkMetricOptions,
  type DatasetDescription,
  type LogInputOptions,
  type LogMetricOptions,
  toDeleteTagRecord,
  toEntries,
  toInputRecord,
  toMetricRecord,
  toModelInputRecord,
  toModelOutputRecord,
  toParamRecord,
  toTagRecord,
} from './records.ts';
import { leaveRun } from './run-context.ts';

/** What is known of a run when it becomes active. */
export interface ActiveRunData {
  readonly runId: string;
  readonly runName: string;
  readonly experiment: ExperimentRef;
  readonly params?: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

/** Data that a run reads, and its role. */
export type DatasetToLog = LogInputOptions & { readonly dataset: DatasetDescription };

const STATUSES: readonly string[] = ['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'] satisfies RunStatus[];

const openRuns = new Set<ActiveRun>();

/**
 * A run that this process has begun or taken up again, and can log to.
 *
 * What is logged is in the journal when a method returns. Bad keys and values, a changed param and a run that has
 * ended throw an {@link AutologError} at once.
 */
export class ActiveRun {
  /** 32 hexadecimal digits. */
  readonly runId: string;
  readonly runName: string;
  readonly experiment: ExperimentRef;
  /** Tags with which it began. */
  readonly tags: Readonly<Record<string, string>>;
  // Private, so that a run that is printed does not show the store with it.
  readonly #writer: Writer;
  readonly #params: Map<string, string>;
  readonly #links: MetricLinks;
  readonly #endListeners: (() => void)[] = [];
  readonly #reopenListeners: (() => void)[] = [];
  #status: RunStatus = 'RUNNING';
  #artifactUri: Promise<string> | undefined;

  constructor(writer: Writer, data: ActiveRunData) {
    this.#writer = writer;
    this.runId = data.runId;
    this.runName = data.runName;
    this.experiment = data.experiment;
    this.tags = data.tags;
    this.#params = new Map(Object.entries(data.params ?? {}));
    this.#links = new MetricLinks(writer, data.runId);
    openRuns.add(this);
  }

  /** Takes its records. */
  get writer(): Writer {
    return this.#writer;
  }

  get status(): RunStatus {
    return this.#status;
  }

  get isEnded(): boolean {
    return this.#status !== 'RUNNING';
  }

  /** What was logged here, and had been logged before it was taken up again. */
  get params(): ReadonlyMap<string, string> {
    return this.#params;
  }

  logParam(key: string, value: unknown): void {
    this.#requireOpen('a param');
    this.#appendParam(this.#newParam(toParamRecord(this.runId, key, value)));
  }

  /** Logs all of them, or none when one is refused. */
  logParams(params: Readonly<Record<string, unknown>>): void {
    this.#requireOpen('params');
    const records = toEntries('params', params).map(([key, value]) =>
      this.#newParam(toParamRecord(this.runId, key, value)),
    );
    for (const record of records) this.#appendParam(record);
  }

  logMetric(key: string, value: number, options: LogMetricOptions = {}): void {
    this.#requireOpen('a metric');
    const linked = this.#links.complete(options);
    const record = toMetricRecord(this.runId, key, value, linked);
    this.#links.append(linked);
    this.writer.append(record);
  }

  /** Logs all of them at one moment, or none when one is refused. */
  logMetrics(metrics: Readonly<Record<string, number>>, options: LogMetricOptions = {}): void {
    this.#requireOpen('metrics');
    checkMetricOptions(options);
    const linked = { ...this.#links.complete(options), timestamp: options.timestamp ?? nowMs() };
    const records = toEntries('metrics', metrics).map(([key, value]) =>
      toMetricRecord(this.runId, key, value, linked),
    );
    this.#links.append(linked);
    for (const record of records) this.writer.append(record);
  }

  setTag(key: string, value: unknown): void {
    this.#requireOpen('a tag');
    this.writer.append(toTagRecord(this.runId, key, value));
  }

  /** Sets all of them, or none when one is refused. */
  setTags(tags: Readonly<Record<string, unknown>>): void {
    this.#requireOpen('tags');
    const records = toEntries('tags', tags).map(([key, value]) => toTagRecord(this.runId, key, value));
    for (const record of records) this.writer.append(record);
  }

  deleteTag(key: string): void {
    this.#requireOpen('tags');
    this.writer.append(toDeleteTagRecord(this.runId, key));
  }

  /** Links data that the run reads. */
  logInput(dataset: DatasetDescription, options: LogInputOptions = {}): void {
    this.#requireOpen('a dataset');
    this.#links.appendInput(toInputRecord(this.runId, dataset, options));
  }

  /** Links data and logged models that the run reads: all of them, or none when one is refused. */
  logInputs(datasets: readonly DatasetToLog[], models: readonly ModelInput[] = []): void {
    this.#requireOpen('inputs');
    requireList('Cannot log inputs', datasets);
    requireList('Cannot log inputs', models);
    const records = [
      ...datasets.map((input) => {
        requireOptions('Cannot log inputs', input, '{ dataset, context }');
        return toInputRecord(this.runId, input.dataset, input);
      }),
      ...models.map((model) => toModelInputRecord(this.runId, model)),
    ];
    for (const record of records) this.#links.appendInput(record);
  }

  /** Links logged models that the run has written; metrics of the same step are theirs from now on. */
  logOutputs(models: readonly (ModelInput & Partial<ModelOutput>)[]): void {
    this.#requireOpen('outputs');
    requireList('Cannot log outputs', models);
    const records = models.map((model) => toModelOutputRecord(this.runId, model));
    for (const record of records) {
      this.writer.append(record);
      this.#links.noteOutput(record);
    }
  }

  /** Takes note of an output that is linked already. */
  noteOutput(output: ModelOutput): void {
    this.#links.noteOutput(output);
  }

  /** Ends the run; nothing happens when it has ended already. */
  end(status: RunStatus = 'FINISHED'): void {
    if (!STATUSES.includes(status)) {
      throw invalidParameter(
        `Cannot end run ${this.runId}: '${String(status)}' is no status; use FINISHED, FAILED or KILLED.`,
      );
    }
    if (this.isEnded) return;
    this.#status = status;
    openRuns.delete(this);
    leaveRun(this);
    this.writer.append({ op: 'updateRun', runId: this.runId, status, endTime: nowMs() });
    for (const hear of this.#endListeners.splice(0)) hear();
  }

  /** Calls a function once, when the run has ended; at once if it has. */
  whenEnded(hear: () => void): void {
    if (this.isEnded) hear();
    else this.#endListeners.push(hear);
  }

  /** Ends the run, FINISHED: a block that is left by an error does not say so; `withRun` tells it FAILED. */
  [Symbol.dispose](): void {
    this.end();
  }

  /** Ends the run as `using` does, and delivers what was logged; when that fails it is reported, and nothing is lost. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.end();
    try {
      await this.writer.flush();
    } catch (error) {
      reportFailure(`delivering to ${this.writer.store.uri} (it is tried again)`, error);
    }
  }

  /** Takes the run up again after `end`, knowing what it knew; nothing happens when it has not ended. */
  reopen(): void {
    if (!this.isEnded) return;
    this.writer.append({ op: 'updateRun', runId: this.runId, status: 'RUNNING', endTime: null });
    this.#status = 'RUNNING';
    openRuns.add(this);
    for (const hear of this.#reopenListeners) hear();
  }

  /** Calls a function each time that the run has been taken up again. */
  whenReopened(hear: () => void): void {
    this.#reopenListeners.push(hear);
  }

  /** Where its artifacts lie; delivers what was logged, and asks the store. */
  artifactUri(): Promise<string> {
    this.#artifactUri ??= this.#askArtifactUri();
    return this.#artifactUri;
  }

  async #askArtifactUri(): Promise<string> {
    try {
      await this.writer.flush();
      const { info } = await this.writer.store.getRun(this.runId);
      return info.artifactUri;
    } catch (error) {
      this.#artifactUri = undefined;
      throw error;
    }
  }

  #appendParam(record: ParamRecord | null): void {
    if (record === null) return;
    this.writer.append(record);
    this.#params.set(record.key, record.value);
  }

  /** Null for a param that is known with the same value. */
  #newParam(record: ParamRecord): ParamRecord | null {
    const known = this.#params.get(record.key);
    if (known === undefined) return record;
    if (known === record.value) return null;
    throw invalidParameter(
      `Changing param values is not allowed. Param with key='${record.key}' was already logged with value='${known}' for run ID='${this.runId}'. Attempted logging new value '${record.value}'; use another key, a metric or a tag.`,
    );
  }

  #requireOpen(what: string): void {
    if (!this.isEnded) return;
    throw new AutologError(
      'INVALID_STATE',
      `Cannot log ${what} to run ${this.runId}: it has ended (${this.#status}); take it up again with startRun({ runId: '${this.runId}' }).`,
    );
  }
}

/** The run with this id, if this thread has it open. */
export function openRun(runId: string): ActiveRun | undefined {
  for (const run of openRuns) if (run.runId === runId) return run;
  return undefined;
}

/** Ends all runs of this thread that are open, the last one first; what goes wrong is reported. */
export function endOpenRuns(status: RunStatus): void {
  for (const run of [...openRuns].reverse()) {
    try {
      run.end(status);
    } catch (error) {
      reportFailure('ending a run', error);
    }
  }
}
