import { isHostBackend, isPlainMemory } from './backend.ts';
import { HASHED_VALUES } from './digest.ts';
import type { Tensor, Values } from './library.ts';

/** First values of a tensor, flattened; at once from host memory, undefined for strings. */
export function readFirstValues(tensor: Tensor): Values | undefined | Promise<Values> {
  if (tensor.dtype === 'string' || tensor.dtype === 'complex64') return undefined;
  if (tensor.size === 0) return new Float32Array();
  // Its own values, without a copy: no tensor is made that the program could count.
  if (isPlainMemory()) return tensor.dataSync().slice(0, HASHED_VALUES);
  const part = tensor.size <= HASHED_VALUES ? tensor.clone() : firstRows(tensor, rowsOf(tensor));
  if (!isHostBackend()) {
    part.kept = true;
    return part
      .data()
      .then((values) => values.slice(0, HASHED_VALUES))
      .finally(() => part.dispose());
  }
  const values = part.dataSync().slice(0, HASHED_VALUES);
  part.dispose();
  return values;
}

/** First rows of a tensor as nested arrays. */
export async function readFirstRows(tensor: Tensor, count: number): Promise<unknown> {
  const part = firstRows(tensor, count);
  part.kept = true;
  try {
    return await part.array();
  } finally {
    part.dispose();
  }
}

function firstRows(tensor: Tensor, count: number): Tensor {
  if (tensor.shape.length === 0) return tensor.clone();
  return tensor.slice([0], [Math.min(count, tensor.shape[0] ?? 0)]);
}

function rowsOf({ shape, size }: Tensor): number {
  return Math.ceil(HASHED_VALUES / (size / (shape[0] ?? 1)));
}
