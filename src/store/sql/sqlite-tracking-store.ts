import type { Experiment, ExperimentRef } from '../../entities/experiment.ts';
import type { Run } from '../../entities/run.ts';
import type { DeliverOptions, RecordSource, RejectedRecord } from '../delivery.ts';
import type { TrackingStore } from '../tracking-store.ts';
import * as experiments from './experiments.ts';
import type { Operation } from './operation.ts';
import { requireActiveRun } from './run-state.ts';
import { getRun } from './runs.ts';
import { SqlTrackingStore } from './sql-tracking-store.ts';
import { SqliteDatabase } from './sqlite-database.ts';

/** Where an embedded store keeps what it is given. */
export interface SqliteTrackingStoreOptions {
  readonly uri: string;
  /** Absolute path of the database file. */
  readonly file: string;
  /** Path or URI under which new experiments' artifacts go. */
  readonly artifactRoot: string;
  readonly journalFolder: string;
}

/** The embedded store: everything in one SQLite file, read and written synchronously. */
export class SqliteTrackingStore extends SqlTrackingStore {
  readonly checkNow: NonNullable<TrackingStore['checkNow']>;
  readonly #database: SqliteDatabase;

  constructor({ uri, file, artifactRoot, journalFolder }: SqliteTrackingStoreOptions) {
    const database = new SqliteDatabase(file, artifactRoot);
    super({ uri, journalFolder, database });
    this.#database = database;
    this.checkNow = {
      experiment: (ref) => this.#checkExperiment(ref),
      run: (runId) => database.read(checkRun(runId)),
    };
  }

  override deliver(source: RecordSource, options?: DeliverOptions): readonly RejectedRecord[] {
    return this.#database.deliver(source, options);
  }

  override forget(sourceId: string, options?: DeliverOptions): void {
    this.#database.forget(sourceId, options);
  }

  override close(): void {
    this.#database.close();
  }

  #checkExperiment(ref: ExperimentRef): Experiment {
    const known = 'name' in ref ? this.#database.read(experiments.findExperimentByName(ref.name)) : undefined;
    const resolve = experiments.resolveExperiment(
      known ? { id: known.experimentId } : ref,
      this.#database.artifactRoot,
    );
    return known || 'id' in ref ? this.#database.read(resolve) : this.#database.write(() => resolve);
  }
}

function* checkRun(runId: string): Operation<Run> {
  yield* requireActiveRun(runId);
  return yield* getRun(runId);
}
