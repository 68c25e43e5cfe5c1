import type { Dataset, DatasetInput } from '../../entities/dataset.ts';
import { validateDatasetInput } from '../../entities/validation.ts';
import { randomUuidHex } from '../../random-id.ts';
import type { InputRecord } from '../log-record.ts';
import type { Delivery } from './delivery.ts';
import { all, allOf, first, type Operation, type Row } from './operation.ts';
import { groupRows } from './rows.ts';
import { insertNew } from './statement.ts';

/** Links a dataset to a run, and stores it where its experiment has none of this name and digest; again, nothing. */
export function* logInput(record: InputRecord, delivery: Delivery): Operation<void> {
  const { runId, dataset } = record;
  validateDatasetInput(record);
  const experimentId = yield* delivery.activeRun(runId);
  const datasetId = yield* findOrStoreDataset(experimentId, dataset);
  const inputId = randomUuidHex();
  yield* all(INSERT_INPUT, inputId, 'DATASET', datasetId, 'RUN', runId, 0);
  if ((yield* first(SELECT_INPUT, datasetId, runId))?.input_uuid !== inputId) return;
  for (const [name, value] of Object.entries(record.tags)) yield* all(INSERT_INPUT_TAG, inputId, name, value);
}

/** Another process may store the same one at the same moment, where writers do not wait for each other. */
function* findOrStoreDataset(experimentId: number, dataset: Dataset): Operation<string> {
  const { name, digest, sourceType, source, schema, profile } = dataset;
  const known = yield* first(SELECT_DATASET, experimentId, name, digest);
  if (known) return String(known.dataset_uuid);
  yield* all(INSERT_DATASET, randomUuidHex(), experimentId, name, digest, sourceType, source, schema, profile);
  return String((yield* first(SELECT_DATASET, experimentId, name, digest))?.dataset_uuid);
}

/** Reads the datasets of runs, by run id. */
export function* readDatasetInputs(
  runIds: readonly string[],
): Operation<ReadonlyMap<string, readonly DatasetInput[]>> {
  const rows = yield* allOf(SELECT_RUN_INPUTS, runIds);
  const tagRows = yield* allOf(
    SELECT_INPUT_TAGS,
    rows.map((row) => String(row.input_uuid)),
  );
  const tags = groupRows(tagRows, 'input_uuid');
  const byRun = groupRows(rows, 'destination_id');
  return new Map(
    Array.from(byRun, ([runId, inputs]) => [
      runId,
      inputs.map((row) => toDatasetInput(row, tags.get(String(row.input_uuid)) ?? [])),
    ]),
  );
}

const SELECT_DATASET = 'SELECT dataset_uuid FROM datasets WHERE experiment_id = ? AND name = ? AND digest = ?';
const INSERT_DATASET = insertNew(
  'datasets',
  [
    'dataset_uuid',
    'experiment_id',
    'name',
    'digest',
    'dataset_source_type',
    'dataset_source',
    'dataset_schema',
    'dataset_profile',
  ],
  ['experiment_id', 'name', 'digest'],
);
const SELECT_INPUT = `SELECT input_uuid FROM inputs
 WHERE source_type = 'DATASET' AND source_id = ? AND destination_type = 'RUN' AND destination_id = ?`;
const INSERT_INPUT = insertNew(
  'inputs',
  ['input_uuid', 'source_type', 'source_id', 'destination_type', 'destination_id', 'step'],
  ['source_type', 'source_id', 'destination_type', 'destination_id'],
);
const INSERT_INPUT_TAG = 'INSERT INTO input_tags (input_uuid, name, value) VALUES (?, ?, ?)';
const SELECT_RUN_INPUTS = `SELECT i.destination_id, i.input_uuid, d.name, d.digest, d.dataset_source_type,
 d.dataset_source, d.dataset_schema, d.dataset_profile
 FROM inputs AS i JOIN datasets AS d ON d.dataset_uuid = i.source_id
 WHERE i.source_type = 'DATASET' AND i.destination_type = 'RUN' AND i.destination_id IN (?) ORDER BY d.name, d.digest`;
const SELECT_INPUT_TAGS = 'SELECT input_uuid, name, value FROM input_tags WHERE input_uuid IN (?)';

function toDatasetInput(row: Row, tags: readonly Row[]): DatasetInput {
  return {
    dataset: {
      name: String(row.name),
      digest: String(row.digest),
      sourceType: String(row.dataset_source_type),
      source: String(row.dataset_source),
      schema: row.dataset_schema === null ? null : String(row.dataset_schema),
      profile: row.dataset_profile === null ? null : String(row.dataset_profile),
    },
    tags: Object.fromEntries(tags.map((tag) => [String(tag.name), String(tag.value)])),
  };
}
