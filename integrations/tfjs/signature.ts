import type { LayersModel, SymbolicTensor } from './library.ts';

/** Name, type and shape of an input or output; -1 is a length that varies. */
export interface TensorSpec {
  readonly name?: string;
  /** NumPy's name. */
  readonly dtype: string;
  readonly shape: readonly number[];
}

/** What a model takes and gives, without a prediction: a model knows it. */
export function modelSignature(model: LayersModel): { inputs: TensorSpec[]; outputs: TensorSpec[] } {
  return { inputs: toSpecs(model.inputs, model.inputNames), outputs: toSpecs(model.outputs, model.outputNames) };
}

/** NumPy's name of a type. */
export function numpyType(dtype: string): string {
  return dtype === 'string' ? 'str' : dtype;
}

function toSpecs(tensors: readonly SymbolicTensor[], names: readonly string[]): TensorSpec[] {
  return tensors.map(({ name, dtype, shape }, index) => ({
    name: names[index] ?? name,
    dtype: numpyType(dtype),
    shape: shape.map((length) => length ?? -1),
  }));
}
