import type { Run } from '../../src/entities/run.ts';
import type { Span } from '../../src/entities/trace.ts';
import { flush, MlflowClient } from '../../src/index.ts';

/** What stands in a store, without what differs from time to time. */
export interface Logged {
  /** Of each trace its spans: name, type, a bad status, and which of inputs, outputs and tokens there are. */
  readonly traces: readonly (readonly string[])[];
  readonly runs: readonly LoggedRun[];
}

/** What stands in a run: names, sorted. */
export interface LoggedRun {
  readonly status: string;
  readonly autologging: string | undefined;
  readonly params: readonly string[];
  readonly metrics: readonly string[];
  /** Contexts of the datasets. */
  readonly datasets: readonly (string | undefined)[];
  readonly models: number;
}

/** Brings traces into an order of their own: those that began in one millisecond have none. */
export function sortTraces(traces: Logged['traces']): Logged['traces'] {
  return [...traces].sort((a, b) => (a.join() < b.join() ? -1 : 1));
}

/** Reads the store in force. */
export async function readLogged(): Promise<Logged> {
  await flush();
  const client = new MlflowClient();
  const infos = await client.listTraces(['0']);
  const traces = await Promise.all(infos.map(({ traceId }) => client.getTrace(traceId)));
  const runs = [...(await client.listRuns(['0']))].sort((a, b) => a.info.startTime - b.info.startTime);
  const models = await client.listLoggedModels(['0']);
  return {
    traces: sortTraces(traces.map(({ spans }) => linesBelow(null, spans, ''))),
    runs: runs.map((run) => ({
      status: run.info.status,
      autologging: run.tags['mlflow.autologging'],
      params: Object.keys(run.params).sort(),
      metrics: Object.keys(run.metrics).sort(),
      datasets: contextsOf(run),
      models: models.filter(({ sourceRunId, status }) => sourceRunId === run.info.runId && status === 'READY')
        .length,
    })),
  };
}

function contextsOf({ datasetInputs }: Run) {
  return datasetInputs.map(({ tags }) => tags['mlflow.data.context']).sort();
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
