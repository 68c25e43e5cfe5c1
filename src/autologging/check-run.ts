import type { RunStatus } from '../entities/run.ts';
import type { ActiveRun } from '../tracking/runs/active-run.ts';
import { activeRun } from '../tracking/runs/run-context.ts';
import { AUTOLOGGING_TAG } from './options.ts';

/**
 * Checks, in test mode, a run that autologging began, after its training: it is over, in the store too where that can be
 * asked at once, with the status that was meant and the tag of its integration, and it is active no more.
 *
 * @throws {Error} when it is not so.
 */
export function checkAutomaticRun(run: ActiveRun, integration: string, status: RunStatus): void {
  const flaw = findFlaw(run, integration, status);
  if (flaw !== undefined) throw new Error(`the run ${run.runId} of ${integration} ${flaw}`);
}

function findFlaw(run: ActiveRun, integration: string, status: RunStatus): string | undefined {
  if (!run.isEnded) return 'was left open';
  if (activeRun() === run) return 'is still the active one';
  const { store } = run.writer;
  if (store.checkNow === undefined) return undefined;
  run.writer.flushNow();
  const { info, tags } = store.checkNow.run(run.runId);
  if (info.status !== status) return `is ${info.status} in the store, not ${status}`;
  return tags[AUTOLOGGING_TAG] === integration ? undefined : `has the tag '${tags[AUTOLOGGING_TAG]}'`;
}
