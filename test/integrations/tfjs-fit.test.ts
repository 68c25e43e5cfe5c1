import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tfjsFolderLoader } from '../../integrations/tfjs.ts';
import { MlflowClient, type Run, withRun } from '../../src/index.ts';
import {
  autolog,
  boston,
  compiledModel,
  iris,
  points,
  recordRuns,
  setUpTfjs,
  tf,
  weightBytes,
} from './tfjs-setup.ts';

setUpTfjs();
beforeEach(() => autolog());
afterEach(() => autolog({ disable: true }));

/** The only run that a function made. */
async function recordRun<T>(fn: () => T): Promise<{ run: Run; result: Awaited<T> }> {
  const { runs, result } = await recordRuns(fn);
  expect(runs).toHaveLength(1);
  return { run: runs[0] as Run, result };
}

async function modelFolder(run: Run): Promise<string> {
  const { artifactLocation } = await new MlflowClient().getLoggedModel(run.modelOutputs[0]?.modelId ?? '');
  return artifactLocation;
}

describe('fit', () => {
  it('logs params, metrics, tags and the summary of iris', async () => {
    const { x, y } = iris();
    const model = compiledModel('flowers');
    const { run, result } = await recordRun(() =>
      model.fit(x, y, { epochs: 3, batchSize: 40, validationSplit: 0.2, verbose: 0 }),
    );
    expect(run.info.status).toBe('FINISHED');
    expect(run.params).toEqual({
      epochs: '3',
      batch_size: '40',
      shuffle: 'True',
      initial_epoch: '0',
      validation_split: '0.2',
      class_weight: 'None',
      steps_per_epoch: 'None',
      validation_steps: 'None',
      opt_name: 'Adam',
      opt_learning_rate: '0.01',
      opt_beta_1: '0.9',
      opt_beta_2: '0.999',
      opt_epsilon: '1e-07',
      loss_function: 'categoricalCrossentropy',
      metrics: '["acc"]',
      num_layers: '2',
      total_params: '51',
      trainable_params: '51',
      non_trainable_params: '0',
    });
    for (const [name, values] of Object.entries(result.history)) {
      expect(await points(run, name)).toEqual(values.map((value, epoch) => [epoch, value]));
    }
    expect((await points(run, 'batch_loss')).map(([step]) => step)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(Object.keys(run.metrics).sort()).toEqual([
      'acc',
      'batch_acc',
      'batch_loss',
      'loss',
      'val_acc',
      'val_loss',
    ]);
    expect(run.tags).toMatchObject({
      'mlflow.autologging': 'tfjs',
      'tfjs.backend': 'cpu',
      'tfjs.model_class': 'Sequential',
      'tfjs.model_name': 'flowers',
      'tfjs.version': '4.22.0',
    });
    const summary = await new MlflowClient().downloadArtifacts(run.info.runId, 'model_summary.txt');
    expect(fs.readFileSync(summary, 'utf8')).toContain('Total params: 51');
  });

  it('logs the regression of house prices through a functional model', async () => {
    const { x, y } = boston(100);
    const input = tf.input({ shape: [13] });
    const hidden = tf.layers.dense({ units: 8, activation: 'relu' }).apply(input) as tf.SymbolicTensor;
    const model = tf.model({
      inputs: input,
      outputs: tf.layers.dense({ units: 1 }).apply(hidden) as tf.SymbolicTensor,
    });
    model.compile({ optimizer: tf.train.sgd(0.01), loss: 'meanSquaredError', metrics: ['mse'] });
    const { run, result } = await recordRun(() =>
      model.fit(x, y, { epochs: 2, validationData: [x.add(1), y], verbose: 0, shuffle: false }),
    );
    expect(run.tags['tfjs.model_class']).toBe('Functional');
    expect(run.params).toMatchObject({ opt_name: 'SGD', loss_function: 'meanSquaredError', shuffle: 'False' });
    expect(await points(run, 'val_mse')).toEqual(result.history.val_mse?.map((value, epoch) => [epoch, value]));
    expect(run.datasetInputs.map(({ tags }) => tags['mlflow.data.context']).sort()).toEqual(['eval', 'train']);
  });

  it('describes the data as MLflow describes NumPy arrays', async () => {
    const { x, y } = iris();
    const { run } = await recordRun(() => compiledModel().fit(x, y, { verbose: 0 }));
    const [input] = run.datasetInputs;
    expect(input?.tags).toEqual({ 'mlflow.data.context': 'train' });
    expect(input?.dataset).toMatchObject({
      name: 'dataset',
      sourceType: 'code',
      digest: expect.stringMatching(/^[0-9a-f]{8}$/),
    });
    const schema = JSON.parse(input?.dataset.schema ?? '').mlflow_tensorspec;
    expect(JSON.parse(schema.features)).toEqual([
      { type: 'tensor', 'tensor-spec': { dtype: 'float32', shape: [-1, 4] } },
    ]);
    expect(JSON.parse(schema.targets)).toEqual([
      { type: 'tensor', 'tensor-spec': { dtype: 'float32', shape: [-1, 3] } },
    ]);
    expect(JSON.parse(input?.dataset.profile ?? '')).toEqual({
      num_rows: 150,
      features_shape: [150, 4],
      features_size: 600,
      features_nbytes: 2400,
      targets_shape: [150, 3],
      targets_size: 450,
      targets_nbytes: 1800,
    });
    expect(JSON.parse(input?.dataset.source ?? '').tags).toMatchObject({ 'mlflow.source.type': 'LOCAL' });
  });

  it('has saved the model of its end when it resolves', async () => {
    const { x, y } = iris();
    const model = compiledModel();
    let files: string[] = [];
    const { run } = await recordRun(async () => {
      await model.fit(x, y, { verbose: 0 });
      files = fs
        .readdirSync('mlruns', { recursive: true, encoding: 'utf8' })
        .filter((it) => it.endsWith('MLmodel'));
    });
    const folder = await modelFolder(run);
    expect(files.map((file) => path.resolve('mlruns', path.dirname(file)))).toContain(path.resolve(folder));
    const loaded = await tf.loadLayersModel(tfjsFolderLoader(folder));
    expect(weightBytes(loaded).equals(weightBytes(model))).toBe(true);
    const mlmodel = fs.readFileSync(path.join(folder, 'MLmodel'), 'utf8');
    expect(mlmodel).toContain('  tfjs:\n    tfjs_version: 4.22.0\n    model_class: Sequential\n');
    expect(mlmodel).toMatch(/inputs: '\[\{"type":"tensor","tensor-spec":\{"dtype":"float32","shape":\[-1,4\]\}/);
    expect(fs.existsSync(path.join(folder, 'input_example.json'))).toBe(false);
  });

  it('stores the first rows as an example when asked', async () => {
    autolog({ logInputExamples: true, logModelSignatures: false });
    const { x, y } = iris();
    const { run } = await recordRun(() => compiledModel().fit(x, y, { verbose: 0 }));
    const folder = await modelFolder(run);
    const example = JSON.parse(fs.readFileSync(path.join(folder, 'input_example.json'), 'utf8'));
    expect(example).toEqual(x.slice([0], [5]).arraySync());
    expect(fs.readFileSync(path.join(folder, 'MLmodel'), 'utf8')).not.toContain('signature:');
  });

  it('logs no more than the options allow', async () => {
    autolog({ logModels: false, logDatasets: false, logEveryNSteps: null });
    const { x, y } = iris();
    const { run } = await recordRun(() => compiledModel().fit(x, y, { verbose: 0 }));
    expect(run.modelOutputs).toEqual([]);
    expect(run.datasetInputs).toEqual([]);
    expect(Object.keys(run.metrics).sort()).toEqual(['acc', 'loss']);
    autolog({ logEveryEpoch: false, logEveryNSteps: 3, logModels: false });
    const { run: other } = await recordRun(() =>
      compiledModel().fit(x, y, { epochs: 2, batchSize: 30, verbose: 0 }),
    );
    expect((await points(other, 'batch_loss')).map(([step]) => step)).toEqual([0, 3, 6, 9]);
    expect(other.metrics.loss).toBeUndefined();
  });

  it('tells where early stopping ended it', async () => {
    const { x, y } = iris();
    const callbacks = tf.callbacks.earlyStopping({ monitor: 'loss', patience: 1, minDelta: 1000 });
    const { run } = await recordRun(() => compiledModel().fit(x, y, { epochs: 9, callbacks, verbose: 0 }));
    expect(run.metrics.stopped_epoch?.value).toBe(1);
    expect(run.params).toMatchObject({ monitor: 'loss', patience: '1', min_delta: '1000', baseline: 'None' });
    expect((await points(run, 'loss')).map(([step]) => step)).toEqual([0, 1]);
  });

  it('goes into the run of the program, which stays open', async () => {
    const { x, y } = iris();
    const { run } = await recordRun(() =>
      withRun({ runName: 'mine' }, async (active) => {
        await compiledModel().fit(x, y, { verbose: 0 });
        expect(active.status).toBe('RUNNING');
        active.logMetric('after', 1);
      }),
    );
    expect(run.info.runName).toBe('mine');
    expect(run.metrics.after?.value).toBe(1);
    expect(run.metrics.loss).toBeDefined();
    expect(run.tags['mlflow.autologging']).toBeUndefined();
  });

  it('prefixes a second model in the same run', async () => {
    const { x, y } = iris();
    const { run } = await recordRun(() =>
      withRun(async () => {
        await compiledModel().fit(x, y, { verbose: 0 });
        await compiledModel('second').fit(x, y, { epochs: 2, verbose: 0 });
      }),
    );
    expect(run.params).toMatchObject({ epochs: '1', 'second/epochs': '2' });
    expect(run.metrics['second/loss']?.step).toBe(1);
    expect(run.modelOutputs).toHaveLength(2);
  });

  it('logs the class weights and a loss that is a function', async () => {
    const { x, y } = iris();
    const model = compiledModel();
    const loss = (yTrue: tf.Tensor, yPred: tf.Tensor) => tf.losses.meanSquaredError(yTrue, yPred);
    model.compile({ optimizer: 'sgd', loss });
    const { run } = await recordRun(() => model.fit(x, y, { verbose: 0, classWeight: { 0: 1, 1: 2, 2: 1 } }));
    expect(run.params).toMatchObject({
      loss_function: 'loss',
      class_weight: '{"0":1,"1":2,"2":1}',
      metrics: '[]',
    });
  });
});

describe('fitDataset', () => {
  function dataset(
    onItem: () => void = () => undefined,
    shift = 0,
  ): tf.data.Dataset<{ xs: tf.Tensor; ys: tf.Tensor }> {
    const { x, y } = iris();
    const xs = x.add<tf.Tensor2D>(shift).arraySync();
    const ys = y.arraySync();
    const generator = function* () {
      for (const [index, row] of xs.entries()) {
        onItem();
        yield { xs: row, ys: ys[index] as number[] };
      }
    };
    return tf.data.generator(generator as never).batch(40) as never;
  }

  it('logs params, metrics and the dataset without reading it once more', async () => {
    let plain = 0;
    autolog({ disable: true });
    await compiledModel().fitDataset(
      dataset(() => plain++),
      { epochs: 2, verbose: 0 },
    );
    autolog({ logInputExamples: true });
    let observed = 0;
    const { run, result } = await recordRun(() =>
      compiledModel().fitDataset(
        dataset(() => observed++),
        { epochs: 2, verbose: 0 },
      ),
    );
    expect(observed).toBe(plain);
    expect(run.params).toMatchObject({ epochs: '2', batch_size: '40', steps_per_epoch: 'None', opt_name: 'Adam' });
    expect(await points(run, 'loss')).toEqual(result.history.loss?.map((value, epoch) => [epoch, value]));
    expect(JSON.parse(run.datasetInputs[0]?.dataset.profile ?? '')).toMatchObject({
      num_rows: 150,
      batch_size: 40,
      features_shape: [150, 4],
      targets_size: 450,
    });
    expect(run.modelOutputs).toHaveLength(1);
    const example = fs.readFileSync(path.join(await modelFolder(run), 'input_example.json'), 'utf8');
    expect(JSON.parse(example)).toHaveLength(5);
  });

  it('describes an endless dataset without a number of rows, and the validation data', async () => {
    const { run } = await recordRun(() =>
      compiledModel().fitDataset(dataset().repeat(), {
        epochs: 2,
        batchesPerEpoch: 2,
        validationData: dataset(undefined, 1),
        validationBatches: 1,
        verbose: 0,
      }),
    );
    expect(run.params).toMatchObject({ steps_per_epoch: '2', validation_steps: '1' });
    const profiles = Object.fromEntries(
      run.datasetInputs.map(({ tags, dataset: { profile } }) => [
        tags['mlflow.data.context'],
        JSON.parse(profile ?? ''),
      ]),
    );
    expect(profiles.train).toMatchObject({
      num_rows: null,
      batch_size: 40,
      features_shape: [-1, 4],
      features_size: null,
    });
    expect(profiles.eval).toMatchObject({ batch_size: 40 });
    expect(await points(run, 'val_loss')).toHaveLength(2);
    expect(run.metrics.eval_loss).toBeUndefined();
  });

  it('takes validation tensors and arguments that are frozen', async () => {
    const { x, y } = iris();
    const args = Object.freeze({
      epochs: 1,
      validationData: Object.freeze([x.add(1), y]) as [tf.Tensor, tf.Tensor],
      verbose: 0,
    });
    const { run } = await recordRun(() => compiledModel().fitDataset(Object.freeze(dataset()), args));
    expect(run.datasetInputs.map(({ tags }) => tags['mlflow.data.context']).sort()).toEqual(['eval', 'train']);
    expect(run.metrics.eval_loss).toBeUndefined();
  });
});

describe('evaluate', () => {
  it('logs into the run of the training, counting', async () => {
    const { x, y } = iris();
    const model = compiledModel();
    const { run, result } = await recordRun(async () => {
      await model.fit(x, y, { verbose: 0 });
      const first = model.evaluate(x, y) as tf.Scalar[];
      const second = (await model.evaluateDataset(tf.data.array([{ xs: x, ys: y }]) as never, {
        batches: 1,
      })) as tf.Scalar[];
      return [first, second].map((scalars) => scalars.map((scalar) => scalar.dataSync()[0] as number));
    });
    expect(await points(run, 'eval_loss')).toEqual(result.map(([loss], step) => [step, loss]));
    expect(await points(run, 'eval_acc')).toEqual(result.map(([, accuracy], step) => [step, accuracy]));
    expect(run.info.status).toBe('FINISHED');
  });

  it('of a model that was not trained here begins no run', async () => {
    const { x, y } = iris();
    const { runs } = await recordRuns(() => compiledModel().evaluate(x, y));
    expect(runs).toEqual([]);
  });

  it('that fails leaves the training as it ended', async () => {
    const { x, y } = iris();
    const model = compiledModel();
    const { run } = await recordRun(async () => {
      await model.fit(x, y, { verbose: 0 });
      expect(() => model.evaluate(x, tf.zeros([3, 3]))).toThrow();
      model.evaluate(x, y);
    });
    expect(run.info.status).toBe('FINISHED');
    expect(await points(run, 'eval_loss')).toHaveLength(1);
  });
});

describe('loops of the program', () => {
  it('over trainOnBatch log into an active run only', async () => {
    const { x, y } = iris();
    const model = compiledModel();
    const { runs } = await recordRuns(() => model.trainOnBatch(x, y));
    expect(runs).toEqual([]);
    const { run, result } = await recordRun(() =>
      withRun(async () => [await model.trainOnBatch(x, y), await model.trainOnBatch(x, y)] as number[][]),
    );
    expect(await points(run, 'batch_loss')).toEqual(result.map(([loss], step) => [step, loss]));
    expect(await points(run, 'batch_acc')).toEqual(result.map(([, accuracy], step) => [step, accuracy]));
    expect(run.params).toMatchObject({ opt_name: 'Adam', batch_size: '150', total_params: '51' });
  });

  it('over trainOnBatch get a run of their own when asked', async () => {
    autolog({ logTrainOnBatch: 'always' });
    const { x, y } = iris();
    const model = compiledModel();
    const { run } = await recordRun(async () => {
      await model.trainOnBatch(x, y);
      await model.trainOnBatch(x, y);
    });
    expect(await points(run, 'batch_loss')).toHaveLength(2);
    expect(run.info.status).toBe('FINISHED');
  });

  it('over minimize log the loss, and return what they returned', async () => {
    const weight = tf.variable(tf.scalar(3));
    const optimizer = tf.train.sgd(0.25);
    const cost = () => weight.square().asScalar();
    const { run } = await recordRun(() =>
      withRun(() => {
        expect(optimizer.minimize(cost)).toBeNull();
        const second = optimizer.minimize(cost, true) as tf.Scalar;
        expect(second.dataSync()[0]).toBe(2.25);
        second.dispose();
      }),
    );
    expect(await points(run, 'batch_loss')).toEqual([
      [0, 9],
      [1, 2.25],
    ]);
    expect(run.params).toEqual({ opt_name: 'SGD', opt_learning_rate: '0.25' });
    weight.dispose();
  });
});
