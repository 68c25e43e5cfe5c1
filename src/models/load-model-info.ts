import type { ArtifactRepository } from '../artifacts/artifact-repository.ts';
import { resolveArtifactRepository } from '../artifacts/resolve.ts';
import type { LoggedModel } from '../entities/logged-model.ts';
import type { RunInfo } from '../entities/run.ts';
import { invalidParameter } from '../errors.ts';
import type { TrackingStore } from '../store/tracking-store.ts';
import { MLMODEL_FILE_NAME, type MlModel, parseMlModel } from './mlmodel.ts';

/** A model as its folder tells. */
export interface ModelInfo extends MlModel {
  /** Path or URI of the folder. */
  readonly location: string;
}

type ModelStore = Pick<TrackingStore, 'uri' | 'getLoggedModel' | 'getRun' | 'searchLoggedModels'>;

/**
 * Reads the MLmodel file of a model: `models:/m-…`, `runs:/<run id>/<name>`, or the path or URI of its folder.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST for an unknown one, INVALID_PARAMETER_VALUE for another URI.
 */
export async function loadModelInfo(uri: string, store: ModelStore): Promise<ModelInfo> {
  const location = await locate(uri, store);
  const text = await readText(resolveArtifactRepository(location, { trackingUri: store.uri }));
  return { ...(await parseMlModel(text)), location };
}

async function locate(uri: string, store: ModelStore): Promise<string> {
  if (uri.startsWith('models:')) {
    const [, modelId] = /^models:\/(m-[^/@]+)\/?$/.exec(uri) ?? [];
    if (modelId !== undefined) return (await store.getLoggedModel(modelId)).artifactLocation;
    throw invalidParameter(`Cannot load '${uri}': this version loads models by id; use models:/m-… or runs:/….`);
  }
  if (!uri.startsWith('runs:')) return uri;
  const [, runId, name] = /^runs:\/([^/]+)\/(.+?)\/?$/.exec(uri) ?? [];
  if (runId === undefined || name === undefined) {
    throw invalidParameter(`Cannot load '${uri}': it names no model of a run; write it as runs:/<run id>/<name>.`);
  }
  const { info } = await store.getRun(runId);
  const model = await findModel(store, info, name);
  // Before MLflow 3, models lay among the artifacts of their run.
  return model?.artifactLocation ?? `${info.artifactUri}/${name}`;
}

async function findModel(
  store: ModelStore,
  { experimentId, runId }: RunInfo,
  name: string,
): Promise<LoggedModel | undefined> {
  // No model's name has one of these, and a filter could not say it.
  if (/["']/.test(name)) return undefined;
  const filter = `source_run_id = '${runId}' AND name = '${name}'`;
  return (await store.searchLoggedModels({ experimentIds: [experimentId], filter, maxResults: 1 })).items[0];
}

async function readText(files: ArtifactRepository): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of await files.openRead(MLMODEL_FILE_NAME)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
