import { nowMs } from '../../../clock.ts';
import { AutologError } from '../../../errors.ts';
import { first, type Operation } from '../operation.ts';
import { perDialect } from '../statement.ts';
import { createDefaultExperiment, createSchema } from './create.ts';
import { makeOwnIndexes } from './own-indexes.ts';
import { beginOwnSchema, hasOwnSchema, migrateOwnSchema } from './own-schema.ts';
import type { SchemaTarget } from './schema-target.ts';
import { inspectSchema, type SchemaShape } from './verify.ts';

/**
 * Makes what is missing: MLflow's schema in an empty database, our own tables in any.
 *
 * Runs in one transaction, and alone: MySQL commits each statement by itself, so a lock must keep others away there.
 *
 * @throws {AutologError} when the database is something else's, or is newer or older than can be used.
 */
export function* prepareSchema(target: SchemaTarget): Operation<SchemaShape> {
  const found = yield* inspectSchema(target);
  if (!found) {
    yield* beginOwnSchema(nowMs());
    yield* createSchema(target.dialect, target.artifactRoot, nowMs());
  } else {
    yield* createDefaultExperiment(target.dialect, target.artifactRoot, nowMs());
  }
  yield* migrateOwnSchema(target, nowMs());
  // On a server, a table that others have made may belong to another user: there, `autolog db upgrade` makes them.
  if (!found || target.dialect === 'sqlite') yield* makeOwnIndexes(target.dialect, { onlyIfQuick: true });
  const shape = yield* inspectSchema(target);
  if (!shape) {
    throw new AutologError('INTERNAL_ERROR', `Cannot make MLflow's tables in '${target.name}': none came to be.`);
  }
  return shape;
}

/** The schema's shape when nothing has to be made first, else null. */
export function* readyShape(target: SchemaTarget): Operation<SchemaShape | null> {
  const shape = yield* inspectSchema(target);
  return shape && (yield* hasOwnSchema(target)) ? shape : null;
}

/** What changes whenever MLflow changes the schema: on SQLite a number that any change raises, else the revision. */
export function* schemaVersion(): Operation<number | string> {
  const version = (yield* first(SCHEMA_VERSION))?.schema_version;
  return typeof version === 'number' ? version : String(version);
}

const SCHEMA_VERSION = perDialect((dialect) =>
  dialect === 'sqlite' ? 'PRAGMA schema_version' : 'SELECT version_num AS schema_version FROM alembic_version',
);
