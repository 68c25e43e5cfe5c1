import { AutologError } from '../../../errors.ts';
import type { SchemaReport, SchemaUpgrade } from '../../schema-store.ts';
import type { Operation } from '../operation.ts';
import { makeOwnIndexes, missingOwnIndexes } from './own-indexes.ts';
import { OWN_VERSION, readOwnVersion } from './own-schema.ts';
import { prepareSchema } from './prepare.ts';
import { hasTable } from './read-tables.ts';
import { RELEASES } from './revisions.ts';
import type { SchemaTarget } from './schema-target.ts';
import { inspectSchema, readRevision, toUri } from './verify.ts';

/** Reports on a database and changes nothing. */
export function* reportSchema(target: SchemaTarget): Operation<SchemaReport> {
  const revision = (yield* hasTable('alembic_version')) ? yield* readRevision() : null;
  const report = {
    name: target.name,
    revision,
    releases: RELEASES[revision ?? ''] ?? null,
    ownVersion: null,
    knownOwnVersion: OWN_VERSION,
    missingIndexes: [],
  };
  try {
    const shape = yield* inspectSchema(target);
    if (shape === null)
      return { ...report, problem: `It has no tables yet; run \`autolog db upgrade ${toUri(target)}\`.` };
    const ownVersion = yield* readOwnVersion(target);
    const missing = yield* missingOwnIndexes(target.dialect);
    return { ...report, ownVersion, missingIndexes: missing.map(({ name }) => name), problem: null };
  } catch (error) {
    if (!(error instanceof AutologError) || error.cause !== undefined) throw error;
    return { ...report, problem: error.message };
  }
}

/** Makes what is missing: MLflow's schema, our own tables, and our indexes, however long they take. */
export function* upgradeSchema(target: SchemaTarget): Operation<SchemaUpgrade> {
  const madeSchema = (yield* inspectSchema(target)) === null;
  const ownVersionBefore = yield* readOwnVersion(target);
  const missing = madeSchema ? [] : yield* missingOwnIndexes(target.dialect);
  yield* prepareSchema(target);
  yield* makeOwnIndexes(target.dialect, { onlyIfQuick: false });
  return { madeSchema, ownVersionBefore, madeIndexes: missing.map(({ name }) => name) };
}
