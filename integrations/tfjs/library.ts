/** Numbers of a tensor as the library hands them out. */
export type Values = Float32Array | Int32Array | Uint8Array;

/** The part of a tensor that is read. Source: tfjs-core `src/tensor.ts`, read at 4.22. */
export interface Tensor {
  /** Under which the engine keeps its values. */
  readonly dataId?: object;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly size: number;
  /** Set: the tensor outlives the `tidy` that it was made in. */
  kept?: boolean;
  dataSync(): Values;
  data(): Promise<Values>;
  array(): Promise<unknown>;
  slice(begin: readonly number[], size: readonly number[]): Tensor;
  clone(): Tensor;
  dispose(): void;
}

/** A tensor with the name under which it is saved. */
export interface NamedTensor {
  readonly name: string;
  readonly tensor: Tensor;
}

/** Input or output of a model, without data. */
export interface SymbolicTensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly (number | null)[];
}

/** The part of an optimizer that is read. Source: tfjs-core `src/optimizers/optimizer.ts`, read at 4.22. */
export interface Optimizer {
  getClassName(): string;
  getConfig(): Readonly<Record<string, unknown>>;
  getWeights(): Promise<readonly NamedTensor[]>;
}

/** The part of a model that is read. Source: tfjs-layers `src/engine/training.ts`, read at 4.22. */
export interface LayersModel {
  readonly name: string;
  readonly isTraining: boolean;
  readonly stopTraining?: boolean;
  readonly optimizer?: Optimizer | null;
  readonly loss?: unknown;
  readonly metrics?: unknown;
  readonly metricsNames?: readonly string[];
  readonly layers: readonly object[];
  readonly inputs: readonly SymbolicTensor[];
  readonly outputs: readonly SymbolicTensor[];
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly trainableWeights: readonly { readonly shape: readonly number[] }[];
  readonly nonTrainableWeights: readonly { readonly shape: readonly number[] }[];
  getClassName(): string;
  getDedupedMetricsNames(): readonly string[];
  getNamedWeights(): readonly NamedTensor[];
  getTrainingConfig(): unknown;
  getUserDefinedMetadata?(): unknown;
  summary(lineLength: undefined, positions: undefined, print: (line: string) => void): void;
  toJSON(unused: null, asText: false): unknown;
}

/** Arguments of `fit`, as they are read. */
export interface FitArgs {
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly shuffle?: boolean | string;
  readonly initialEpoch?: number;
  readonly validationSplit?: number;
  readonly validationData?: unknown;
  readonly validationSteps?: number;
  readonly stepsPerEpoch?: number;
  readonly classWeight?: unknown;
  readonly callbacks?: unknown;
}

/** Arguments of `fitDataset`, as they are read. */
export interface FitDatasetArgs {
  readonly epochs?: number;
  readonly initialEpoch?: number;
  readonly batchesPerEpoch?: number;
  readonly validationData?: unknown;
  readonly validationBatches?: number;
  readonly validationBatchSize?: number;
  readonly classWeight?: unknown;
  readonly callbacks?: unknown;
}

/** True for a tensor of any copy of the library. */
export function isTensor(value: unknown): value is Tensor {
  if (typeof value !== 'object' || value === null) return false;
  const { dataSync, shape } = value as Partial<Tensor>;
  return typeof dataSync === 'function' && Array.isArray(shape);
}

const outerModels = new WeakMap<LayersModel, LayersModel>();

/** Remembers that a `Sequential` delegates its training to an inner model. */
export function rememberInner(outer: LayersModel & { readonly model?: LayersModel }): void {
  if (outer.model !== undefined && outer.model !== null) outerModels.set(outer.model, outer);
}

/** The model that the program knows: the `Sequential` of an inner model, else the model itself. */
export function outerModel(model: LayersModel): LayersModel {
  return outerModels.get(model) ?? model;
}

/** Kind of a model in Keras' words: `Sequential`, `Functional`, or the name of the program's own class. */
export function modelClass(model: LayersModel): string {
  const name = model.getClassName();
  return name === 'Model' ? 'Functional' : name;
}
