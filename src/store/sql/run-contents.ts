import type { DatasetInput } from '../../entities/dataset.ts';
import type { Metric } from '../../entities/metric.ts';
import type { ModelInput, ModelOutput } from '../../entities/run.ts';
import { readDatasetInputs } from './datasets.ts';
import { toMetric } from './metrics.ts';
import { allOf, type Operation } from './operation.ts';
import { groupRows, toRecord } from './rows.ts';
import { upsert } from './statement.ts';

/** What was logged to one run. */
export interface RunContents {
  readonly params: Readonly<Record<string, string>>;
  readonly metrics: Readonly<Record<string, Metric>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly datasetInputs: readonly DatasetInput[];
  readonly modelInputs: readonly ModelInput[];
  readonly modelOutputs: readonly ModelOutput[];
}

/** Reads what was logged to runs, by run id; every id has an entry. */
export function* readRunContents(runIds: readonly string[]): Operation<ReadonlyMap<string, RunContents>> {
  const params = groupRows(yield* allOf(SELECT_PARAMS, runIds), 'run_uuid');
  const tags = groupRows(yield* allOf(SELECT_TAGS, runIds), 'run_uuid');
  const metrics = groupRows(yield* allOf(SELECT_LATEST, runIds), 'run_uuid');
  const inputs = groupRows(yield* allOf(SELECT_MODEL_INPUTS, runIds), 'source_id');
  const outputs = groupRows(yield* allOf(SELECT_OUTPUTS, runIds), 'source_id');
  const datasets = yield* readDatasetInputs(runIds);
  return new Map(
    runIds.map((runId) => [
      runId,
      {
        params: toRecord(params.get(runId)),
        metrics: Object.fromEntries((metrics.get(runId) ?? []).map((row) => [String(row.key), toMetric(row)])),
        tags: toRecord(tags.get(runId)),
        datasetInputs: datasets.get(runId) ?? [],
        modelInputs: (inputs.get(runId) ?? []).map((row) => ({ modelId: String(row.destination_id) })),
        modelOutputs: (outputs.get(runId) ?? []).map((row) => ({
          modelId: String(row.destination_id),
          step: Number(row.step),
        })),
      },
    ]),
  );
}

/** Sets a tag of a run: key, value, run id. */
export const UPSERT_TAG = upsert('tags', ['key', 'value', 'run_uuid'], { key: ['key', 'run_uuid'] });

const SELECT_PARAMS = 'SELECT run_uuid, "key", value FROM params WHERE run_uuid IN (?) ORDER BY "key"';
const SELECT_TAGS = 'SELECT run_uuid, "key", value FROM tags WHERE run_uuid IN (?) ORDER BY "key"';
const SELECT_LATEST = `SELECT run_uuid, "key", value, timestamp, step, is_nan FROM latest_metrics
 WHERE run_uuid IN (?) ORDER BY "key"`;
const SELECT_MODEL_INPUTS = `SELECT source_id, destination_id FROM inputs
 WHERE source_type = 'RUN_INPUT' AND destination_type = 'MODEL_INPUT' AND source_id IN (?) ORDER BY destination_id`;
const SELECT_OUTPUTS = `SELECT source_id, destination_id, step FROM inputs
 WHERE source_type = 'RUN_OUTPUT' AND destination_type = 'MODEL_OUTPUT' AND source_id IN (?) ORDER BY step, destination_id`;
