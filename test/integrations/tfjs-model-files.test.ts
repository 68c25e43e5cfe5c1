import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LayersModel } from '../../integrations/tfjs/library.ts';
import { saveLayersModel } from '../../integrations/tfjs/save-model.ts';
import { tfjsFolderLoader } from '../../integrations/tfjs.ts';
import { compiledModel, iris, irisModel, setUpTfjs, tf, weightBytes } from './tfjs-setup.ts';

setUpTfjs();

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'autolog-tfjs-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

function save(
  model: tf.LayersModel,
  options: { includeOptimizer?: boolean; shardBytes?: number } = {},
): Promise<void> {
  return saveLayersModel(model as unknown as LayersModel, folder, {
    includeOptimizer: false,
    version: '4.22.0',
    ...options,
  });
}

function readJson(): { trainingConfig?: object; weightsManifest: [{ paths: string[] }] } {
  return JSON.parse(fs.readFileSync(path.join(folder, 'model.json'), 'utf8'));
}

function readWeights(): Buffer {
  return Buffer.concat(
    readJson().weightsManifest[0].paths.map((name) => fs.readFileSync(path.join(folder, name))),
  );
}

/** What the library's own `save` makes of a model. */
async function saveByLibrary(model: tf.LayersModel, config?: tf.io.SaveConfig): Promise<tf.io.ModelArtifacts> {
  let artifacts: tf.io.ModelArtifacts = {};
  await model.save(
    tf.io.withSaveHandler(async (saved) => {
      artifacts = saved;
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
    }),
    config,
  );
  return artifacts;
}

async function fitOnce(model: tf.LayersModel): Promise<number> {
  const { x, y } = iris(3);
  const { history } = await model.fit(x, y, { shuffle: false, verbose: 0 });
  return history.loss?.[0] as number;
}

describe('a saved model', () => {
  it('has the weights and the topology that the library saves, byte for byte', async () => {
    const model = compiledModel();
    await save(model);
    const library = await saveByLibrary(model);
    expect(readWeights().equals(Buffer.from(library.weightData as ArrayBuffer))).toBe(true);
    expect(readJson()).toMatchObject({
      format: library.format,
      generatedBy: library.generatedBy,
      convertedBy: null,
      modelTopology: JSON.parse(JSON.stringify(library.modelTopology)),
      weightsManifest: [{ paths: ['group1-shard1of1.bin'], weights: library.weightSpecs }],
    });
  });

  it('has the state of the optimizer when it is asked for, and leaves no tensor behind', async () => {
    const model = compiledModel();
    await fitOnce(model);
    const { numTensors } = tf.memory();
    await save(model, { includeOptimizer: true });
    expect(tf.memory().numTensors).toBe(numTensors);
    const library = await saveByLibrary(model, { includeOptimizer: true });
    expect(readWeights().equals(Buffer.from(library.weightData as ArrayBuffer))).toBe(true);
    expect(readJson()).toMatchObject({ weightsManifest: [{ weights: library.weightSpecs }] });
  });

  it('is spread over files of the given size, tensors across them', async () => {
    const model = compiledModel();
    await save(model, { shardBytes: 50 });
    const { paths } = readJson().weightsManifest[0];
    const sizes = paths.map((name) => fs.statSync(path.join(folder, name)).size);
    expect(paths[0]).toBe('group1-shard1of5.bin');
    expect(sizes).toEqual([50, 50, 50, 50, 4]);
    expect(readWeights().equals(weightBytes(model))).toBe(true);
    const loaded = await tf.loadLayersModel(tfjsFolderLoader(folder));
    expect(weightBytes(loaded).equals(weightBytes(model))).toBe(true);
  });

  it('has the weights of the moment, whatever the program does meanwhile', async () => {
    const model = compiledModel();
    const before = weightBytes(model);
    const saved = save(model);
    model.setWeights(model.getWeights().map((weight) => tf.zerosLike(weight)));
    model.dispose();
    await saved;
    expect(readWeights().equals(before)).toBe(true);
  });

  it('has what the program said of it', async () => {
    const model = compiledModel();
    model.setUserDefinedMetadata({ labels: ['setosa'] });
    await save(model);
    expect(readJson()).toMatchObject({ userDefinedMetadata: { labels: ['setosa'] } });
  });
});

describe('a loaded model', () => {
  it('predicts the same, and is compiled', async () => {
    const model = compiledModel();
    await fitOnce(model);
    await save(model);
    const loaded = await tf.loadLayersModel(tfjsFolderLoader(folder));
    const { x } = iris(3);
    const predict = (each: tf.LayersModel) => [...(each.predict(x) as tf.Tensor).dataSync()];
    expect(predict(loaded)).toEqual(predict(model));
    expect(loaded.optimizer.getClassName()).toBe('Adam');
    expect(loaded).toBeInstanceOf(tf.Sequential);
  });

  it('goes on as if it had not been away when the optimizer was saved', async () => {
    const model = irisModel();
    // Adam rounds differently after loading: it takes a power where it had multiplied (tfjs-core 4.22).
    model.compile({ optimizer: tf.train.momentum(0.1, 0.9), loss: 'categoricalCrossentropy' });
    await fitOnce(model);
    await save(model, { includeOptimizer: true });
    const loaded = await tf.loadLayersModel(tfjsFolderLoader(folder));
    await fitOnce(model);
    await fitOnce(loaded);
    expect(weightBytes(loaded).equals(weightBytes(model))).toBe(true);
  });

  it('is not compiled when its loss or a metric is a function', async () => {
    const functions = [
      { loss: (yTrue: tf.Tensor, yPred: tf.Tensor) => tf.losses.meanSquaredError(yTrue, yPred) },
      { loss: 'meanSquaredError', metrics: [(yTrue: tf.Tensor, yPred: tf.Tensor) => yTrue.sub(yPred).mean()] },
    ];
    for (const args of functions) {
      const model = irisModel();
      model.compile({ optimizer: 'sgd', ...args });
      await save(model);
      expect(readJson().trainingConfig).toBeUndefined();
      const loaded = await tf.loadLayersModel(tfjsFolderLoader(folder));
      expect(weightBytes(loaded).equals(weightBytes(model))).toBe(true);
    }
  });

  it('comes from the folder of a logged model too', async () => {
    await save(compiledModel());
    const logged = path.join(folder, 'logged');
    fs.mkdirSync(path.join(logged, 'data'), { recursive: true });
    for (const file of ['model.json', 'group1-shard1of1.bin']) {
      fs.renameSync(path.join(folder, file), path.join(logged, 'data', file));
    }
    const loaded = await tf.loadLayersModel(tfjsFolderLoader(logged));
    expect(loaded.countParams()).toBe(51);
  });
});

describe('a folder that is no model', () => {
  const code = (promise: Promise<unknown>) => promise.catch((error) => error);

  it('is refused without a model.json', async () => {
    const error = await code(tfjsFolderLoader(folder).load());
    expect(error).toMatchObject({
      code: 'RESOURCE_DOES_NOT_EXIST',
      message: expect.stringContaining('model.json'),
    });
  });

  it('is refused without its weights', async () => {
    await save(compiledModel());
    fs.rmSync(path.join(folder, 'group1-shard1of1.bin'));
    const error = await code(tfjsFolderLoader(folder).load());
    expect(error).toMatchObject({ code: 'RESOURCE_DOES_NOT_EXIST', message: expect.stringContaining('group1') });
  });

  it('is refused when its weights lie outside of it', async () => {
    for (const outside of ['../secret.bin', path.join(os.tmpdir(), 'secret.bin'), 'a/../../secret.bin']) {
      await save(compiledModel());
      const text = JSON.stringify({ ...readJson(), weightsManifest: [{ paths: [outside], weights: [] }] });
      fs.writeFileSync(path.join(folder, 'model.json'), text);
      const error = await code(tfjsFolderLoader(folder).load());
      expect(error).toMatchObject({ code: 'INVALID_PARAMETER_VALUE', message: expect.stringContaining(outside) });
    }
  });
});

it('a model whose values are gone is refused in one sentence', async () => {
  const model = compiledModel();
  const [weight] = model.getWeights();
  tf.engine().disposeTensor(weight as tf.Tensor);
  await expect(save(model)).rejects.toThrow(/^Cannot save the weight '.*kernel': its values are gone; /);
});
