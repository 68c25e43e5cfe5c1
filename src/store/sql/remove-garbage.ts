import type { Garbage } from '../garbage-store.ts';
import { removeTraces } from './delete-traces.ts';
import { allOf, type Operation, type SqlValue } from './operation.ts';
import type { SchemaShape } from './schema/verify.ts';

/** Removes the rows of deleted entities with all that hangs on them; what was restored meanwhile stays. */
export function* removeGarbage(garbage: readonly Garbage[], shape: SchemaShape): Operation<void> {
  const idsOf = (kind: Garbage['kind']) => garbage.filter((item) => item.kind === kind).map(({ id }) => id);
  const experimentIds = yield* selectIds(
    "SELECT experiment_id AS id FROM experiments WHERE lifecycle_stage = 'deleted' AND experiment_id IN (?)",
    idsOf('experiment').map(Number),
  );
  yield* removeRuns([
    ...(yield* selectIds(SELECT_DELETED_RUNS, idsOf('run'))),
    ...(yield* selectIds('SELECT run_uuid AS id FROM runs WHERE experiment_id IN (?)', experimentIds)),
  ]);
  yield* removeModels([
    ...(yield* selectIds(
      "SELECT model_id AS id FROM logged_models WHERE lifecycle_stage = 'deleted' AND model_id IN (?)",
      idsOf('loggedModel'),
    )),
    ...(yield* selectIds('SELECT model_id AS id FROM logged_models WHERE experiment_id IN (?)', experimentIds)),
  ]);
  yield* removeExperiments(experimentIds, shape);
}

/** The runs of a deleted experiment go with it, even one that was restored alone. */
const SELECT_DELETED_RUNS = `SELECT r.run_uuid AS id FROM runs AS r JOIN experiments AS e ON e.experiment_id = r.experiment_id
 WHERE (r.lifecycle_stage = 'deleted' OR e.lifecycle_stage = 'deleted') AND r.run_uuid IN (?)`;

function* removeRuns(ids: readonly SqlValue[]): Operation<void> {
  yield* allOf('DELETE FROM logged_model_metrics WHERE run_id IN (?)', ids);
  for (const table of ['metrics', 'latest_metrics', 'params', 'tags'])
    yield* allOf(`DELETE FROM ${table} WHERE run_uuid IN (?)`, ids);
  yield* removeInputs("destination_type = 'RUN' AND destination_id IN (?)", ids);
  yield* removeInputs("source_type IN ('RUN_INPUT', 'RUN_OUTPUT') AND source_id IN (?)", ids);
  yield* allOf("DELETE FROM entity_associations WHERE destination_type = 'run' AND destination_id IN (?)", ids);
  yield* allOf('UPDATE issues SET source_run_id = NULL WHERE source_run_id IN (?)', ids);
  yield* allOf('DELETE FROM runs WHERE run_uuid IN (?)', ids);
}

function* removeModels(ids: readonly SqlValue[]): Operation<void> {
  for (const table of ['logged_model_metrics', 'logged_model_params', 'logged_model_tags'])
    yield* allOf(`DELETE FROM ${table} WHERE model_id IN (?)`, ids);
  yield* removeInputs("destination_type IN ('MODEL_INPUT', 'MODEL_OUTPUT') AND destination_id IN (?)", ids);
  yield* allOf('DELETE FROM logged_models WHERE model_id IN (?)', ids);
}

function* removeExperiments(ids: readonly SqlValue[], shape: SchemaShape): Operation<void> {
  const traces = yield* selectIds('SELECT request_id AS id FROM trace_info WHERE experiment_id IN (?)', ids);
  yield* removeTraces(traces as readonly string[], shape);
  yield* removeInputs(
    "source_type = 'DATASET' AND source_id IN (SELECT dataset_uuid FROM datasets WHERE experiment_id IN (?))",
    ids,
  );
  yield* allOf('UPDATE endpoints SET experiment_id = NULL WHERE experiment_id IN (?)', ids);
  const tables = [
    'datasets',
    'experiment_tags',
    'online_scoring_configs',
    ...shape.looseTables.filter(isOfExperiments),
  ];
  for (const table of tables) yield* allOf(`DELETE FROM ${table} WHERE experiment_id IN (?)`, ids);
  yield* allOf(
    "DELETE FROM entity_associations WHERE destination_type = 'experiment' AND destination_id IN (?)",
    ids.map(String),
  );
  // Scorers, issues and what newer databases have beside them go by their foreign keys.
  yield* allOf('DELETE FROM experiments WHERE experiment_id IN (?)', ids);
}

function isOfExperiments(table: string): boolean {
  return table.startsWith('sql_');
}

function* removeInputs(condition: string, ids: readonly SqlValue[]): Operation<void> {
  yield* allOf(
    `DELETE FROM input_tags WHERE input_uuid IN (SELECT input_uuid FROM inputs WHERE ${condition})`,
    ids,
  );
  yield* allOf(`DELETE FROM inputs WHERE ${condition}`, ids);
}

function* selectIds(sql: string, ids: readonly SqlValue[]): Operation<readonly SqlValue[]> {
  return (yield* allOf(sql, ids)).map((row) => row.id as SqlValue);
}
