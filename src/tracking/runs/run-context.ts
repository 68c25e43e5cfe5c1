import { createContextSlot } from '../../context.ts';
import type { ActiveRun } from './active-run.ts';

/** Where runs are active: the process, or one function and all that it starts. */
interface Scope {
  readonly parent: Scope | null;
  /** Replaced as a whole; the last one that has not ended is the active run. */
  runs: readonly ActiveRun[];
  lastEnded: ActiveRun | null;
}

const processScope: Scope = { parent: null, runs: [], lastEnded: null };
const slot = createContextSlot<Scope>('autolog runs');
const scopes = new WeakMap<ActiveRun, Scope>();

function currentScope(): Scope {
  return slot.get() ?? processScope;
}

/** The innermost active run here. */
export function activeRun(): ActiveRun | undefined {
  const { runs } = currentScope();
  const run = runs.at(-1);
  return run?.isEnded ? runs.findLast((outer) => !outer.isEnded) : run;
}

/** The active run, else the one that ended last, here or in what was started here. */
export function lastActiveRun(): ActiveRun | undefined {
  const active = activeRun();
  if (active !== undefined) return active;
  for (let scope: Scope | null = currentScope(); scope !== null; scope = scope.parent) {
    if (scope.lastEnded !== null) return scope.lastEnded;
  }
  return undefined;
}

/** Makes a run the active one here, until it ends. */
export function enterRun(run: ActiveRun): void {
  const scope = currentScope();
  scope.runs = [...scope.runs, run];
  scopes.set(run, scope);
}

/** Takes a run that has ended out of the active ones, wherever it stands among them. */
export function leaveRun(run: ActiveRun): void {
  for (let scope: Scope | null = scopes.get(run) ?? currentScope(); scope !== null; scope = scope.parent) {
    if (scope.runs.includes(run)) scope.runs = scope.runs.filter((other) => other !== run);
    scope.lastEnded = run;
  }
}

/** A function's own place for runs: what is entered there is not seen outside. */
export interface RunScope {
  /** Runs that were entered within and have not ended, the innermost first. */
  readonly openRuns: readonly ActiveRun[];
  /** Calls a function within. */
  call<T>(fn: () => T): T;
}

/** Makes a scope inside the present one, in which a run is the active one. */
export function createRunScope(run: ActiveRun): RunScope {
  const parent = currentScope();
  const scope: Scope = { parent, runs: [...parent.runs, run], lastEnded: null };
  scopes.set(run, scope);
  return {
    get openRuns() {
      return scope.runs
        .filter((inner) => inner !== run && scopes.get(inner) === scope && !inner.isEnded)
        .reverse();
    },
    call: (fn) => slot.with(scope, fn),
  };
}
