import { existsSync } from 'node:fs';
import { resolveTrackingStore } from '../../store/store-uri.ts';
import { allPages } from '../../tracking/all-pages.ts';
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
    const experiments = await allPages((pageToken) => client.searchExperiments({ pageToken }));
    for (const { experimentId } of experiments) {
      const runs = await allPages((pageToken) =>
        client.searchRuns({ experimentIds: [experimentId], filter: `start_time >= ${sinceMs}`, pageToken }),
      );
      total.runs += runs.length;
      const traces = await allPages((pageToken) =>
        client.searchTraces({ experimentIds: [experimentId], filter: `timestamp_ms >= ${sinceMs}`, pageToken }),
      );
      total.traces += traces.length;
      for (const { traceId } of traces) total.spans += (await client.getTrace(traceId)).spans.length;
    }
  }
  return total;
}
