import { isHostBackend } from './backend.ts';
import { rowCountOf } from './datasets.ts';
import { isTensor, type LayersModel, type Optimizer, type Tensor } from './library.ts';
import { evaluationMetrics, metricKeys, toNumber } from './metrics.ts';
import { describeTraining, type Hooks, isTrainable, ofModel } from './model-hooks.ts';
import { isLoggedStep } from './options.ts';
import { optimizerName, optimizerParams } from './params.ts';

/** `trainOnBatch`: one step of a loop of the program. */
export const trainOnBatchHooks: Hooks = {
  ...ofModel,
  onlyInRun: (config) => config.logTrainOnBatch !== 'always',
  skip: ({ self }, config) => config.logTrainOnBatch === false || !isTrainable(self as LayersModel),
  begin({ self, args }, _config, training) {
    if (training.isContinued) return undefined;
    const [features] = args;
    return describeTraining(self as LayersModel, { batch_size: rowCountOf(features) }, undefined);
  },
  end(result, { self }, config, training) {
    const step = nextStep(training.memory, 'steps');
    if (!isLoggedStep(config.logEveryNSteps, step)) return undefined;
    const names = (self as LayersModel).getDedupedMetricsNames();
    const values = [result].flat() as number[];
    const metrics = Object.fromEntries(values.map((value, index) => [names[index] ?? `metric_${index}`, value]));
    training.note({ metrics: metricKeys(metrics, 'batch_') }, { step });
    return undefined;
  },
};

/** `evaluate` and `evaluateDataset`, in the run of the training or of the program. */
export const evaluateHooks: Hooks = {
  ...ofModel,
  onlyInRun: true,
  skip: ({ self }, config) => !config.logEvaluate || (self as LayersModel).isTraining || !isHostBackend(),
  end(result, { self }, _config, training) {
    const model = self as LayersModel;
    const values = ([result].flat() as Tensor[]).map(toNumber);
    const metrics = evaluationMetrics(model.getDedupedMetricsNames(), values, model.outputs.length);
    training.note({ metrics: metricKeys(metrics, 'eval_') }, { step: nextStep(training.memory, 'evaluations') });
    return undefined;
  },
};

/** `optimizer.minimize`: one step of a loop of the program, without a model. */
export const minimizeHooks: Hooks = {
  subject: ({ self }) => self as object,
  subjectName: ({ self }) => optimizerName(self as Optimizer),
  onlyInRun: true,
  skip: (_call, config) => !config.logCustomLoops || !isHostBackend(),
  begin({ self, args }, config, training) {
    const step = nextStep(training.memory, 'steps');
    const params = step === 0 ? optimizerParams(self as Optimizer) : {};
    const [compute, ...rest] = args;
    if (typeof compute !== 'function' || !isLoggedStep(config.logEveryNSteps, step)) return { params };
    const observed = (): unknown => {
      const cost: unknown = compute();
      if (isTensor(cost)) training.note({ metrics: { batch_loss: toNumber(cost) } }, { step });
      return cost;
    };
    return { params, args: [observed, ...rest] };
  },
};

/** Counts up what outlasts a call, and returns the count before. */
function nextStep(memory: Map<string, number>, key: string): number {
  const step = memory.get(key) ?? 0;
  memory.set(key, step + 1);
  return step;
}
