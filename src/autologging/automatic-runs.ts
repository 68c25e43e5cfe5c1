import { beginRun } from '../tracking/fluent/runs.ts';
import type { ActiveRun } from '../tracking/runs/active-run.ts';
import type { Config } from './definition.ts';
import { AUTOLOGGING_TAG } from './options.ts';

interface AutomaticRun {
  readonly run: ActiveRun;
  /** What must stay the same for the run to go on. */
  readonly token: unknown;
}

const automatic = new WeakSet<ActiveRun>();
const bySubject = new WeakMap<object, AutomaticRun>();

/** True for a run that autologging has begun, and not the program. */
export function isAutomatic(run: ActiveRun): boolean {
  return automatic.has(run);
}

/** The run of an earlier training of an object, if a training with this token goes on in it. */
export function earlierRun(subject: object, token: unknown): ActiveRun | undefined {
  const known = bySubject.get(subject);
  return known?.token === token ? known?.run : undefined;
}

/** Takes up the run of an earlier training of the object, or begins one. */
export function automaticRun(
  integration: string,
  subject: object,
  token: unknown,
  config: Config<object>,
): ActiveRun {
  const earlier = earlierRun(subject, token);
  if (earlier !== undefined) {
    earlier.reopen();
    return earlier;
  }
  const run = beginRun({ tags: { ...config.extraTags, [AUTOLOGGING_TAG]: integration } });
  automatic.add(run);
  bySubject.set(subject, { run, token });
  return run;
}

/** Forgets the run of an object: its next training begins a new one. */
export function forgetRun(subject: object): void {
  bySubject.delete(subject);
}
