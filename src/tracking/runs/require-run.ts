import type { ExperimentRef } from '../../entities/experiment.ts';
import type { Run } from '../../entities/run.ts';
import { AutologError, invalidParameter } from '../../errors.ts';
import { requireSource } from '../../require-source.ts';
import type { TrackingStore } from '../../store/tracking-store.ts';
import { askServer } from '../delivery/ask-server.ts';
import type { Writer } from '../delivery/writer.ts';
import { writerFor } from '../delivery/writers.ts';

/** What is known of a run that goes on; its experiment and name only where it was found. */
export interface KnownRun {
  readonly runName?: string | undefined;
  readonly experiment?: ExperimentRef | undefined;
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * The run, where the store can tell at once, or may be waited for; what was logged to it before, here or by another
 * process, comes first.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST for an unknown run, INVALID_PARAMETER_VALUE for a deleted one.
 */
export function requireRun(
  store: TrackingStore,
  runId: string,
  attempt: string,
  mayWait = false,
): KnownRun | undefined {
  if (store.checkNow === undefined) return mayWait ? requireServerRun(store, runId, attempt) : undefined;
  const writer = writerFor(store);
  writer.flushNow();
  writer.deliverGoneNow();
  const run = findRun(store.checkNow, runId) ?? checkAfterDelivery(store.checkNow, runId, writer);
  return toKnown(requireActive(run, attempt));
}

function requireActive(run: Run, attempt: string): Run {
  if (run.info.lifecycleStage !== 'deleted') return run;
  throw invalidParameter(`${attempt}: it is in the deleted state; restore it first.`);
}

function toKnown({ info, params, tags }: Run): KnownRun {
  return { runName: info.runName, experiment: { id: info.experimentId }, params, tags };
}

/** What waits in journals is not on the server yet. */
function requireServerRun(store: TrackingStore, runId: string, attempt: string): KnownRun | undefined {
  const { readJournaledRun } = requireSource<typeof import('./journaled-run.ts')>('tracking/runs/journaled-run');
  // Before the server is asked: what is delivered meanwhile, the server has.
  const here = readJournaledRun(store.journalFolder, [runId, store.ids?.toServer(runId) ?? runId]);
  const mayBeHere = here.mayBegin || writerFor(store).unkeptCount > 0;
  const run = unlessMissing(mayBeHere, () => askServer(store, (ask, ms) => ask(store, { run: runId }, ms)));
  if (run === undefined) return here;
  const known = toKnown(requireActive(run, attempt));
  return { ...known, params: { ...here.params, ...known.params }, tags: { ...known.tags, ...here.tags } };
}

function unlessMissing<T>(mayBeMissing: boolean, ask: () => T): T | undefined {
  try {
    return ask();
  } catch (error) {
    if (mayBeMissing && error instanceof AutologError && error.code === 'RESOURCE_DOES_NOT_EXIST')
      return undefined;
    throw error;
  }
}

type CheckNow = NonNullable<TrackingStore['checkNow']>;

function findRun(checkNow: CheckNow, runId: string): Run | undefined {
  return unlessMissing(true, () => checkNow.run(runId));
}

/** A process that has just begun a run, and hands it to this one, may not have delivered it. */
function checkAfterDelivery(checkNow: CheckNow, runId: string, writer: Writer): Run {
  writer.deliverRunNow(runId);
  return checkNow.run(runId);
}
