import type { LogRecord } from '../store/log-record.ts';

/** The runs that a journal has begun or taken up again, and not ended. */
export class OpenRuns {
  readonly #runIds = new Set<string>();

  /** Takes note of a record; most are of no concern here. */
  note(record: LogRecord): void {
    if (record.op === 'createRun') this.#runIds.add(record.runId);
    else if (record.op === 'updateRun' && record.status === 'RUNNING') this.#runIds.add(record.runId);
    else if (record.op === 'updateRun') this.#runIds.delete(record.runId);
  }

  get runIds(): readonly string[] {
    return [...this.#runIds];
  }
}
