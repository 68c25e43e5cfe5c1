import type { ExperimentRef } from '../entities/experiment.ts';
import { TraceKey } from '../entities/trace-keys.ts';
import { AutologError } from '../errors.ts';
import { reportFailure } from '../failures.ts';
import { lookAtUnaskedAtExit } from '../patching/unasked.ts';
import type { RecordSink } from '../store/log-record.ts';
import type { TrackingStore } from '../store/tracking-store.ts';
import { besideStore, otlpExport } from '../tracing/otlp/otlp-export.ts';
import { connectTracing, endOpenTraces } from '../tracing/tracer.ts';
import { writerFor } from '../tracking/delivery/writers.ts';
import { getActiveModelId } from '../tracking/runs/active-model.ts';
import { activeRun } from '../tracking/runs/run-context.ts';
import { RUN_TAGS } from '../tracking/runs/run-tags.ts';
import { sourceTags } from '../tracking/runs/source-tags.ts';
import { checkExperiment, currentExperiment, currentStore, DEFAULT_EXPERIMENT } from '../tracking/settings.ts';
import { storeAttachments } from './store-attachments.ts';

/** Traces go where runs go: to the active run's store and experiment, else to those in force. */
connectTracing(() => {
  endTracesAtExit();
  const collector = otlpExport();
  if (collector !== null && !collector.isDual) {
    return { sink: collector.exporter, experiment: DEFAULT_EXPERIMENT, metadata: {} };
  }
  const run = activeRun();
  const modelId = getActiveModelId();
  const writer = run?.writer ?? writerFor(currentStore());
  const experiment = run?.experiment ?? currentExperiment(writer.store);
  const sink = run !== undefined || mayTakeTraces(writer.store, experiment) ? writer : NOWHERE;
  return {
    sink: collector === null ? sink : besideStore(sink, collector.exporter),
    experiment,
    metadata: {
      ...source(),
      ...(run === undefined ? {} : { [TraceKey.sourceRun]: run.runId }),
      ...(modelId === null ? {} : { [TraceKey.modelId]: modelId }),
    },
    attach:
      sink === NOWHERE ? undefined : (traceId, attachments) => storeAttachments(writer, traceId, attachments),
  };
});

/** Takes what no experiment would. */
const NOWHERE: RecordSink = { append: () => undefined };

const checked = new WeakMap<TrackingStore, Map<string, boolean>>();

/** Whether the store knows an experiment that is given by its id; asked once for each, and a refusal is told once. */
function mayTakeTraces(store: TrackingStore, experiment: ExperimentRef): boolean {
  // A name that is new is made with the first record. The Default experiment is always there, and asking would open
  // the database within the program's call.
  if (!('id' in experiment) || experiment.id === DEFAULT_EXPERIMENT.id) return true;
  const known = checked.get(store) ?? new Map<string, boolean>();
  checked.set(store, known);
  const answer = known.get(experiment.id) ?? !isRefused(store, experiment);
  known.set(experiment.id, answer);
  return answer;
}

function isRefused(store: TrackingStore, experiment: ExperimentRef): boolean {
  try {
    checkExperiment(store, experiment);
    return false;
  } catch (error) {
    // A store that cannot be asked just now gets its records later.
    if (!(error instanceof AutologError) || !REFUSALS.has(error.code)) return false;
    const attempt = `recording traces in ${store.uri} (none is recorded; MLFLOW_EXPERIMENT_ID or setExperiment chooses another experiment)`;
    reportFailure(attempt, error);
    return true;
  }
}

const REFUSALS: ReadonlySet<string> = new Set(['RESOURCE_DOES_NOT_EXIST', 'INVALID_PARAMETER_VALUE']);

let isInstalled = false;

function endTracesAtExit(): void {
  if (isInstalled) return;
  isInstalled = true;
  // Before the writers' own exit listener, which delivers for the last time.
  process.prependListener('exit', () => {
    lookAtUnaskedAtExit();
    endOpenTraces();
  });
}

let known: Record<string, string> | undefined;

function source(): Record<string, string> {
  known ??= Object.fromEntries(Object.entries(sourceTags()).filter(([key]) => key !== RUN_TAGS.name));
  return known;
}
