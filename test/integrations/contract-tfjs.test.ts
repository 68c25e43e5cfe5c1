import * as tf from '@tensorflow/tfjs';
import { beforeAll } from 'vitest';
import { autolog } from '../../integrations/tfjs.ts';
import { testOwnIntegration } from './own-contract.ts';
import { compiledModel, iris, weightBytes } from './tfjs-setup.ts';

beforeAll(async () => {
  tf.env().set('IS_TEST', true);
  await tf.setBackend('cpu');
});

testOwnIntegration({
  integration: autolog,
  async use() {
    const { x, y } = iris(5);
    const model = compiledModel();
    const { history, epoch } = await model.fit(x, y, {
      epochs: 2,
      shuffle: false,
      verbose: 0,
      validationSplit: 0.2,
    });
    const batch = await model.trainOnBatch(x, y);
    const evaluation = [model.evaluate(x, y)].flat().map((value) => value.dataSync()[0]);
    return { history, epoch, batch, evaluation, weights: weightBytes(model).toString('hex') };
  },
  async fail(error) {
    const { x, y } = iris(5);
    const onEpochEnd = (): never => {
      throw error;
    };
    return await compiledModel()
      .fit(x, y, { verbose: 0, callbacks: { onEpochEnd } })
      .catch((caught: unknown) => caught);
  },
  expected: {
    traces: [],
    runs: [
      {
        status: 'FINISHED',
        autologging: 'tfjs',
        params: [
          'batch_size',
          'class_weight',
          'epochs',
          'initial_epoch',
          'loss_function',
          'metrics',
          'non_trainable_params',
          'num_layers',
          'opt_beta_1',
          'opt_beta_2',
          'opt_epsilon',
          'opt_learning_rate',
          'opt_name',
          'shuffle',
          'steps_per_epoch',
          'total_params',
          'trainable_params',
          'validation_split',
          'validation_steps',
        ],
        metrics: ['acc', 'batch_acc', 'batch_loss', 'eval_acc', 'eval_loss', 'loss', 'val_acc', 'val_loss'],
        datasets: ['train'],
        models: 1,
      },
    ],
  },
  // It is asked for a second model in one run.
  unreached: ['subjectName'],
});
