import type { Run } from '../entities/run.ts';
import type { Span } from '../entities/trace.ts';
import { allPages } from '../tracking/all-pages.ts';
import { MlflowClient } from '../tracking/client.ts';
import { flush } from '../tracking/delivery/writers.ts';

/** What stands in a store, without what differs from time to time. */
export interface Logged {
  /**
   * Of each trace its spans, two blanks before those below another: name, type, a bad status, and which of inputs,
   * outputs and tokens there are, as `'Completions CHAT_MODEL inputs outputs tokens'`.
   */
  readonly traces: readonly (readonly string[])[];
  readonly runs: readonly LoggedRun[];
}

/** What stands in a run: names, sorted. */
export interface LoggedRun {
  readonly status: string;
  /** Integration that began the run; undefined for a run of the program. */
  readonly autologging: string | undefined;
  readonly params: readonly string[];
  readonly metrics: readonly string[];
  /** Contexts of the datasets. */
  readonly datasets: readonly (string | undefined)[];
  /** How many models are ready. */
  readonly models: number;
}

/** Reads the store in force, traces in an order of their own: those that began in one millisecond have none. */
export async function readLogged(): Promise<Logged> {
  await flush();
  const client = new MlflowClient();
  const all = await allPages((pageToken) => client.searchExperiments({ pageToken }));
  const experimentIds = all.map(({ experimentId }) => experimentId);
  const infos = await allPages((pageToken) => client.searchTraces({ experimentIds, pageToken }));
  const traces = await Promise.all(infos.map(({ traceId }) => client.getTrace(traceId)));
  const found = await allPages((pageToken) => client.searchRuns({ experimentIds, pageToken }));
  const runs = found.toSorted((a, b) => a.info.startTime - b.info.startTime);
  const models = await allPages((pageToken) => client.searchLoggedModels({ experimentIds, pageToken }));
  const readyOf = ({ info }: Run): number =>
    models.filter(({ sourceRunId, status }) => sourceRunId === info.runId && status === 'READY').length;
  return {
    traces: sortTraces(traces.map(({ spans }) => linesBelow(null, spans, ''))),
    runs: runs.map((run) => ({
      status: run.info.status,
      autologging: run.tags['mlflow.autologging'],
      params: Object.keys(run.params).sort(),
      metrics: Object.keys(run.metrics).sort(),
      datasets: run.datasetInputs.map(({ tags }) => tags['mlflow.data.context']).sort(),
      models: readyOf(run),
    })),
  };
}

/** What `count` uses leave, in the order in which it is read. */
export function loggedTimes(count: number, { traces, runs }: Logged): Logged {
  const times = <T>(list: readonly T[]): T[] => Array.from({ length: count }, () => list).flat();
  return { traces: sortTraces(times(traces)), runs: times(runs) };
}

function sortTraces(traces: Logged['traces']): Logged['traces'] {
  return [...traces].sort((a, b) => (a.join() < b.join() ? -1 : 1));
}

function linesBelow(parentSpanId: string | null, spans: readonly Span[], indent: string): string[] {
  return spans
    .filter((span) => span.parentSpanId === parentSpanId)
    .sort((a, b) => Number(a.startTimeUnixNano - b.startTimeUnixNano))
    .flatMap((span) => [indent + lineOf(span), ...linesBelow(span.spanId, spans, `${indent}  `)]);
}

function lineOf({ name, attributes, status }: Span): string {
  const parts = { inputs: 'mlflow.spanInputs', outputs: 'mlflow.spanOutputs', tokens: 'mlflow.chat.tokenUsage' };
  const present = Object.entries(parts).filter(([, key]) => attributes[key] !== undefined);
  const bad = status.code === 'OK' ? [] : [status.code];
  return [name, attributes['mlflow.spanType'], ...bad, ...present.map(([part]) => part)].join(' ');
}
