import { open, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { AutologError } from '../../src/integration.ts';
import { hasValues, isPlainMemory } from './backend.ts';
import type { LayersModel, NamedTensor, Tensor, Values } from './library.ts';

/** How a model is saved. */
export interface SaveModelOptions {
  /** Saves the optimizer's state too, with which a training can go on exactly. */
  readonly includeOptimizer: boolean;
  /** Version of tfjs-layers, for the record. */
  readonly version: string;
  /** Largest file of weights. @default 32 MiB */
  readonly shardBytes?: number;
}

/** A weight as it was when saving began. */
interface SavedWeight {
  readonly name: string;
  readonly tensor: Pick<Tensor, 'dataId' | 'shape' | 'dtype' | 'data' | 'dispose'>;
}

interface WeightEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly group?: 'optimizer';
}

/** Bytes of one value. Source: tfjs-core `src/io/types.ts` `DTYPE_VALUE_SIZE_MAP`, read at 4.22. */
const VALUE_BYTES: Readonly<Record<string, number>> = { float32: 4, int32: 4, bool: 1, complex64: 8 };

/**
 * Writes a model into an empty folder: `group1-shard1of1.bin`, … and, last, `model.json`.
 *
 * The weights are those of the moment of the call, and are byte for byte what `model.save` writes; only one tensor at
 * a time is held besides. tfjs reads the folder by `tfjsFolderLoader`, tfjs-node by `file://…/model.json`.
 *
 * @throws {AutologError} NOT_IMPLEMENTED for weights of strings, INVALID_STATE for those whose values are gone.
 */
export async function saveLayersModel(
  model: LayersModel,
  folder: string,
  options: SaveModelOptions,
): Promise<void> {
  const modelTopology = model.toJSON(null, false);
  const trainingConfig = trainingConfigOf(model);
  const userDefinedMetadata = model.getUserDefinedMetadata?.() ?? undefined;
  // Tensors never change, only variables take others: copies by reference stay what they are.
  const weights = model.getNamedWeights().map(withValues).map(copyByReference);
  try {
    const entries: WeightEntry[] = weights.map(toEntry);
    if (options.includeOptimizer && trainingConfig !== undefined) {
      const state = (await model.optimizer?.getWeights()) ?? [];
      weights.push(...state.map(copyByReference));
      entries.push(...state.map((weight) => ({ ...toEntry(weight), group: 'optimizer' as const })));
      // The count of iterations is made for the caller; all others belong to the optimizer.
      state.find(({ name }) => name === 'iter')?.tensor.dispose();
    }
    const paths = await writeShards(weights, entries, folder, options.shardBytes ?? 32 * 2 ** 20);
    const json = {
      format: 'layers-model',
      generatedBy: `TensorFlow.js tfjs-layers v${options.version}`,
      convertedBy: null,
      modelTopology,
      trainingConfig,
      userDefinedMetadata,
      weightsManifest: [{ paths, weights: entries }],
    };
    await writeFile(path.join(folder, 'model.json'), JSON.stringify(json));
  } finally {
    for (const { tensor } of weights) tensor.dispose();
  }
}

async function writeShards(
  weights: readonly SavedWeight[],
  entries: readonly WeightEntry[],
  folder: string,
  shardBytes: number,
): Promise<string[]> {
  const totalBytes = entries.reduce((sum, entry) => sum + byteCount(entry), 0);
  const shardCount = Math.max(1, Math.ceil(totalBytes / shardBytes));
  const paths = Array.from({ length: shardCount }, (_, index) => `group1-shard${index + 1}of${shardCount}.bin`);
  const chunks = bytesOf(weights);
  let rest: Uint8Array = new Uint8Array();
  for (const name of paths) {
    const file = await open(path.join(folder, name), 'w');
    try {
      for (let room = shardBytes; room > 0; ) {
        if (rest.byteLength === 0) {
          const next = await chunks.next();
          if (next.done) break;
          rest = next.value;
        }
        const part = rest.subarray(0, room);
        await file.writeFile(part);
        rest = rest.subarray(part.byteLength);
        room -= part.byteLength;
      }
    } finally {
      await file.close();
    }
  }
  return paths;
}

async function* bytesOf(weights: readonly SavedWeight[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (const weight of weights) {
    const { tensor } = withValues(weight);
    const values: Values = await tensor.data();
    yield new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  }
}

/**
 * Returns a weight that can be read.
 *
 * @throws {AutologError} INVALID_STATE when its values are gone, where tfjs itself fails in its own parts.
 */
export function withValues<W extends { readonly name: string; readonly tensor: Pick<Tensor, 'dataId'> }>(
  weight: W,
): W {
  if (hasValues(weight.tensor)) return weight;
  throw new AutologError(
    'INVALID_STATE',
    `Cannot save the weight '${weight.name}': its values are gone; reset tfjs, or dispose of the model, a second after the training.`,
  );
}

function copyByReference({ name, tensor }: NamedTensor): SavedWeight {
  if (isPlainMemory()) return { name, tensor: toHeld(tensor) };
  const copy: Tensor = tensor.clone();
  copy.kept = true;
  return { name, tensor: copy };
}

/** The values of a tensor, which outlive it; no tensor is made that the program could count. */
function toHeld(tensor: Tensor): SavedWeight['tensor'] {
  const values = tensor.dataSync();
  return { shape: tensor.shape, dtype: tensor.dtype, data: async () => values, dispose: () => undefined };
}

function toEntry({ name, tensor }: SavedWeight): WeightEntry {
  return { name, shape: tensor.shape, dtype: tensor.dtype };
}

function byteCount({ name, shape, dtype }: WeightEntry): number {
  const bytes = VALUE_BYTES[dtype];
  if (bytes === undefined) {
    throw new AutologError(
      'NOT_IMPLEMENTED',
      `Cannot save the weight '${name}': weights of type ${dtype} are not supported; save the model by model.save().`,
    );
  }
  return shape.reduce((size, length) => size * length, bytes);
}

/**
 * What `compile` was told, so that the loaded model is compiled. Losses and metrics that are functions cannot be found
 * again by their names: such a model is loaded without.
 */
function trainingConfigOf(model: LayersModel): unknown {
  const { optimizer, loss, metrics } = model;
  const isKnown = optimizer && isNamed(loss) && (metrics === undefined || metrics === null || isNamed(metrics));
  return isKnown ? model.getTrainingConfig() : undefined;
}

/** Names, or lists or records of names. */
function isNamed(value: unknown): boolean {
  if (typeof value === 'string') return true;
  return typeof value === 'object' && value !== null && Object.values(value).every(isNamed);
}
