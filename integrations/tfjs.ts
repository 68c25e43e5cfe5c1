/**
 * Logs trainings of TensorFlow.js: Keras' params, the metrics of tfjs' own history, the model.
 *
 * | when                              | logged                                                               |
 * | --------------------------------- | -------------------------------------------------------------------- |
 * | `fit`, `fitDataset` begin         | params: arguments under Keras' names, `opt_…`, `loss_function`,      |
 * |                                   | `metrics`, layers and weights, early stopping; `model_summary.txt`;  |
 * |                                   | tags `tfjs.version`, `.backend`, `.model_class`, `.model_name`;      |
 * |                                   | datasets `train` and `eval` (a digest as NumPy arrays have in MLflow)|
 * | a batch ends                      | `batch_loss`, `batch_…`; step = batches so far                       |
 * | an epoch ends                     | `loss`, `acc`, `val_loss`, …; step = epochs so far, from 0           |
 * | early stopping                    | `stopped_epoch`                                                      |
 * | a fit ends                        | the model (`model.json`, weights, signature), before `fit` resolves  |
 * | `evaluate`, `evaluateDataset`     | `eval_loss`, `eval_…`; step = evaluations so far                     |
 * | `trainOnBatch` in a run           | params, tags and summary at the first, `batch_…`                     |
 * | `optimizer.minimize` in a run     | `opt_…` at the first, `batch_loss`; not for device backends          |
 *
 * A model that is compiled once and fitted again without a run of the program goes on in its run: steps and epochs
 * count on, params stay, and the model is saved again at most every 10 s and when the training pauses. The validation
 * metrics of models with several outputs, which tfjs 4 gives under wrong names, are put right (tag
 * `tfjs.val_metrics_corrected`). Evaluations on device backends (webgl, webgpu), whose values would have to be waited
 * for, are not logged.
 *
 * Source: tfjs-layers `src/engine/training.ts`, `training_dataset.ts`, `src/base_callbacks.ts`, read at 4.22; names
 * from mlflow/tensorflow `autolog`, read at 3.17.
 */
import { autologgingIntegration, type Call } from '../src/integration.ts';
import { fitDatasetHooks, fitHooks } from './tfjs/fit-hooks.ts';
import { type LayersModel, rememberInner } from './tfjs/library.ts';
import type { TfjsOptions } from './tfjs/options.ts';
import { connectRelay, type LayersExports } from './tfjs/relay.ts';
import { evaluateHooks, minimizeHooks, trainOnBatchHooks } from './tfjs/step-hooks.ts';

export { type ModelArtifacts, tfjsFolderLoader } from './tfjs/folder-loader.ts';
export type { TfjsOptions } from './tfjs/options.ts';

/** A `Sequential` hands its calls to an inner model, which is the one that is logged. */
const ofSequential = {
  args({ self }: Call): undefined {
    rememberInner(self as LayersModel);
  },
};

/** Turns the logging of TensorFlow.js on or off; the options are {@link TfjsOptions} and the common ones. */
export const autolog = autologgingIntegration<TfjsOptions>('tfjs', {
  packages: { '@tensorflow/tfjs-layers': '>=4 <5', '@tensorflow/tfjs-core': '>=4 <5' },
  options: {
    logEveryEpoch: true,
    logEveryNSteps: 'auto',
    logEvaluate: true,
    logTrainOnBatch: 'active-run',
    logCustomLoops: true,
    includeOptimizer: false,
    maxBlockMs: 250,
  },
  choices: { logEveryNSteps: ['auto', Number, null], logTrainOnBatch: ['active-run', 'always', false] },
  patches: [
    { target: 'Sequential.prototype.fit', observe: ofSequential },
    { target: 'Sequential.prototype.fitDataset', observe: ofSequential },
    { target: 'Sequential.prototype.trainOnBatch', observe: ofSequential },
    { target: 'Sequential.prototype.evaluate', observe: ofSequential },
    { target: 'Sequential.prototype.evaluateDataset', observe: ofSequential },
    { target: 'LayersModel.prototype.fit', training: fitHooks },
    { target: 'LayersModel.prototype.fitDataset', training: fitDatasetHooks },
    { target: 'LayersModel.prototype.trainOnBatch', training: trainOnBatchHooks },
    { target: 'LayersModel.prototype.evaluate', training: evaluateHooks },
    { target: 'LayersModel.prototype.evaluateDataset', training: evaluateHooks },
    { module: '@tensorflow/tfjs-core', target: 'Optimizer.prototype.minimize', training: minimizeHooks },
  ],
  attach: (exports, recorder) => connectRelay(exports as unknown as LayersExports, recorder),
});
