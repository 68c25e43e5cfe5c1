import type { DatasetInput } from '../../../entities/dataset.ts';
import { parsePairs, toPairs, type WirePair } from './pairs.ts';

/** A dataset that a run read, in MLflow's REST API. */
export interface WireDatasetInput {
  readonly tags?: readonly WirePair[];
  readonly dataset: {
    readonly name: string;
    readonly digest: string;
    readonly source_type?: string;
    readonly source?: string;
    readonly schema?: string;
    readonly profile?: string;
  };
}

/** Reads a dataset and its role. */
export function parseDatasetInput({ dataset, tags }: WireDatasetInput): DatasetInput {
  return {
    dataset: {
      name: dataset.name,
      digest: dataset.digest,
      sourceType: dataset.source_type ?? '',
      source: dataset.source ?? '',
      schema: dataset.schema || null,
      profile: dataset.profile || null,
    },
    tags: parsePairs(tags),
  };
}

/** Writes a dataset and its role. */
export function toWireDatasetInput({ dataset, tags }: DatasetInput): WireDatasetInput {
  return {
    tags: toPairs(tags),
    dataset: {
      name: dataset.name,
      digest: dataset.digest,
      source_type: dataset.sourceType,
      source: dataset.source,
      ...(dataset.schema !== null && { schema: dataset.schema }),
      ...(dataset.profile !== null && { profile: dataset.profile }),
    },
  };
}
