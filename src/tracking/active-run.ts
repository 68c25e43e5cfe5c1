import { nowMs } from '../clock.ts';
import type { Dataset } from '../entities/dataset.ts';
import type { ExperimentRef } from '../entities/experiment.ts';
import type { RunStatus } from '../entities/run.ts';
import { AutologError, invalidParameter } from '../errors.ts';
import { reportFailure } from '../failures.ts';
import type { ParamRecord } from '../store/log-record.ts';
import {
  checkMetricOptions,
  type LogInputOptions,
  type LogMetricOptions,
  toDeleteTagRecord,
  toEntries,
  toInputRecord,
  toMetricRecord,
  toParamRecord,
  toTagRecord,
} from './records.ts';
import { leaveRun } from './run-context.ts';
import type { Writer } from './writer.ts';

/** What is known of a run when it becomes active. */
export interface ActiveRunData {
  readonly runId: string;
  readonly runName: string;
  readonly experiment: ExperimentRef;
  readonly params?: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

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
  /** Takes its records. */
  readonly writer: Writer;
  readonly #params: Map<string, string>;
  #status: RunStatus = 'RUNNING';
  #artifactUri: Promise<string> | undefined;

  constructor(writer: Writer, data: ActiveRunData) {
    this.writer = writer;
    this.runId = data.runId;
    this.runName = data.runName;
    this.experiment = data.experiment;
    this.tags = data.tags;
    this.#params = new Map(Object.entries(data.params ?? {}));
    openRuns.add(this);
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
    this.writer.append(toMetricRecord(this.runId, key, value, options));
  }

  /** Logs all of them at one moment, or none when one is refused. */
  logMetrics(metrics: Readonly<Record<string, number>>, options: LogMetricOptions = {}): void {
    this.#requireOpen('metrics');
    checkMetricOptions(options);
    const timestamp = options.timestamp ?? nowMs();
    const records = toEntries('metrics', metrics).map(([key, value]) =>
      toMetricRecord(this.runId, key, value, { ...options, timestamp }),
    );
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

  logInput(dataset: Dataset, options: LogInputOptions = {}): void {
    this.#requireOpen('a dataset');
    this.writer.append(toInputRecord(this.runId, dataset, options));
  }

  /** Ends the run; nothing happens when it has ended already. */
  end(status: RunStatus = 'FINISHED'): void {
    if (!STATUSES.includes(status)) {
      throw invalidParameter(
        `Cannot end run ${this.runId}: '${status}' is no status; use FINISHED, FAILED or KILLED.`,
      );
    }
    if (this.isEnded) return;
    this.#status = status;
    openRuns.delete(this);
    leaveRun(this);
    this.writer.append({ op: 'updateRun', runId: this.runId, status, endTime: nowMs() });
  }

  /** Takes the run up again after `end`, knowing what it knew; nothing happens when it has not ended. */
  reopen(): void {
    if (!this.isEnded) return;
    this.writer.append({ op: 'updateRun', runId: this.runId, status: 'RUNNING', endTime: null });
    this.#status = 'RUNNING';
    openRuns.add(this);
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
