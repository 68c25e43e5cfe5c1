import fs from 'node:fs/promises';
import { join } from 'node:path';
import { resolveArtifactRepository } from '../artifacts/resolve.ts';
import { nowMs } from '../clock.ts';
import type { LoggedModelStatus } from '../entities/logged-model.ts';
import { validateLoggedModelName } from '../entities/validation.ts';
import { invalidParameter } from '../errors.ts';
import { randomUuidHex } from '../random-id.ts';
import type { LogRecord, RecordSink } from '../store/log-record.ts';
import type { TrackingStore } from '../store/tracking-store.ts';
import { type InputExample, writeInputExample } from './input-example.ts';
import { formatMlModel, MLMODEL_FILE_NAME, type MlModel, toUtcTime } from './mlmodel.ts';
import { type ModelSignature, toStoredSignature } from './signature.ts';

/** Takes the records of a model, and asks the store where its files go. */
export interface ModelSink extends RecordSink {
  readonly store: Pick<TrackingStore, 'uri' | 'getLoggedModel'>;
  /** Resolves when the record is in the store. */
  appendSettled(record: LogRecord): Promise<void>;
}

/** The run that a model comes from. */
export interface ModelRun {
  readonly runId: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly writer: ModelSink;
}

/** What is logged as a model. */
export interface LogModelOptions {
  readonly name: string;
  /** What each framework needs to load it, by the flavor's name. */
  readonly flavors: MlModel['flavors'];
  /** Writes the model's files into an empty folder. */
  readonly save: (folder: string) => Promise<void>;
  readonly signature?: ModelSignature | null;
  readonly inputExample?: InputExample | null;
  readonly metadata?: Readonly<Record<string, unknown>> | null;
  readonly modelType?: string | null;
  /** Beside the params of the run, which become the model's too. */
  readonly params?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
  /** Step of the run that the model stands for. @default 0 */
  readonly step?: number;
}

/** A model that was logged. */
export interface LoggedModelInfo {
  readonly modelId: string;
  /** As "models:/m-…". */
  readonly modelUri: string;
  /** Where its files are. */
  readonly artifactPath: string;
}

/** Tags of the run that a model has too: who and what made it. */
const SOURCE_TAGS = ['mlflow.user', 'mlflow.source.name', 'mlflow.source.type'];

/**
 * Logs a model as an output of a run: its files are seen all at once, with the MLmodel file among them.
 *
 * @throws what `save` throws, as it is; the model is UPLOAD_FAILED then.
 * @throws {AutologError} for a bad name or signature, without flavors or `save`, when the store refuses the model, or when the files cannot be written.
 */
export async function logModel(run: ModelRun, options: LogModelOptions): Promise<LoggedModelInfo> {
  checkOptions(options);
  const { name, flavors, step = 0 } = options;
  const signature = options.signature ? toStoredSignature(options.signature) : null;
  const modelId = `m-${randomUuidHex()}`;
  const created = new Date(nowMs());
  await run.writer.appendSettled({
    op: 'createModel',
    modelId,
    runId: run.runId,
    name,
    modelType: options.modelType ?? null,
    creationTime: created.getTime(),
    params: options.params ?? {},
    tags: { ...sourceTagsOf(run), ...options.tags },
  });
  const finalize = (status: LoggedModelStatus) =>
    run.writer.append({ op: 'finalizeModel', modelId, status, step, time: nowMs() });
  // A server gives models and runs ids of its own.
  const model = await run.writer.store.getLoggedModel(modelId);
  const { artifactLocation } = model;
  try {
    await resolveArtifactRepository(artifactLocation, { trackingUri: run.writer.store.uri }).writeFolder(
      '',
      async (folder) => {
        await options.save(folder);
        const example = options.inputExample ? await writeInputExample(folder, options.inputExample) : null;
        const text = await formatMlModel({
          artifactPath: artifactLocation,
          runId: model.sourceRunId ?? run.runId,
          modelId: model.modelId,
          utcTimeCreated: toUtcTime(created),
          flavors,
          signature,
          savedInputExampleInfo: example,
          modelSizeBytes: await sizeOf(folder),
          metadata: options.metadata ?? null,
        });
        await fs.writeFile(join(folder, MLMODEL_FILE_NAME), text);
      },
    );
  } catch (error) {
    finalize('UPLOAD_FAILED');
    throw error;
  }
  finalize('READY');
  return { modelId: model.modelId, modelUri: `models:/${model.modelId}`, artifactPath: artifactLocation };
}

/** Programs in JavaScript have no compiler that tells them. */
function checkOptions(options: LogModelOptions): void {
  if (!isObject(options)) {
    throw invalidParameter('Cannot log a model: it is not described; pass { name, flavors, save }.');
  }
  const { name, flavors, save } = options;
  validateLoggedModelName(name);
  if (!isObject(flavors) || Object.keys(flavors).length === 0) {
    throw invalidParameter(`Cannot log the model '${name}': it has no flavor; give at least one.`);
  }
  if (typeof save !== 'function') {
    throw invalidParameter(
      `Cannot log the model '${name}': save is ${typeof save}, not a function; pass one that writes the model's files into a folder.`,
    );
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sourceTagsOf({ tags }: ModelRun): Record<string, string> {
  return Object.fromEntries(SOURCE_TAGS.flatMap((key) => (tags[key] === undefined ? [] : [[key, tags[key]]])));
}

async function sizeOf(folder: string): Promise<number> {
  const entries = await fs.readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const stats = await Promise.all(files.map((file) => fs.stat(join(file.parentPath, file.name))));
  return stats.reduce((sum, { size }) => sum + size, 0);
}
