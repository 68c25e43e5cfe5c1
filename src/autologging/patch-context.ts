import { reportFailure } from '../failures.ts';
import { activeRun } from '../tracking/runs/run-context.ts';
import { isAutomatic } from './automatic-runs.ts';
import type { Config } from './definition.ts';
import { isInsideBroken, isSuppressed } from './session.ts';

/** What the patches of one integration share: its name, and its configuration at the time of a call. */
export interface PatchContext {
  readonly integration: string;
  /** Undefined while the integration is off. */
  config(): Config<object> | undefined;
  /** False for calls that are suppressed here, or that would log to a run that is to be left alone. */
  mayLog(): boolean;
  /** Takes a failure of the integration inside a call of the program; `silent` keeps it from the terminal. */
  report(what: string, error: unknown): void;
  /** Runs what the integration itself says of a call; what it throws is reported. */
  attempt<R>(what: string, fn: () => R): R | undefined;
}

/** Makes what the patches of one integration share, from one enabling to the next. */
export function createPatchContext(integration: string, config: () => Config<object> | undefined): PatchContext {
  const silent = config()?.silent === true;
  const report = (what: string, error: unknown): void =>
    reportFailure(`${integration} ${what}`, error, { silent });
  return {
    integration,
    config,
    report,
    mayLog() {
      if (isSuppressed() || isInsideBroken()) return false;
      if (config()?.exclusive !== true) return true;
      const run = activeRun();
      return run === undefined || isAutomatic(run);
    },
    attempt(what, fn) {
      try {
        return fn();
      } catch (error) {
        report(what, error);
        return undefined;
      }
    },
  };
}
