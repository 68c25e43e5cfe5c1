import { AutologError, errorMessage } from '../errors.ts';
import type { StoredSignature } from './signature.ts';

/** Name of the file that makes a folder a model. */
export const MLMODEL_FILE_NAME = 'MLmodel';

/** Version of MLflow whose format the file follows. */
const FORMAT_VERSION = '3.12.0';

/** What the MLmodel file says of the example that lies beside it. */
export interface InputExampleInfo {
  readonly artifactPath: string;
  readonly type: 'ndarray' | 'json_object' | (string & {});
  readonly servingInputPath?: string;
}

/** The content of an MLmodel file. */
export interface MlModel {
  /** Where the model's folder was when it was written. */
  readonly artifactPath: string | null;
  readonly runId: string | null;
  readonly modelId: string | null;
  /** UTC, as "2026-11-21 04:21:52.740000". */
  readonly utcTimeCreated: string;
  /** What each framework needs to load it, by the flavor's name. */
  readonly flavors: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly signature: StoredSignature | null;
  readonly savedInputExampleInfo: InputExampleInfo | null;
  /** All files but this one. */
  readonly modelSizeBytes: number | null;
  readonly metadata: Readonly<Record<string, unknown>> | null;
  readonly mlflowVersion: string | null;
}

/** A model to be written; the format's version is the writer's own. */
export type NewMlModel = Omit<MlModel, 'mlflowVersion'>;

/** A moment as MLmodel files write it. */
export function toUtcTime(time: Date): string {
  return `${time.toISOString().replace('T', ' ').replace('Z', '')}000`;
}

/** Writes the text of an MLmodel file, as MLflow's YAML 1.1 reader takes it. */
export async function formatMlModel(model: NewMlModel): Promise<string> {
  const { stringify } = await import('yaml');
  const example = model.savedInputExampleInfo;
  const fields = {
    artifact_path: model.artifactPath,
    flavors: model.flavors,
    metadata: model.metadata,
    mlflow_version: FORMAT_VERSION,
    model_id: model.modelId,
    model_size_bytes: model.modelSizeBytes,
    model_uuid: model.modelId,
    run_id: model.runId,
    saved_input_example_info: example && {
      artifact_path: example.artifactPath,
      serving_input_path: example.servingInputPath,
      type: example.type,
    },
    signature: model.signature,
    utc_time_created: model.utcTimeCreated,
  };
  const present = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
  return stringify(present, { version: '1.1', lineWidth: 0 });
}

/**
 * Reads the text of an MLmodel file, whoever wrote it.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE when it is no YAML or has no flavors.
 */
export async function parseMlModel(text: string): Promise<MlModel> {
  const { parse } = await import('yaml');
  let fields: Record<string, unknown> | null;
  try {
    fields = parse(text, { version: '1.1', schema: 'core' });
  } catch (error) {
    throw unreadable(errorMessage(error), error);
  }
  if (!isMap(fields?.flavors)) throw unreadable('it names no flavors');
  const signature = isMap(fields.signature) ? fields.signature : null;
  const example = isMap(fields.saved_input_example_info) ? fields.saved_input_example_info : null;
  return {
    artifactPath: textOf(fields.artifact_path),
    runId: textOf(fields.run_id),
    modelId: textOf(fields.model_id),
    utcTimeCreated: textOf(fields.utc_time_created) ?? '',
    flavors: fields.flavors as MlModel['flavors'],
    signature: signature && {
      inputs: textOf(signature.inputs),
      outputs: textOf(signature.outputs),
      params: textOf(signature.params),
    },
    savedInputExampleInfo: example && {
      artifactPath: textOf(example.artifact_path) ?? '',
      type: textOf(example.type) ?? '',
      servingInputPath: textOf(example.serving_input_path) ?? undefined,
    },
    modelSizeBytes: typeof fields.model_size_bytes === 'number' ? fields.model_size_bytes : null,
    metadata: isMap(fields.metadata) ? fields.metadata : null,
    mlflowVersion: textOf(fields.mlflow_version),
  };
}

function unreadable(reason: string, cause?: unknown): AutologError {
  const message = `Cannot read an MLmodel file: ${reason}; log the model again, or look at the file.`;
  return new AutologError('INVALID_PARAMETER_VALUE', message, { cause });
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}
