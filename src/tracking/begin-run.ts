import { setImmediate } from 'node:timers';
import { nowMs, steadyMs } from '../clock.ts';
import { validateRunId } from '../entities/validation.ts';
import { invalidParameter } from '../errors.ts';
import { reportFailure } from '../failures.ts';
import { randomUuidHex } from '../random-id.ts';
import type { CreateRunRecord } from '../store/log-record.ts';
import type { TrackingStore } from '../store/tracking-store.ts';
import { ActiveRun } from './active-run.ts';
import { toTags } from './records.ts';
import { requireRun } from './require-run.ts';
import { createRunName } from './run-names.ts';
import { RUN_TAGS } from './run-tags.ts';
import { checkExperiment, chosenExperiment, currentExperiment, currentStore } from './settings.ts';
import { environmentTags, knownLockFileTags, lockFileTags, sourceTags } from './source-tags.ts';
import type { Writer } from './writer.ts';
import { writerFor } from './writers.ts';

/** For how long the program's own call may wait for a server, in milliseconds. */
const SERVER_PATIENCE_MS = 5_000;

/** For how long a server that did not answer is not asked again, in milliseconds. */
const SILENCE_MS = 30_000;

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
  /** Logs the load of the machine and the process while the run goes on. @default `MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING` */
  readonly logSystemMetrics?: boolean;
}

/** Begins a new run; one that is begun by the program may wait for the id that a server gives it. */
export function createRun(options: StartRunOptions, outer: ActiveRun | undefined, mayWait: boolean): ActiveRun {
  const store = currentStore();
  const writer = writerFor(store);
  const experiment = checkExperiment(
    store,
    options.experimentId === undefined ? currentExperiment(store) : { id: String(options.experimentId) },
  );
  const parentRunId = parentOf(options, outer, store);
  const tags = toTags({
    ...sourceTags(),
    ...environmentTags(),
    ...(mayWait ? lockFileTags() : knownLockFileTags()),
    ...tagsOf(options),
    ...(parentRunId === undefined ? {} : { [RUN_TAGS.parentRunId]: parentRunId }),
    [RUN_TAGS.name]: options.runName || options.tags?.[RUN_TAGS.name] || createRunName(),
  });
  const runName = tags[RUN_TAGS.name] ?? '';
  const record: CreateRunRecord = {
    op: 'createRun',
    runId: randomUuidHex(),
    experiment,
    name: runName,
    userId: tags[RUN_TAGS.user] ?? 'unknown',
    startTime: nowMs(),
    tags,
  };
  const runId = mayWait ? beginNow(writer, record) : beginLater(writer, record);
  const run = new ActiveRun(writer, { runId, runName, experiment, tags });
  if (!mayWait && knownLockFileTags() === undefined) addLockFileTagsLater(run);
  return run;
}

/** Takes up a run again. */
export function resumeRun(runId: string, options: StartRunOptions): ActiveRun {
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
  if (parentRunId === undefined) return outer && (store.ids?.toServer(outer.runId) ?? outer.runId);
  validateRunId(parentRunId);
  if (outer !== undefined && outer.runId !== parentRunId) {
    throw invalidParameter(
      `Cannot start a run under ${parentRunId}: run ${outer.runId} is active; end it, or leave parentRunId out.`,
    );
  }
  requireRun(store, parentRunId, `Cannot start a run under ${parentRunId}`);
  return parentRunId;
}

function beginLater(writer: Writer, record: CreateRunRecord): string {
  writer.append(record);
  return record.runId;
}

/** When a server did not answer last, on the steady clock. */
const silentSince = new WeakMap<TrackingStore, number>();

/** Where a server gives the ids, asks it; one that does not answer in time learns of the run with its delivery. */
function beginNow(writer: Writer, record: CreateRunRecord): string {
  const { store } = writer;
  const isSilent = steadyMs() - (silentSince.get(store) ?? Number.NEGATIVE_INFINITY) < SILENCE_MS;
  if (store.ids === undefined || isSilent) return beginLater(writer, record);
  const runId = store.ids.beginRunNow(record, { patienceMs: SERVER_PATIENCE_MS });
  if (runId === null) {
    silentSince.set(store, steadyMs());
    return beginLater(writer, record);
  }
  silentSince.delete(store);
  // Tells whoever finds the journal that the run is open.
  writer.append({ op: 'updateRun', runId, status: 'RUNNING', endTime: null });
  return runId;
}

/** Reading a lock file takes milliseconds, which a library's call shall not wait for. */
function addLockFileTagsLater(run: ActiveRun): void {
  setImmediate(() => {
    try {
      for (const [key, value] of Object.entries(lockFileTags()))
        run.writer.append({ op: 'tag', runId: run.runId, key, value });
    } catch (error) {
      reportFailure('tagging a run with the lock file', error);
    }
  }).unref();
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
