import type { RunStatus } from '../../entities/run.ts';
import { AutologError, checkFunction, invalidParameter } from '../../errors.ts';
import { reportFailure } from '../../failures.ts';
import { requireKnownOptions } from '../check-argument.ts';
import type { ActiveRun } from '../runs/active-run.ts';
import { createRun, resumeRun, type StartRunOptions } from '../runs/begin-run.ts';
import { activeRun, createRunScope, enterRun, type RunScope } from '../runs/run-context.ts';
import { isSystemMetricsLogging } from '../system-metrics/settings.ts';
import { watchSystem } from '../system-metrics/watch-system.ts';

/**
 * Begins a run, or takes one up again, and makes it the active one: in the function of the `withRun` around it, else
 * in the whole process. Call `endRun` at its end. A server is waited for, 5 seconds at most.
 *
 * @throws {AutologError} when a run is active and `nested` is not set; for a run or experiment that is unknown or
 * deleted; when the store cannot be written.
 */
export function startRun(options: StartRunOptions = {}): ActiveRun {
  const run = beginRun(options, 'byProgram');
  enterRun(run);
  return run;
}

/** Ends the active run, if there is one. */
export function endRun(status: RunStatus = 'FINISHED'): void {
  activeRun()?.end(status);
  delete process.env.MLFLOW_RUN_ID;
}

/**
 * Calls a function with a run that is active there and in all that it starts, and ends it: FINISHED, or FAILED when the
 * function throws or rejects; the error comes through as it is.
 *
 * @throws {AutologError} as `startRun` does.
 */
export function withRun<T>(fn: (run: ActiveRun) => T): T;
export function withRun<T>(options: StartRunOptions, fn: (run: ActiveRun) => T): T;
export function withRun<T>(...args: [(run: ActiveRun) => T] | [StartRunOptions, (run: ActiveRun) => T]): T {
  const [options, fn] = args.length === 1 ? [{}, args[0]] : args;
  checkFunction('Cannot run in a run', fn, 'pass what is to be called, after the options');
  const run = beginRun(options, 'byProgram');
  const scope = createRunScope(run);
  let result: T;
  try {
    result = scope.call(() => fn(run));
  } catch (error) {
    fail(scope, run);
    throw error;
  }
  if (!isThenable(result)) {
    finish(scope, run);
    return result;
  }
  const settled = Promise.resolve(result).then(
    (value) => {
      finish(scope, run);
      return value;
    },
    (error) => {
      fail(scope, run);
      throw error;
    },
  );
  return settled as T;
}

const OPTIONS: readonly string[] = [
  'runName',
  'runId',
  'experimentId',
  'nested',
  'tags',
  'description',
  'parentRunId',
  'logSystemMetrics',
] satisfies (keyof StartRunOptions)[];

/** Who begins a run: a call of the program may wait for a server, a call of a library may not. */
type Beginner = 'byProgram' | 'byAutologging';

/**
 * Begins a run, or takes one up again, without making it the active one.
 *
 * @throws {AutologError} as `startRun` does.
 */
export function beginRun(options: StartRunOptions = {}, beginner: Beginner = 'byAutologging'): ActiveRun {
  if (typeof options !== 'object' || options === null) {
    throw invalidParameter(
      `Cannot start a run: its options are ${String(options)}; pass { runName: 'first' }, say.`,
    );
  }
  if (beginner === 'byProgram') requireKnownOptions('Cannot start a run', options, OPTIONS);
  const outer = activeRun();
  if (outer !== undefined && !options.nested) {
    throw new AutologError(
      'INVALID_STATE',
      `Cannot start a run: run ${outer.runId} is already active; end it with endRun(), or pass nested: true.`,
    );
  }
  const runId = options.runId ?? (process.env.MLFLOW_RUN_ID || undefined);
  const mayWait = beginner === 'byProgram';
  const run = runId === undefined ? createRun(options, outer, mayWait) : resumeRun(runId, options, mayWait);
  if (options.runId === undefined) delete process.env.MLFLOW_RUN_ID;
  if (options.logSystemMetrics ?? isSystemMetricsLogging()) watchSystem(run, { isResumed: runId !== undefined });
  return run;
}

function finish(scope: RunScope, run: ActiveRun): void {
  for (const inner of scope.openRuns) inner.end('FINISHED');
  run.end('FINISHED');
}

/** The function's own error goes on: ours is only reported. */
function fail(scope: RunScope, run: ActiveRun): void {
  try {
    for (const inner of scope.openRuns) inner.end('FAILED');
    run.end('FAILED');
  } catch (error) {
    reportFailure('ending a run', error);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}
