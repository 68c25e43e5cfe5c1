import { nowMs } from '../clock.ts';
import type { Run, RunStatus } from '../entities/run.ts';
import { validateRunId } from '../entities/validation.ts';
import { AutologError, checkFunction, invalidParameter } from '../errors.ts';
import { reportFailure } from '../failures.ts';
import { randomUuidHex } from '../random-id.ts';
import type { TrackingStore } from '../store/tracking-store.ts';
import { ActiveRun } from './active-run.ts';
import { toTags } from './records.ts';
import { activeRun, createRunScope, enterRun, type RunScope } from './run-context.ts';
import { createRunName } from './run-names.ts';
import { RUN_TAGS, sourceTags } from './run-tags.ts';
import { checkExperiment, chosenExperiment, currentExperiment, currentStore } from './settings.ts';
import type { Writer } from './writer.ts';
import { writerFor } from './writers.ts';

/** How a run begins. */
export interface StartRunOptions {
  /** @default two random words and a number */
  readonly runName?: string;
  /** Takes up this run again instead of a new one. @default `MLFLOW_RUN_ID`, for the first run of the process */
  readonly runId?: string;
  /** @default the experiment in force */
  readonly experimentId?: string | number;
  /** Allows it inside the active run, which becomes its parent. @default false */
  readonly nested?: boolean;
  readonly tags?: Readonly<Record<string, unknown>>;
  /** Text of the run's page. */
  readonly description?: string;
  /** Parent when no run is active. */
  readonly parentRunId?: string;
}

/**
 * Begins a run, or takes one up again, and makes it the active one: in the function of the `withRun` around it, else
 * in the whole process. Call `endRun` at its end.
 *
 * @throws {AutologError} when a run is active and `nested` is not set; for a deleted run or experiment; when the store
 * cannot be written.
 */
export function startRun(options: StartRunOptions = {}): ActiveRun {
  const run = beginRun(options);
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
  const run = beginRun(options);
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

/**
 * Begins a run, or takes one up again, without making it the active one.
 *
 * @throws {AutologError} as `startRun` does.
 */
export function beginRun(options: StartRunOptions = {}): ActiveRun {
  if (typeof options !== 'object' || options === null) {
    throw invalidParameter(
      `Cannot start a run: its options are ${String(options)}; pass { runName: 'first' }, say.`,
    );
  }
  const outer = activeRun();
  if (outer !== undefined && !options.nested) {
    throw new AutologError(
      'INVALID_STATE',
      `Cannot start a run: run ${outer.runId} is already active; end it with endRun(), or pass nested: true.`,
    );
  }
  const runId = options.runId ?? (process.env.MLFLOW_RUN_ID || undefined);
  const run = runId === undefined ? createRun(options, outer) : resumeRun(runId, options);
  if (options.runId === undefined) delete process.env.MLFLOW_RUN_ID;
  return run;
}

function createRun(options: StartRunOptions, outer: ActiveRun | undefined): ActiveRun {
  const store = currentStore();
  const writer = writerFor(store);
  const experiment = checkExperiment(
    store,
    options.experimentId === undefined ? currentExperiment(store) : { id: String(options.experimentId) },
  );
  const parentRunId = parentOf(options, outer, store);
  const tags = toTags({
    ...sourceTags(),
    ...tagsOf(options),
    ...(parentRunId === undefined ? {} : { [RUN_TAGS.parentRunId]: parentRunId }),
    [RUN_TAGS.name]: options.runName || options.tags?.[RUN_TAGS.name] || createRunName(),
  });
  const runName = tags[RUN_TAGS.name] ?? '';
  const runId = randomUuidHex();
  const userId = tags[RUN_TAGS.user] ?? 'unknown';
  writer.append({ op: 'createRun', runId, experiment, name: runName, userId, startTime: nowMs(), tags });
  return new ActiveRun(writer, { runId, runName, experiment, tags });
}

function resumeRun(runId: string, options: StartRunOptions): ActiveRun {
  validateRunId(runId);
  const store = currentStore();
  const writer = writerFor(store);
  const known = requireRun(store, runId, `Cannot start run ${runId}`);
  const chosen = chosenExperiment();
  if (known && chosen && 'id' in chosen && chosen.id !== known.info.experimentId) {
    throw invalidParameter(
      `Cannot start run ${runId}: it belongs to experiment ${known.info.experimentId}, and experiment ${chosen.id} was set; set that of the run.`,
    );
  }
  const tags = toTags({ ...tagsOf(options), ...(options.runName ? { [RUN_TAGS.name]: options.runName } : {}) });
  writer.append({ op: 'updateRun', runId, status: 'RUNNING', endTime: null });
  for (const [key, value] of Object.entries(tags)) writer.append({ op: 'tag', runId, key, value });
  return new ActiveRun(writer, {
    runId,
    runName: options.runName ?? known?.info.runName ?? '',
    experiment: known ? { id: known.info.experimentId } : currentExperiment(store),
    params: known?.params,
    tags: { ...known?.tags, ...tags },
  });
}

function parentOf(
  options: StartRunOptions,
  outer: ActiveRun | undefined,
  store: TrackingStore,
): string | undefined {
  const { parentRunId } = options;
  if (parentRunId === undefined) return outer?.runId;
  validateRunId(parentRunId);
  if (outer !== undefined && outer.runId !== parentRunId) {
    throw invalidParameter(
      `Cannot start a run under ${parentRunId}: run ${outer.runId} is active; end it, or leave parentRunId out.`,
    );
  }
  requireRun(store, parentRunId, `Cannot start a run under ${parentRunId}`);
  return parentRunId;
}

/** The run, where the store can tell at once; what was logged to it before, here or by another process, comes first. */
function requireRun(store: TrackingStore, runId: string, attempt: string) {
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

function tagsOf({ tags = {}, description }: StartRunOptions): Readonly<Record<string, unknown>> {
  if (description === undefined) return tags;
  if (RUN_TAGS.note in tags) {
    throw invalidParameter(
      `Cannot start a run: its description is given twice; leave out the tag ${RUN_TAGS.note}.`,
    );
  }
  return { ...tags, [RUN_TAGS.note]: description };
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
