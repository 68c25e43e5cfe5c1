import { nowMs } from '../../../clock.ts';
import { AutologError } from '../../../errors.ts';
import { first, type Operation } from '../operation.ts';
import { createJournalTable, createSchema, hasJournalTable } from './create.ts';
import { inspectSchema, type SchemaShape } from './verify.ts';

/** Makes what is missing: MLflow's schema in an empty database, our own table in any. Runs in one transaction. */
export function* prepareSchema(file: string, artifactRoot: string): Operation<SchemaShape> {
  if (!(yield* inspectSchema(file))) yield* createSchema(artifactRoot, nowMs());
  yield* createJournalTable();
  const shape = yield* inspectSchema(file);
  if (!shape)
    throw new AutologError('INTERNAL_ERROR', `Cannot make MLflow's tables in '${file}': none came to be.`);
  return shape;
}

/** The schema's shape when nothing has to be made first, else null. */
export function* readyShape(file: string): Operation<SchemaShape | null> {
  const shape = yield* inspectSchema(file);
  return shape && (yield* hasJournalTable()) ? shape : null;
}

/** A number that changes with every change of the schema, whoever makes it. */
export function* schemaVersion(): Operation<number> {
  return Number((yield* first('PRAGMA schema_version'))?.schema_version);
}
