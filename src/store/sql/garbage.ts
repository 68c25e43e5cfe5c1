import { AutologError, invalidParameter } from '../../errors.ts';
import type { Garbage, GarbageOptions } from '../garbage-store.ts';
import { all, allOf, type Operation, type Row, type Rows, type SqlValue } from './operation.ts';

/**
 * Finds what may be removed: runs and models first, then the experiments that hold them.
 *
 * Where any are named, only these. An experiment's runs and models come with it, deleted or not.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST for a named one that is not there, INVALID_PARAMETER_VALUE for one
 * that is not deleted, or too young.
 */
export function* findGarbage(options: GarbageOptions = {}): Operation<readonly Garbage[]> {
  const experiments = yield* findKind(EXPERIMENT, options.experimentIds?.map(Number), options);
  const ids = experiments.map((row) => Number(row.id));
  const runs = yield* findKind(RUN, options.runIds, options);
  const models = yield* findKind(MODEL, options.modelIds, options);
  return [
    ...toGarbage('run', [...runs, ...(yield* allOf(`${RUN.select} WHERE experiment_id IN (?)`, ids))]),
    ...toGarbage('loggedModel', [...models, ...(yield* allOf(`${MODEL.select} WHERE experiment_id IN (?)`, ids))]),
    ...toGarbage('experiment', experiments),
  ];
}

/** A kind of entity that has a bin. */
interface Kind {
  readonly name: string;
  /** Gives `id`, `location`, `stage`, `deleted_at`. */
  readonly select: string;
  readonly key: string;
}

const RUN: Kind = {
  name: 'Run',
  select:
    'SELECT run_uuid AS id, artifact_uri AS location, lifecycle_stage AS stage, deleted_time AS deleted_at FROM runs',
  key: 'run_uuid',
};
const MODEL: Kind = {
  name: 'Logged model',
  select: `SELECT model_id AS id, artifact_location AS location, lifecycle_stage AS stage,
 last_updated_timestamp_ms AS deleted_at FROM logged_models`,
  key: 'model_id',
};
const EXPERIMENT: Kind = {
  name: 'Experiment',
  select: `SELECT experiment_id AS id, artifact_location AS location, lifecycle_stage AS stage,
 last_update_time AS deleted_at FROM experiments`,
  key: 'experiment_id',
};

function* findKind(kind: Kind, named: readonly SqlValue[] | undefined, options: GarbageOptions): Operation<Rows> {
  const { runIds, experimentIds, modelIds, deletedBefore = Number.POSITIVE_INFINITY } = options;
  if (named !== undefined) return yield* findNamed(kind, [...new Set(named)], deletedBefore);
  if (runIds ?? experimentIds ?? modelIds) return [];
  const rows = yield* all(`${kind.select} WHERE lifecycle_stage = 'deleted'`);
  return rows.filter((row) => Number(row.deleted_at ?? 0) < deletedBefore);
}

function* findNamed(kind: Kind, ids: readonly SqlValue[], deletedBefore: number): Operation<Rows> {
  const rows = yield* allOf(`${kind.select} WHERE ${kind.key} IN (?)`, ids);
  const found = new Set(rows.map((row) => String(row.id)));
  const missing = ids.find((id) => !found.has(String(id)));
  if (missing !== undefined) {
    throw new AutologError('RESOURCE_DOES_NOT_EXIST', `${kind.name} ${missing} not found; see its id.`);
  }
  for (const row of rows) checkRemovable(kind, row, deletedBefore);
  return rows;
}

function checkRemovable(kind: Kind, row: Row, deletedBefore: number): void {
  if (row.stage !== 'deleted') {
    throw invalidParameter(
      `${kind.name} ${row.id} is not in \`deleted\` lifecycle stage: only what is deleted can be removed; delete it first.`,
    );
  }
  if (Number(row.deleted_at ?? 0) >= deletedBefore) {
    throw invalidParameter(`${kind.name} ${row.id} is not older than the required age; remove it later.`);
  }
}

function toGarbage(kind: Garbage['kind'], rows: Rows): readonly Garbage[] {
  const byId = new Map(rows.map((row) => [String(row.id), String(row.location ?? '')]));
  return Array.from(byId, ([id, artifactUri]) => ({ kind, id, artifactUri }));
}
