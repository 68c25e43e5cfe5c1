import type { Run } from '../entities/run.ts';
import { AutologError, invalidParameter } from '../errors.ts';
import type { TrackingStore } from '../store/tracking-store.ts';
import type { Writer } from './writer.ts';
import { writerFor } from './writers.ts';

/**
 * The run, where the store can tell at once; what was logged to it before, here or by another process, comes first.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST for an unknown run, INVALID_PARAMETER_VALUE for a deleted one.
 */
export function requireRun(store: TrackingStore, runId: string, attempt: string): Run | undefined {
  if (store.checkNow === undefined) return undefined;
  const writer = writerFor(store);
  writer.flushNow();
  writer.deliverGoneNow();
  const run = findRun(store.checkNow, runId) ?? checkAfterDelivery(store.checkNow, runId, writer);
  if (run.info.lifecycleStage === 'deleted') {
    throw invalidParameter(`${attempt}: it is in the deleted state; restore it first.`);
  }
  return run;
}

type CheckNow = NonNullable<TrackingStore['checkNow']>;

function findRun(checkNow: CheckNow, runId: string): Run | undefined {
  try {
    return checkNow.run(runId);
  } catch (error) {
    if (error instanceof AutologError && error.code === 'RESOURCE_DOES_NOT_EXIST') return undefined;
    throw error;
  }
}

/** A process that has just begun a run, and hands it to this one, may not have delivered it. */
function checkAfterDelivery(checkNow: CheckNow, runId: string, writer: Writer): Run {
  writer.deliverRunNow(runId);
  return checkNow.run(runId);
}
