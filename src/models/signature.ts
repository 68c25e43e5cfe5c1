import { invalidParameter } from '../errors.ts';

/** Shape and element of one input or output of a model. */
export interface TensorSpec {
  /** Needed when there are several. */
  readonly name?: string;
  /** NumPy's name: "float32", "int32", "bool", "str", … */
  readonly dtype: string;
  /** -1 where any length fits. */
  readonly shape: readonly number[];
}

/** What a model takes and gives. */
export interface ModelSignature {
  readonly inputs: readonly TensorSpec[] | null;
  readonly outputs: readonly TensorSpec[] | null;
}

/** A signature as the MLmodel file holds it: JSON texts. */
export interface StoredSignature {
  readonly inputs: string | null;
  readonly outputs: string | null;
  readonly params: string | null;
}

/**
 * Turns a signature into the JSON texts that MLflow reads.
 *
 * Source: mlflow/types/schema.py, read at 3.17.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE when several tensors are not all named, each by a name of its own.
 */
export function toStoredSignature({ inputs, outputs }: ModelSignature): StoredSignature {
  return { inputs: toSchemaJson('inputs', inputs), outputs: toSchemaJson('outputs', outputs), params: null };
}

function toSchemaJson(side: string, specs: readonly TensorSpec[] | null): string | null {
  if (specs === null || specs.length === 0) return null;
  const names = new Set(specs.map(({ name }) => name));
  if (specs.length > 1 && (names.size < specs.length || names.has(undefined))) {
    throw invalidParameter(`Cannot write a signature: its ${side} share names or have none; name each tensor.`);
  }
  return JSON.stringify(
    specs.map(({ name, dtype, shape }) => ({
      type: 'tensor',
      'tensor-spec': { dtype, shape },
      ...(name === undefined ? {} : { name }),
    })),
  );
}
