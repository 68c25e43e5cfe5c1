import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MlflowClient, type Run, withRun } from '../../src/index.ts';
import {
  autolog,
  boston,
  compiledModel,
  iris,
  irisModel,
  points,
  recordRuns,
  setUpTfjs,
  tf,
  weightBytes,
} from './tfjs-setup.ts';

setUpTfjs();
beforeEach(() => autolog());
afterEach(() => autolog({ disable: true }));

/** What a training gives when the program has seeded `Math.random`, which tfjs shuffles with. */
async function trainSeeded(train: (model: tf.Sequential) => Promise<unknown>): Promise<string> {
  const { random } = Math;
  let state = 42;
  Math.random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  try {
    const model = compiledModel('seeded');
    const result = await train(model);
    return JSON.stringify([result, Math.random(), weightBytes(model).toString('base64')]);
  } finally {
    Math.random = random;
  }
}

const trainings: Record<string, (model: tf.Sequential) => Promise<unknown>> = {
  async fit(model) {
    const { x, y } = iris();
    return (await model.fit(x, y, { epochs: 3, validationSplit: 0.1, verbose: 0 })).history;
  },
  async fitDataset(model) {
    const { x, y } = iris();
    const data = tf.data.zip({ xs: tf.data.array(x.arraySync()), ys: tf.data.array(y.arraySync()) });
    const shuffled = data.shuffle(50, 'seed').batch(32) as tf.data.Dataset<tf.TensorContainerObject>;
    return (await model.fitDataset(shuffled, { epochs: 2, validationData: [x, y], verbose: 0 })).history;
  },
  async trainOnBatch(model) {
    const { x, y } = iris();
    return withRun(async () => [await model.trainOnBatch(x, y), await model.trainOnBatch(x, y)]);
  },
};

describe('a training', () => {
  for (const [name, train] of Object.entries(trainings)) {
    it(`by ${name} gives the same, bit for bit, with autologging and without`, async () => {
      const logged = await trainSeeded(train);
      autolog({ disable: true });
      expect(logged).toBe(await trainSeeded(train));
    });
  }

  it('leaves as many tensors as without autologging', async () => {
    const { x, y } = iris();
    const train = async () => {
      const model = compiledModel();
      await model.fit(x, y, { epochs: 2, validationSplit: 0.1, verbose: 0 });
      tf.dispose(model.evaluate(x, y));
      const data = tf.data.array([{ xs: x, ys: y }]).map(({ xs, ys }) => ({ xs: xs.clone(), ys: ys.clone() }));
      await model.fitDataset(data as never, { epochs: 2, verbose: 0 });
      return tf.memory().numTensors;
    };
    const growth = async () => (await train()) - (await train());
    autolog({ logInputExamples: true, includeOptimizer: true });
    const logged = await growth();
    autolog({ disable: true });
    expect(logged).toBe(await growth());
  });

  it('gets the arguments of the program, which may be frozen, and leaves them as they are', async () => {
    const { x, y } = iris();
    const seen: string[] = [];
    const callbacks = Object.freeze([
      Object.freeze({ onEpochEnd: (epoch: number) => void seen.push(`epoch ${epoch}`) }),
    ]);
    const args = Object.freeze({ epochs: 2, callbacks: callbacks as never, verbose: 0 as const });
    const { runs } = await recordRuns(() => compiledModel().fit(x, y, args));
    expect(seen).toEqual(['epoch 0', 'epoch 1']);
    expect(runs[0]?.info.status).toBe('FINISHED');
  });

  it('works with callbacks that are instances, which tfjs does not mix with others', async () => {
    const { x, y } = iris();
    class Count extends tf.Callback {
      batches = 0;
      override async onBatchEnd(): Promise<void> {
        this.batches++;
      }
    }
    const count = new Count();
    const { runs } = await recordRuns(() =>
      compiledModel().fit(x, y, { batchSize: 50, callbacks: [count], verbose: 0 }),
    );
    expect(count.batches).toBe(3);
    expect(await points(runs[0], 'batch_loss')).toHaveLength(3);
  });

  it('passes on the very error of the program, and ends the run as FAILED', async () => {
    const { x, y } = iris();
    const model = compiledModel();
    const error = new Error('out of patience');
    const onEpochEnd = () => {
      throw error;
    };
    const { runs, result } = await recordRuns(async () => {
      const caught = await model.fit(x, y, { callbacks: { onEpochEnd }, verbose: 0 }).catch((reason) => reason);
      await model.fit(x, y, { verbose: 0 });
      return caught;
    });
    expect(result).toBe(error);
    expect(runs.map(({ info }) => info.status)).toEqual(['FAILED', 'FINISHED']);
    expect(runs[0]?.tags['tfjs.error']).toBe('Error: out of patience');
  });

  it('that is refused gets the error of the library and no run', async () => {
    const { x, y } = iris();
    const fit = irisModel().fit(x, y, { verbose: 0 });
    const { runs } = await recordRuns(() => expect(fit).rejects.toThrow(/compile/));
    expect(runs).toEqual([]);
  });

  it('of a model that is being trained is refused as ever, and the first goes on', async () => {
    const { x, y } = iris();
    const model = compiledModel();
    const { runs, result } = await recordRuns(() =>
      Promise.allSettled([model.fit(x, y, { verbose: 0 }), model.fit(x, y, { epochs: 2, verbose: 0 })]),
    );
    expect(result.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(runs.map(({ info }) => info.status)).toEqual(['FINISHED']);
    expect(runs[0]?.params.epochs).toBe('1');
  });

  it('of two models at once makes two runs', async () => {
    const { x, y } = iris();
    const { runs } = await recordRuns(() =>
      Promise.all(
        [compiledModel('a'), compiledModel('b')].map((model) => model.fit(x, y, { epochs: 2, verbose: 0 })),
      ),
    );
    expect(runs.map(({ tags }) => tags['tfjs.model_name']).sort()).toEqual(['a', 'b']);
    for (const run of runs) expect(await points(run, 'loss')).toHaveLength(2);
  });

  it('keeps losses that are no numbers', async () => {
    const { x, y } = boston(50);
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [13] })] });
    model.compile({ optimizer: tf.train.sgd(1e30), loss: 'meanSquaredError' });
    const { runs, result } = await recordRuns(() => model.fit(x, y, { epochs: 3, verbose: 0 }));
    expect(result.history.loss?.map(Number.isNaN)).toContain(true);
    expect(await points(runs[0], 'loss')).toEqual(result.history.loss?.map((value, epoch) => [epoch, value]));
  });

  it('does not log what its callbacks evaluate and train', async () => {
    const { x, y } = iris();
    const [model, other] = [compiledModel(), compiledModel('other')];
    const onEpochEnd = async () => {
      tf.dispose(model.evaluate(x, y));
      await other.fit(x, y, { verbose: 0 });
      tf.dispose(other.evaluate(x, y));
    };
    const { runs } = await recordRuns(() => model.fit(x, y, { epochs: 2, callbacks: { onEpochEnd }, verbose: 0 }));
    expect(runs).toHaveLength(1);
    expect(Object.keys(runs[0]?.metrics ?? {}).sort()).toEqual(['acc', 'batch_acc', 'batch_loss', 'loss']);
  });

  it('gives the event loop a turn where tfjs gives none', async () => {
    autolog({ maxBlockMs: 10 });
    const { x, y } = boston(200);
    const model = tf.sequential({
      layers: [tf.layers.dense({ units: 20, inputShape: [13] }), tf.layers.dense({ units: 1 })],
    });
    model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    await model.fit(x, y, {
      epochs: 15,
      verbose: 0,
      callbacks: tf.callbacks.earlyStopping({ monitor: 'loss', patience: 99 }),
    });
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(3);
  });
});

describe('evaluate', () => {
  it('returns tensors that live on', async () => {
    const { x, y } = iris();
    const model = compiledModel();
    await model.fit(x, y, { verbose: 0 });
    const scalars = model.evaluate(x, y) as tf.Scalar[];
    expect(scalars.map(({ isDisposed }) => isDisposed)).toEqual([false, false]);
    tf.dispose(scalars);
  });
});

describe('a model with several outputs', () => {
  function twoOutputs(): tf.LayersModel {
    const input = tf.input({ shape: [4] });
    const output = (name: string, seed: number) =>
      tf.layers
        .dense({
          units: 3,
          activation: 'softmax',
          name,
          kernelInitializer: tf.initializers.glorotUniform({ seed }),
        })
        .apply(input) as tf.SymbolicTensor;
    const model = tf.model({ inputs: input, outputs: [output('a', 1), output('b', 2)] });
    model.compile({ optimizer: tf.train.sgd(0), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
    return model;
  }

  it('has its validation metrics under their right names', async () => {
    const { x, y } = iris();
    const model = twoOutputs();
    const { runs, result } = await recordRuns(() =>
      model.fit(x, [y, y], { validationData: [x, [y, y]], batchSize: 150, verbose: 0 }),
    );
    const metrics = Object.fromEntries(
      Object.entries(runs[0]?.metrics ?? {}).map(([name, { value }]) => [name, value]),
    );
    // With a learning rate of 0 and the same data, both sides are the same.
    for (const name of ['loss', 'a_loss', 'b_loss', 'a_acc']) {
      expect(metrics[`val_${name}`]).toBeCloseTo(metrics[name] ?? Number.NaN, 5);
    }
    expect(metrics.val_b_acc).toBeUndefined();
    expect(result.history.val_loss?.[0]).toBeCloseTo(metrics.a_loss ?? Number.NaN, 5);
    expect(runs[0]?.tags['tfjs.val_metrics_corrected']).toBe('true');
    expect(JSON.parse(runs[0]?.datasetInputs[0]?.dataset.profile ?? '').targets_shape).toEqual({
      a: [150, 3],
      b: [150, 3],
    });
  });

  it('has all metrics of an evaluation', async () => {
    const { x, y } = iris();
    const model = twoOutputs();
    const { runs } = await recordRuns(async () => {
      await model.fit(x, [y, y], { batchSize: 150, verbose: 0 });
      tf.dispose(model.evaluate(x, [y, y], { batchSize: 150 }));
    });
    const metrics: Run['metrics'] = runs[0]?.metrics ?? {};
    for (const name of ['loss', 'a_loss', 'b_loss', 'a_acc', 'b_acc']) {
      expect(metrics[`eval_${name}`]?.value).toBeCloseTo(metrics[name]?.value ?? Number.NaN, 5);
    }
  });
});

describe('turning it off', () => {
  it('restores the functions, and leaves a relay that does nothing', async () => {
    autolog({ disable: true });
    const owners = [tf.LayersModel.prototype, tf.Sequential.prototype] as const;
    const names = ['fit', 'fitDataset', 'trainOnBatch', 'evaluate', 'evaluateDataset'] as const;
    const functions = () =>
      owners.flatMap((owner) => names.map((name) => Object.getOwnPropertyDescriptor(owner, name)));
    const before = functions();
    autolog();
    expect(functions()).not.toEqual(before);
    autolog({ disable: true });
    expect(functions()).toEqual(before);
    const { x, y } = iris();
    const { runs } = await recordRuns(() => compiledModel().fit(x, y, { verbose: 0 }));
    expect(runs).toEqual([]);
  });

  it('and on again logs once', async () => {
    autolog();
    autolog();
    const { x, y } = iris();
    const { runs } = await recordRuns(() => compiledModel().fit(x, y, { epochs: 2, verbose: 0 }));
    expect(runs).toHaveLength(1);
    expect(await points(runs[0], 'loss')).toHaveLength(2);
    expect(runs[0]?.modelOutputs).toHaveLength(1);
  });
});

describe('a backend on a device', () => {
  it('is read without waiting, and everything is there in the end', async () => {
    tf.copyRegisteredKernels('cpu', 'device');
    tf.registerBackend('device', () => tf.findBackendFactory('cpu')() as never);
    await tf.setBackend('device');
    try {
      const { x, y } = iris();
      autolog({ logInputExamples: true });
      const model = compiledModel();
      const before = tf.memory().numTensors;
      const { runs, result } = await recordRuns(() =>
        model.fit(x, y, { epochs: 3, validationSplit: 0.1, verbose: 0 }),
      );
      const [run] = runs;
      // Adam keeps two numbers for each weight.
      expect(tf.memory().numTensors).toBe(before + 2 * model.weights.length);
      expect(run?.tags['tfjs.backend']).toBe('device');
      for (const [name, values] of Object.entries(result.history)) {
        expect(await points(run, name)).toEqual(values.map((value, epoch) => [epoch, value]));
      }
      expect(await points(run, 'batch_loss')).toHaveLength(15);
      expect(run?.datasetInputs[0]?.dataset.digest).toMatch(/^[0-9a-f]{8}$/);
      expect(run?.modelOutputs).toHaveLength(1);
      const { items: models } = await new MlflowClient().searchLoggedModels({ experimentIds: ['0'] });
      expect(models.find(({ sourceRunId }) => sourceRunId === run?.info.runId)?.status).toBe('READY');
    } finally {
      await tf.setBackend('cpu');
    }
  });
});
