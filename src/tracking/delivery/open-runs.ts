import type { LogRecord } from '../../store/log-record.ts';

/** The runs that a journal has begun or taken up again, and not ended. */
export class OpenRuns {
  readonly #runIds = new Set<string>();
  readonly #named = new Set<string>();

  /** Takes note of a record; most are of no concern here. */
  note(record: LogRecord): void {
    if (record.op !== 'createRun' && record.op !== 'updateRun') return;
    this.#named.add(record.runId);
    if (record.op === 'createRun') this.#runIds.add(record.runId);
    else if (record.status === 'RUNNING') this.#runIds.add(record.runId);
    else this.#runIds.delete(record.runId);
  }

  /** Whether a run was begun, taken up again or ended. */
  names(runId: string): boolean {
    return this.#named.has(runId);
  }

  get runIds(): readonly string[] {
    return [...this.#runIds];
  }
}
