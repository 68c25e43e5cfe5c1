import type { ModelInfo } from '../../models/load-model-info.ts';
import type { LoggedModelInfo, LogModelOptions } from '../../models/log-model.ts';
import { writerFor } from '../delivery/writers.ts';
import type { ActiveRun } from '../runs/active-run.ts';
import { currentStore } from '../settings.ts';
import { activeOrNewRun } from './log.ts';
import { noteLoggedModel } from './logged-models.ts';

/**
 * Logs a model as an output of the active run; without a run, one begins.
 *
 * @throws what `save` throws, as it is; the model is UPLOAD_FAILED then.
 * @throws {AutologError} for a bad name or signature, or when the files cannot be written.
 */
export async function logModel(options: LogModelOptions): Promise<LoggedModelInfo> {
  const run = activeOrNewRun();
  const info = await logModelToRun(run, options);
  run.noteOutput({ modelId: info.modelId, step: options.step ?? 0 });
  noteLoggedModel(info.modelId);
  return info;
}

/** Logs a model as an output of a run, as `logModel` does. */
export async function logModelToRun(run: ActiveRun, options: LogModelOptions): Promise<LoggedModelInfo> {
  const models = await import('../../models/log-model.ts');
  return models.logModel(run, options);
}

/**
 * Reads what the MLmodel file of a model says: `models:/m-…`, `runs:/<run id>/<name>`, or the path of its folder.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST for an unknown one, INVALID_PARAMETER_VALUE for another URI.
 */
export async function getModelInfo(uri: string): Promise<ModelInfo> {
  const models = await import('../../models/load-model-info.ts');
  const store = currentStore();
  await writerFor(store).flush();
  return models.loadModelInfo(uri, store);
}
