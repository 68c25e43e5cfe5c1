import { steadyMs } from '../../clock.ts';
import type { ExperimentRef } from '../../entities/experiment.ts';
import type { LogRecord } from '../../store/log-record.ts';
import { byAge } from '../delivery/abandoned.ts';
import { type ForeignJournal, openForeignJournals } from '../delivery/journal-reader.ts';
import { RUN_TAGS } from './run-tags.ts';

/** Journals of long outages are long: beyond this time the rest is left unread. */
const READ_MS = 1_000;

/** What the journals of this machine hold of a run. */
export interface JournaledRun {
  /** Whether one of them begins it, or may do so: not all was read. */
  readonly mayBegin: boolean;
  readonly runName?: string;
  readonly experiment?: ExperimentRef;
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

/** Reads what the journals in a folder hold of a run, which has one of these ids; what was delivered is gone from there soon. */
export function readJournaledRun(folder: string, runIds: readonly string[]): JournaledRun {
  const giveUpAt = steadyMs() + READ_MS;
  const found: Collected = { params: {}, tags: {} };
  const journals = openForeignJournals(folder);
  let isWhole = true;
  try {
    for (const journal of journals.sort(byAge)) {
      isWhole &&= collect(journal, runIds, found, giveUpAt);
    }
  } finally {
    for (const journal of journals) journal.close();
  }
  const { begin, params, tags } = found;
  return {
    mayBegin: begin !== undefined || !isWhole,
    ...(begin && { runName: tags[RUN_TAGS.name] ?? begin.name, experiment: begin.experiment }),
    params,
    tags,
  };
}

interface Collected {
  begin?: Extract<LogRecord, { op: 'createRun' }>;
  params: Record<string, string>;
  tags: Record<string, string>;
}

/** Returns false when time was up before the end. */
function collect(journal: ForeignJournal, runIds: readonly string[], found: Collected, giveUpAt: number): boolean {
  for (let position = 0; ; ) {
    if (steadyMs() > giveUpAt) return false;
    const { records, end } = journal.read(position);
    if (end <= position) return true;
    position = end;
    for (const record of records) {
      if ('runId' in record && record.runId !== null && runIds.includes(record.runId)) add(record, found);
    }
  }
}

function add(record: LogRecord, found: Collected): void {
  if (record.op === 'createRun') {
    found.begin = record;
    found.tags = { ...record.tags, ...found.tags };
  } else if (record.op === 'param') {
    found.params[record.key] ??= record.value;
  } else if (record.op === 'tag') {
    if (record.value === null) delete found.tags[record.key];
    else found.tags[record.key] = record.value;
  }
}
