import { describe, expect, it } from 'vitest';
import { numpyDigest } from '../../integrations/tfjs/digest.ts';
import type { Optimizer } from '../../integrations/tfjs/library.ts';
import { correctValidation, evaluationMetrics, metricKeys } from '../../integrations/tfjs/metrics.ts';
import { isLoggedStep, stepInterval } from '../../integrations/tfjs/options.ts';
import {
  earlyStoppingParams,
  findEarlyStopping,
  fitParams,
  optimizerParams,
} from '../../integrations/tfjs/params.ts';
import { toPythonFloat } from '../../integrations/tfjs/python-float.ts';
import { boston, setUpTfjs, tf } from './tfjs-setup.ts';

setUpTfjs();

describe('a Python float', () => {
  // Left: repr() of Python 3.11.
  const cases = {
    '0.0': 0,
    '-0.0': -0,
    '1.0': 1,
    '0.001': 0.001,
    '0.0001': 0.0001,
    '1e-05': 0.00001,
    '1e-07': 1e-7,
    '1.5e-10': 1.5e-10,
    '0.1': 0.1,
    '-2.5': -2.5,
    '1000000000000000.0': 1e15,
    '1e+16': 1e16,
    '1.25e+100': 1.25e100,
    nan: Number.NaN,
    inf: Number.POSITIVE_INFINITY,
    '-inf': Number.NEGATIVE_INFINITY,
  };
  for (const [text, value] of Object.entries(cases)) {
    it(`writes ${value} as ${text}`, () => expect(toPythonFloat(value)).toBe(text));
  }
});

describe('a digest', () => {
  const features = {
    values: Float32Array.from({ length: 12 }, (_, index) => Math.fround(index) / 7),
    shape: [4, 3],
  };
  const targets = { values: Int32Array.of(1, 2, -3, 4), shape: [4] };
  const flags = { values: Uint8Array.of(1, 0, 1), shape: [3] };
  const odd = { values: Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY, -0), shape: [3] };
  const many = Float32Array.from({ length: 10_000 }, (_, index) => index * 0.5);

  // Made by mlflow.data.digest_utils.compute_numpy_digest, mlflow 3.17 with pandas 3.1.
  it('is the one that MLflow gives to the same numbers', () => {
    expect(numpyDigest([features])).toBe('3706df64');
    expect(numpyDigest([targets])).toBe('b679321e');
    expect(numpyDigest([flags])).toBe('fab15d24');
    expect(numpyDigest([features, targets])).toBe('58df0ab9');
    expect(numpyDigest([odd])).toBe('6df3b31c');
    expect(numpyDigest([{ values: many, shape: [10_000, 3] }])).toBe('33c4eba4');
  });

  it('tells shapes and values apart', () => {
    const digests = [
      numpyDigest([features]),
      numpyDigest([{ ...features, shape: [3, 4] }]),
      numpyDigest([{ ...features, values: features.values.map((value) => value + 1) }]),
      numpyDigest([{ values: undefined, shape: [4, 3] }]),
    ];
    expect(new Set(digests).size).toBe(4);
  });
});

describe('params', () => {
  it('have the names and texts of Keras for each optimizer', () => {
    const named = (optimizer: unknown) => optimizerParams(optimizer as Optimizer);
    expect(named(tf.train.adam(0.002))).toEqual({
      opt_name: 'Adam',
      opt_learning_rate: '0.002',
      opt_beta_1: '0.9',
      opt_beta_2: '0.999',
      opt_epsilon: '1e-07',
    });
    expect(named(tf.train.sgd(1))).toEqual({ opt_name: 'SGD', opt_learning_rate: '1.0' });
    expect(named(tf.train.rmsprop(0.1))).toMatchObject({
      opt_name: 'RMSProp',
      opt_rho: '0.9',
      opt_centered: false,
    });
    expect(named(tf.train.momentum(0.1, 0.9, true))).toMatchObject({ opt_momentum: '0.9', opt_nesterov: true });
    expect(named(tf.train.adagrad(0.1))).toMatchObject({ opt_initial_accumulator_value: '0.1' });
    expect(named(tf.train.adadelta())).toMatchObject({ opt_name: 'Adadelta', opt_rho: '0.95' });
    expect(named(tf.train.adamax(0.1))).toMatchObject({ opt_name: 'Adamax', opt_decay: '0.0' });
  });

  it("call a subclass by the program's own name", () => {
    class Lion extends tf.SGDOptimizer {}
    expect(optimizerParams(new Lion(0.1) as unknown as Optimizer)).toMatchObject({ opt_name: 'Lion' });
  });

  it('are the defaults of tfjs where a fit says nothing', () => {
    expect(fitParams()).toMatchObject({
      epochs: 1,
      batch_size: 32,
      shuffle: true,
      initial_epoch: 0,
      validation_split: '0.0',
    });
  });

  it('tell of early stopping, wherever it stands among the callbacks', () => {
    const stopping = tf.callbacks.earlyStopping({ monitor: 'loss', patience: 2, minDelta: 0.01 });
    const params = { monitor: 'loss', patience: 2, min_delta: 0.01, mode: 'auto', restore_best_weights: false };
    for (const callbacks of [stopping, [stopping], [new tf.CustomCallback({}), stopping]]) {
      expect(earlyStoppingParams(findEarlyStopping(callbacks))).toMatchObject(params);
    }
    expect(earlyStoppingParams(findEarlyStopping([{ onEpochEnd: () => undefined }]))).toEqual({});
    expect(earlyStoppingParams(findEarlyStopping(undefined))).toEqual({});
  });
});

describe('metrics', () => {
  it('get a name where they have none, and no character that MLflow refuses', () => {
    expect(metricKeys({ '': 1, val_: 2, 'a(b)': 3, 'ok/a-b.c d': 4 })).toEqual({
      unnamed_metric: 1,
      val_unnamed_metric: 2,
      a_b_: 3,
      'ok/a-b.c d': 4,
    });
  });

  // Outputs a and b with losses 2 and 3, accuracies .5 and .6: tfjs gives [2, 5, 2, 3, .5, .6] and cuts it to 5 names.
  const shifted = { val_loss: 2, val_a_loss: 5, val_b_loss: 2, val_a_acc: 3, val_b_acc: 0.5, loss: 4 };

  it('of several outputs are put under their right names', () => {
    expect(correctValidation(shifted, 2)).toEqual({
      metrics: { loss: 4, val_loss: 5, val_a_loss: 2, val_b_loss: 3, val_a_acc: 0.5 },
      isCorrected: true,
    });
  });

  it('of several outputs without others are completed from the running sums', () => {
    const { metrics } = correctValidation({ val_loss: 1, val_a_loss: 3, val_b_loss: 7, val_c_loss: 1 }, 3);
    expect(metrics).toEqual({ val_loss: 7, val_a_loss: 1, val_b_loss: 2, val_c_loss: 4 });
  });

  it('that are right already stay as they are', () => {
    const right = { val_loss: 5, val_a_loss: 2, val_b_loss: 3, val_a_acc: 0.5 };
    expect(correctValidation(right, 2)).toEqual({ metrics: right, isCorrected: false });
    expect(correctValidation({ val_loss: 1, val_acc: 1 }, 1)).toMatchObject({ isCorrected: false });
    expect(correctValidation({ loss: 1 }, 2)).toMatchObject({ isCorrected: false });
  });

  it('of an evaluation are all there', () => {
    const names = ['loss', 'a_loss', 'b_loss', 'a_acc', 'b_acc'];
    expect(evaluationMetrics(names, [2, 5, 2, 3, 0.5, 0.6], 2)).toEqual({
      loss: 5,
      a_loss: 2,
      b_loss: 3,
      a_acc: 0.5,
      b_acc: 0.6,
    });
    expect(evaluationMetrics(['loss', 'acc'], [1, 0.5], 1)).toEqual({ loss: 1, acc: 0.5 });
    expect(evaluationMetrics(['loss'], [1], 1)).toEqual({ loss: 1 });
  });
});

describe('steps', () => {
  it('are logged so that a fit makes at most 1000 points', () => {
    expect(stepInterval('auto', 400)).toBe(1);
    expect(stepInterval('auto', 1001)).toBe(2);
    expect(stepInterval('auto', 123_456)).toBe(124);
    expect(stepInterval('auto', undefined)).toBe(10);
    expect(stepInterval(7, 400)).toBe(7);
    expect(stepInterval(null, 400)).toBe(0);
  });

  it('of a loop are logged one by one, later each tenth', () => {
    expect([0, 999, 1000, 1001, 1010].map((step) => isLoggedStep('auto', step))).toEqual([
      true,
      true,
      true,
      false,
      true,
    ]);
    expect([0, 1, 2].map((step) => isLoggedStep(2, step))).toEqual([true, false, true]);
    expect(isLoggedStep(null, 0)).toBe(false);
  });
});

describe('the house prices', () => {
  it('are the real ones', () => expect(boston().x.shape).toEqual([506, 13]));
});
