import type { FitArgs, FitDatasetArgs, LayersModel, Optimizer } from './library.ts';
import { toPythonFloat } from './python-float.ts';

type Params = Readonly<Record<string, unknown>>;

/** Arguments of `fit` under Keras' names, with the defaults of tfjs. */
export function fitParams(args: FitArgs = {}): Params {
  return {
    epochs: args.epochs ?? 1,
    batch_size: args.batchSize ?? 32,
    shuffle: args.shuffle ?? true,
    initial_epoch: args.initialEpoch ?? 0,
    validation_split: toPythonFloat(args.validationSplit ?? 0),
    class_weight: args.classWeight,
    steps_per_epoch: args.stepsPerEpoch,
    validation_steps: args.validationSteps,
  };
}

/** Arguments of `fitDataset` under Keras' names; the batch size is the dataset's. */
export function fitDatasetParams(args: FitDatasetArgs): Params {
  return {
    epochs: args.epochs,
    initial_epoch: args.initialEpoch ?? 0,
    class_weight: args.classWeight,
    steps_per_epoch: args.batchesPerEpoch,
    validation_steps: args.validationBatches,
    validation_batch_size: args.validationBatchSize,
  };
}

/** What a compiled model is: optimizer, loss, metrics, and how many weights it has. */
export function modelParams(model: LayersModel, layerCount: number): Params {
  const trainable = weightCount(model.trainableWeights);
  const nonTrainable = weightCount(model.nonTrainableWeights);
  return {
    ...optimizerParams(model.optimizer),
    loss_function: nameOf(model.loss),
    metrics: model.metricsNames?.slice(1) ?? [],
    num_layers: layerCount,
    total_params: trainable + nonTrainable,
    trainable_params: trainable,
    non_trainable_params: nonTrainable,
  };
}

const OPTIMIZER_KEYS: Readonly<Record<string, string>> = {
  learningRate: 'learning_rate',
  beta1: 'beta_1',
  beta2: 'beta_2',
  useNesterov: 'nesterov',
  initialAccumulatorValue: 'initial_accumulator_value',
};

/** Configuration of an optimizer under Keras' names: `opt_name`, `opt_learning_rate`, `opt_beta_1`, … */
export function optimizerParams(optimizer: Optimizer | null | undefined): Params {
  if (optimizer === null || optimizer === undefined) return {};
  const name = optimizerName(optimizer);
  const params: Record<string, unknown> = { opt_name: name };
  for (const [key, value] of Object.entries(optimizer.getConfig())) {
    // RMSProp calls `decay` what Keras calls `rho`; Adamax means the decay of the learning rate.
    const kerasKey = name === 'RMSProp' && key === 'decay' ? 'rho' : (OPTIMIZER_KEYS[key] ?? key);
    params[`opt_${kerasKey}`] = typeof value === 'number' ? toPythonFloat(value) : value;
  }
  return params;
}

/** Class name of an optimizer; a subclass that declares none keeps that of its parent and goes by its own. */
export function optimizerName(optimizer: Optimizer): string {
  const optimizerClass = optimizer.constructor;
  return Object.hasOwn(optimizerClass, 'className') ? optimizer.getClassName() : optimizerClass.name;
}

/** The part of an `EarlyStopping` that is read. Source: tfjs-layers `src/callbacks.ts`, read at 4.22. */
export interface EarlyStopping {
  readonly monitor: string;
  readonly patience: number;
  readonly mode: string;
  readonly minDelta: number;
  readonly baseline?: number | null;
  readonly stoppedEpoch?: number;
}

/** The early stopping among the callbacks of a call, if any. */
export function findEarlyStopping(callbacks: unknown): EarlyStopping | undefined {
  const all: unknown[] = Array.isArray(callbacks) ? callbacks : [callbacks];
  return all.find(isEarlyStopping);
}

/** Configuration of early stopping under Keras' names. */
export function earlyStoppingParams(callback: EarlyStopping | undefined): Params {
  if (callback === undefined) return {};
  return {
    monitor: callback.monitor,
    // tfjs turns the sign for metrics that are to fall.
    min_delta: Math.abs(callback.minDelta),
    patience: callback.patience,
    baseline: callback.baseline,
    mode: callback.mode,
    // tfjs 4 refuses `restoreBestWeights: true`.
    restore_best_weights: false,
  };
}

function isEarlyStopping(callback: unknown): callback is EarlyStopping {
  if (typeof callback !== 'object' || callback === null) return false;
  return 'patience' in callback && 'getMonitorValue' in callback;
}

function weightCount(weights: LayersModel['trainableWeights']): number {
  return weights.reduce((count, { shape }) => count + shape.reduce((size, length) => size * length, 1), 0);
}

/** Losses are names, functions, or lists and records of both. */
function nameOf(loss: unknown): unknown {
  if (typeof loss === 'function') return loss.name || 'custom';
  if (Array.isArray(loss)) return loss.map(nameOf);
  if (typeof loss !== 'object' || loss === null) return loss;
  return Object.fromEntries(Object.entries(loss).map(([output, each]) => [output, nameOf(each)]));
}
