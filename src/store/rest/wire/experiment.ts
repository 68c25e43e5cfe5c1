import type { Experiment } from '../../../entities/experiment.ts';
import { parseInteger, parsePairs, type WirePair } from './pairs.ts';

/** An experiment in MLflow's REST API. */
export interface WireExperiment {
  readonly experiment_id: string;
  readonly name: string;
  readonly artifact_location?: string;
  readonly lifecycle_stage?: string;
  readonly creation_time?: number | string;
  readonly last_update_time?: number | string;
  readonly tags?: readonly WirePair[];
}

/** Reads an experiment. */
export function parseExperiment(wire: WireExperiment): Experiment {
  const { creation_time: created, last_update_time: updated } = wire;
  return {
    experimentId: wire.experiment_id,
    name: wire.name,
    artifactLocation: wire.artifact_location ?? '',
    lifecycleStage: wire.lifecycle_stage === 'deleted' ? 'deleted' : 'active',
    creationTime: created === undefined ? null : parseInteger(created),
    lastUpdateTime: updated === undefined ? null : parseInteger(updated),
    tags: parsePairs(wire.tags),
  };
}
