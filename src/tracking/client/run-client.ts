import { nowMs } from '../../clock.ts';
import type { Page } from '../../entities/page.ts';
import type { Run, RunStatus } from '../../entities/run.ts';
import { validateRunId, validateTime } from '../../entities/validation.ts';
import { randomUuidHex } from '../../random-id.ts';
import type { LogRecord } from '../../store/log-record.ts';
import type { SearchRunsOptions } from '../../store/search-options.ts';
import { checkClientSearch, RUN_SEARCH } from '../fluent/check-search.ts';
import { toTagRecord, toTags } from '../runs/records.ts';
import { createRunName } from '../runs/run-names.ts';
import { RUN_TAGS } from '../runs/run-tags.ts';
import { ExperimentClient } from './experiment-client.ts';

/** How a run of the client begins. */
export interface CreateRunOptions {
  /** @default two random words and a number */
  readonly runName?: string;
  readonly tags?: Readonly<Record<string, unknown>>;
  /** Milliseconds since the Unix epoch. @default now */
  readonly startTime?: number;
}

/** What of a run is changed. */
export interface UpdateRunOptions {
  readonly status?: RunStatus;
  readonly name?: string;
}

/** The client's methods for the life of runs. */
export class RunClient extends ExperimentClient {
  async createRun(experimentId: string | number, options: CreateRunOptions = {}): Promise<Run> {
    const runId = randomUuidHex();
    const given = toTags(options.tags ?? {});
    const tags = toTags({
      ...given,
      [RUN_TAGS.name]: options.runName || given[RUN_TAGS.name] || createRunName(),
    });
    const startTime = options.startTime ?? nowMs();
    validateTime('start time', startTime);
    await this.writer.appendSettled({
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
    return (await this.upToDate()).getRun(runId);
  }

  /** The run that a run is nested in; null for one that stands by itself. */
  async getParentRun(runId: string): Promise<Run | null> {
    const parentRunId = (await this.getRun(runId)).tags[RUN_TAGS.parentRunId];
    return parentRunId === undefined ? null : this.getRun(parentRunId);
  }

  /** Runs of experiments, by default the active ones, the newest first. */
  async searchRuns(options: SearchRunsOptions): Promise<Page<Run>> {
    checkClientSearch(RUN_SEARCH, options);
    return (await this.upToDate()).searchRuns(options);
  }

  /** Ends a run. `endTime` is in milliseconds since the Unix epoch. @default now */
  async setTerminated(runId: string, status: RunStatus = 'FINISHED', endTime: number = nowMs()): Promise<void> {
    validateTime('end time', endTime);
    await this.write([{ op: 'updateRun', runId, status, endTime }]);
  }

  async updateRun(runId: string, { status, name }: UpdateRunOptions): Promise<void> {
    const records: LogRecord[] = [];
    if (name !== undefined) records.push(toTagRecord(runId, RUN_TAGS.name, name));
    if (status !== undefined) {
      const { endTime } = (await this.getRun(runId)).info;
      records.push({ op: 'updateRun', runId, status, endTime });
    }
    await this.write(records);
  }

  /** Moves a run to the bin. */
  async deleteRun(runId: string): Promise<void> {
    validateRunId(runId);
    await (await this.upToDate()).deleteRun(runId);
  }

  async restoreRun(runId: string): Promise<void> {
    validateRunId(runId);
    await (await this.upToDate()).restoreRun(runId);
  }
}
