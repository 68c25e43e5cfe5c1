import type { Experiment, ExperimentRef } from '../../../entities/experiment.ts';
import type { CheckSoon } from '../../tracking-store.ts';
import * as experiments from '../experiments.ts';
import type { Operation } from '../operation.ts';
import { getRun } from '../runs.ts';
import { SqlTrackingStore } from '../sql-tracking-store.ts';
import type { ServerDatabase } from './server-database.ts';

/** What a store on a database server consists of. */
export interface ServerTrackingStoreOptions {
  readonly uri: string;
  readonly journalFolder: string;
  readonly database: ServerDatabase;
}

/** Keeps everything in a database of a server. */
export class ServerTrackingStore extends SqlTrackingStore {
  readonly checkSoon: CheckSoon;

  constructor(options: ServerTrackingStoreOptions) {
    super(options);
    const { database } = options;
    this.checkSoon = {
      experiment: (ref, { patienceMs }) => database.read(checkExperiment(ref), patienceMs),
      run: (runId, { patienceMs }) => database.read(getRun(runId), patienceMs),
    };
  }
}

function* checkExperiment(ref: ExperimentRef): Operation<Experiment | null> {
  const found =
    'id' in ref ? yield* experiments.getExperiment(ref.id) : yield* experiments.findExperimentByName(ref.name);
  return found && experiments.checkActive(found);
}
