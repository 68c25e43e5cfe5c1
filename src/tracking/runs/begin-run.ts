import { setImmediate } from 'node:timers';
import { nowMs } from '../../clock.ts';
import { validateRunId } from '../../entities/validation.ts';
import { invalidParameter } from '../../errors.ts';
import { reportFailure } from '../../failures.ts';
import { randomUuidHex } from '../../random-id.ts';
import type { CreateRunRecord } from '../../store/log-record.ts';
import type { TrackingStore } from '../../store/tracking-store.ts';
import { isSilent, noteAnswer, SERVER_PATIENCE_MS } from '../delivery/ask-server.ts';
import type { Writer } from '../delivery/writer.ts';
import { writerFor } from '../delivery/writers.ts';
import { checkExperiment, chosenExperiment, currentExperiment, currentStore } from '../settings.ts';
import { ActiveRun } from './active-run.ts';
import { toTags } from './records.ts';
import { requireRun } from './require-run.ts';
import { createRunName } from './run-names.ts';
import { RUN_TAGS } from './run-tags.ts';
import { environmentTags, knownLockFileTags, lockFileTags, sourceTags } from './source-tags.ts';

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
    // Where the server gives the run its id, it checks the experiment with it.
    mayWait && store.ids === undefined,
  );
  const parentRunId = parentOf(options, outer, store, mayWait);
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

/** Takes up a run again; one that the program takes up may be asked of a server. */
export function resumeRun(runId: string, options: StartRunOptions, mayWait: boolean): ActiveRun {
  validateRunId(runId);
  const store = currentStore();
  const writer = writerFor(store);
  const known = requireRun(store, runId, `Cannot start run ${runId}`, mayWait);
  const chosen = chosenExperiment();
  const own = known?.experiment;
  if (own && 'id' in own && chosen && 'id' in chosen && chosen.id !== own.id) {
    throw invalidParameter(
      `Cannot start run ${runId}: it belongs to experiment ${own.id}, and experiment ${chosen.id} was set; set that of the run.`,
    );
  }
  const tags = toTags({ ...tagsOf(options), ...(options.runName ? { [RUN_TAGS.name]: options.runName } : {}) });
  writer.append({ op: 'updateRun', runId, status: 'RUNNING', endTime: null });
  for (const [key, value] of Object.entries(tags)) writer.append({ op: 'tag', runId, key, value });
  return new ActiveRun(writer, {
    runId,
    runName: options.runName ?? known?.runName ?? '',
    experiment: own ?? currentExperiment(store),
    params: known?.params,
    tags: { ...known?.tags, ...tags },
  });
}

function parentOf(
  options: StartRunOptions,
  outer: ActiveRun | undefined,
  store: TrackingStore,
  mayWait: boolean,
): string | undefined {
  const { parentRunId } = options;
  if (parentRunId === undefined) return outer && (store.ids?.toServer(outer.runId) ?? outer.runId);
  validateRunId(parentRunId);
  if (outer !== undefined && outer.runId !== parentRunId) {
    throw invalidParameter(
      `Cannot start a run under ${parentRunId}: run ${outer.runId} is active; end it, or leave parentRunId out.`,
    );
  }
  requireRun(store, parentRunId, `Cannot start a run under ${parentRunId}`, mayWait);
  return parentRunId;
}

function beginLater(writer: Writer, record: CreateRunRecord): string {
  writer.append(record);
  return record.runId;
}

/** Where a server gives the ids, asks it; one that does not answer in time learns of the run with its delivery. */
function beginNow(writer: Writer, record: CreateRunRecord): string {
  const { store } = writer;
  if (store.ids === undefined || isSilent(store)) return beginLater(writer, record);
  const runId = store.ids.beginRunNow(record, { patienceMs: SERVER_PATIENCE_MS });
  noteAnswer(store, runId !== null);
  if (runId === null) return beginLater(writer, record);
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
