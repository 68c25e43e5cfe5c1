import { existsSync } from 'node:fs';
import { resolveTrackingStore } from '../../store/store-uri.ts';
import { MlflowClient } from '../../tracking/client.ts';
import type { ScriptDiagnosis } from './diagnosis.ts';

/** Runs, traces and spans that stores have from a moment on; what a killed process left is delivered first. */
export async function countRecorded(
  uris: readonly string[],
  sinceMs: number,
): Promise<ScriptDiagnosis['recorded']> {
  const total = { runs: 0, traces: 0, spans: 0 };
  for (const uri of uris) {
    const store = resolveTrackingStore(uri);
    if (![store.uri.replace(/^sqlite:\/\/\//, ''), store.journalFolder].some((place) => existsSync(place)))
      continue;
    const client = new MlflowClient(uri);
    for (const { experimentId } of (await client.searchExperiments()).items) {
      const runs = (await client.searchRuns({ experimentIds: [experimentId] })).items;
      total.runs += runs.filter(({ info }) => info.startTime >= sinceMs).length;
      const traces = (await client.searchTraces({ experimentIds: [experimentId] })).items.filter(
        ({ requestTime }) => requestTime >= sinceMs,
      );
      total.traces += traces.length;
      for (const { traceId } of traces) total.spans += (await client.getTrace(traceId)).spans.length;
    }
  }
  return total;
}
