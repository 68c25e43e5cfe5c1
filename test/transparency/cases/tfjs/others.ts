import type * as tfjs from '@tensorflow/tfjs';
import type { TransparencyCase } from '../../case.ts';
import { digestOf, type TfjsContext } from './context.ts';

type Cases = Readonly<Record<string, TransparencyCase<TfjsContext>>>;

const quiet = { epochs: 2, batchSize: 16, verbose: 0, shuffle: false } as const;

/** What the engine holds. */
function heldBy({ tf }: TfjsContext): unknown {
  const { numTensors, numBytes, numDataBuffers } = tf.memory();
  const { state, registeredVariables } = tf.engine() as unknown as {
    state: { scopeStack: unknown[]; numBytes: number; activeScope?: { name?: string } };
    registeredVariables?: object;
  };
  const variables = Object.keys(registeredVariables ?? {}).length;
  return { numTensors, numBytes, numDataBuffers, scopes: state.scopeStack.length, variables };
}

/** Lines that are written to the console meanwhile. */
async function written<T>(fn: () => T): Promise<unknown[]> {
  const lines: string[] = [];
  const { log, warn } = console;
  console.log = console.warn = (...args: unknown[]) => void lines.push(args.map(String).join(' '));
  try {
    await fn();
  } finally {
    Object.assign(console, { log, warn });
  }
  return lines;
}

/** Everything but `fit`: steps, evaluations, memory, files and ends. */
export const otherCases: Cases = {
  'trainOnBatch takes steps': {
    spans: [],
    async run({ x, y, createModel, weightsOf }) {
      const model = createModel();
      const losses: unknown[] = [];
      for (let step = 0; step < 3; step++) losses.push(await model.trainOnBatch(x, y));
      return [losses, weightsOf(model)];
    },
  },
  'evaluate gives tensors of the program': {
    spans: [],
    async run({ x, y, createModel }) {
      const scalars = createModel().evaluate(x, y, { batchSize: 16 }) as tfjs.Scalar[];
      return scalars.map((each) => [each.dataSync()[0], each.isDisposed, each.shape]);
    },
  },
  'evaluate after fit gives the same as ever': {
    spans: [],
    async run({ x, y, createModel }) {
      const model = createModel();
      await model.fit(x, y, quiet);
      return (model.evaluate(x, y) as tfjs.Scalar[]).map((each) => each.dataSync()[0]);
    },
  },
  'evaluateDataset reads its data as often as ever': {
    spans: [],
    async run({ createModel, createDataset }) {
      const counts = { begun: 0, read: 0 };
      const scalars = (await createModel().evaluateDataset(createDataset(counts) as never, {})) as tfjs.Scalar[];
      return [scalars.map((each) => each.dataSync()[0]), counts];
    },
  },
  'predict gives the same before and after a fit': {
    spans: [],
    async run({ x, y, createModel }) {
      const model = createModel();
      const before = digestOf([model.predict(x) as tfjs.Tensor]);
      await model.fit(x, y, quiet);
      return [
        before,
        digestOf([model.predict(x) as tfjs.Tensor]),
        digestOf([model.predictOnBatch(x) as tfjs.Tensor]),
      ];
    },
  },
  'minimize takes steps': {
    spans: [],
    run({ tf, x }) {
      const weight = tf.variable(tf.ones([4, 1]));
      const optimizer = tf.train.sgd(0.1);
      const costs = [1, 2, 3].map((step) => {
        const loss = () => x.matMul(weight).square().mean() as tfjs.Scalar;
        return optimizer.minimize(loss, step !== 2, [weight])?.dataSync()[0] ?? null;
      });
      return [costs, [...weight.dataSync()]];
    },
  },
  'minimize fails in its function': {
    spans: [],
    run({ tf }) {
      const failure = new RangeError('no loss');
      try {
        tf.train.sgd(0.1).minimize(() => {
          throw failure;
        });
      } catch (error) {
        return error === failure;
      }
      return undefined;
    },
  },
  'gradients are applied by hand': {
    spans: [],
    run({ tf, x }) {
      const weight = tf.variable(tf.ones([4, 1]));
      const optimizer = tf.train.momentum(0.1, 0.9);
      for (let step = 0; step < 3; step++) {
        const { value, grads } = tf.variableGrads(() => x.matMul(weight).square().mean() as tfjs.Scalar, [weight]);
        optimizer.applyGradients(grads as tfjs.NamedTensorMap & { [name: string]: tfjs.Variable });
        tf.dispose([value, grads]);
      }
      return [...weight.dataSync()];
    },
  },
  'the engine holds no more after a fit': {
    spans: [],
    async run(context) {
      const { x, y, createModel, tf } = context;
      const model = createModel();
      await model.fit(x, y, { ...quiet, validationSplit: 0.2 });
      const held = [heldBy(context)];
      await model.fit(x, y, quiet);
      held.push(heldBy(context));
      tf.dispose(model.evaluate(x, y));
      held.push(heldBy(context));
      return held;
    },
  },
  'the engine holds no more after a fitDataset': {
    spans: [],
    async run(context) {
      const counts = { begun: 0, read: 0 };
      await context.createModel().fitDataset(context.createDataset(counts), { epochs: 2, verbose: 0 });
      return heldBy(context);
    },
  },
  'the engine holds no more after steps in a tidy': {
    spans: [],
    run(context) {
      const { tf, x, y, createModel } = context;
      const model = createModel();
      const loss = tf.tidy(() => {
        const scores = model.evaluate(x, y) as tfjs.Scalar[];
        return scores[0]?.add(1).dataSync()[0];
      });
      return [loss, heldBy(context)];
    },
  },
  'a model is disposed of': {
    spans: [],
    async run(context) {
      const model = context.createModel();
      await model.fit(context.x, context.y, quiet);
      const disposed = model.dispose();
      const refused = await model.fit(context.x, context.y, quiet).catch((error: Error) => error.message);
      return [disposed, refused, heldBy(context)];
    },
  },
  'a profile shows the same kernels': {
    spans: [],
    async run({ tf, x, y, createModel }) {
      const model = createModel();
      const { newTensors, peakBytes, kernels } = await tf.profile(async () => {
        await model.trainOnBatch(x, y);
        return tf.scalar(0);
      });
      return [newTensors, peakBytes, kernels.map(({ name }) => name)];
    },
  },
  'a fit runs the same kernels': {
    spans: [],
    async run({ tf, x, y, createModel }) {
      const model = createModel();
      const { newTensors, kernels } = await tf.profile(async () => {
        await model.fit(x, y, quiet);
        return tf.scalar(0);
      });
      return [newTensors, kernels.map(({ name }) => name)];
    },
  },
  'backend and flags stay': {
    spans: [],
    async run({ tf, x, y, createModel }) {
      await createModel().fit(x, y, quiet);
      return [tf.getBackend(), tf.env().features, tf.env().getFlags?.()];
    },
  },
  'random numbers of the library stay': {
    spans: [],
    async run({ tf, x, y, createModel }) {
      const random = tf.util.now === undefined ? undefined : tf.randomUniform([3], 0, 1, 'float32', 7);
      await createModel().fit(x, y, quiet);
      const after = tf.randomNormal([3], 0, 1, 'float32', 7);
      return [random?.arraySync(), after.arraySync()];
    },
  },
  'names of new layers count on': {
    spans: [],
    async run({ tf, x, y, createModel }) {
      const before = tf.layers.dense({ units: 1 }).name;
      await createModel().fit(x, y, quiet);
      const number = (name: string) => Number(/\d+$/.exec(name)?.[0]);
      return number(tf.layers.dense({ units: 1 }).name) - number(before);
    },
  },
  'the summary of a model is printed': {
    spans: [],
    async run({ x, y, createModel }) {
      const model = createModel();
      await model.fit(x, y, quiet);
      return written(() => model.summary());
    },
  },
  'a fit prints no more than ever': {
    spans: [],
    run: ({ x, y, createModel }) => written(() => createModel().fit(x, y, { epochs: 1, shuffle: false })),
  },
  'a model is saved and loaded': {
    spans: [],
    async run({ tf, x, y, createModel, weightsOf }) {
      const model = createModel();
      await model.fit(x, y, quiet);
      let artifacts: tfjs.io.ModelArtifacts | undefined;
      const handler = tf.io.withSaveHandler(async (saved) => {
        artifacts = saved;
        return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
      });
      const result = await model.save(handler, { includeOptimizer: true });
      const loaded = await tf.loadLayersModel(tf.io.fromMemory(artifacts as tfjs.io.ModelArtifacts));
      const { modelTopology, weightSpecs, trainingConfig } = artifacts ?? {};
      return [result, modelTopology, weightSpecs, trainingConfig, weightsOf(loaded) === weightsOf(model)];
    },
  },
  'an optimizer keeps its state': {
    spans: [],
    async run({ x, y, createModel }) {
      const model = createModel();
      await model.fit(x, y, quiet);
      const { optimizer } = model;
      const weights = await optimizer.getWeights();
      return [
        optimizer.iterations,
        optimizer.getConfig(),
        weights.map(({ name }) => name),
        digestOf(weights.map(({ tensor }) => tensor)),
      ];
    },
  },
  'a model has no other members': {
    spans: [],
    async run({ tf, x, y, createModel }) {
      const model = createModel();
      const before = Reflect.ownKeys(model).map(String);
      await model.fit(x, y, quiet);
      const { fit, evaluate } = tf.LayersModel.prototype;
      return [before, Reflect.ownKeys(model).map(String), fit.name, fit.length, evaluate.name, evaluate.length];
    },
  },
  'a class of the program extends the model': {
    spans: [],
    async run({ tf, x, y, weightsOf }) {
      class Mine extends tf.Sequential {
        override async fit(...args: Parameters<tfjs.Sequential['fit']>) {
          return super.fit(...args);
        }
      }
      const kernelInitializer = tf.initializers.glorotUniform({ seed: 3 });
      const model = new Mine({ layers: [tf.layers.dense({ units: 3, inputShape: [4], kernelInitializer })] });
      model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
      return [(await model.fit(x, y, quiet)).history, weightsOf(model), model.constructor.name];
    },
  },
  'nobody waits for a fit, and the program ends': {
    spans: [],
    alone: true,
    run({ x, y, createModel }) {
      const model = createModel({ isFunctional: true });
      void model.fit(x, y, { ...quiet, callbacks: { onTrainEnd: () => console.log('trained') } });
      return undefined;
    },
  },
  'nobody waits for a fit that fails, which ends the program': {
    spans: [],
    alone: true,
    run({ x, y, createModel }) {
      const onEpochEnd = () => {
        throw new RangeError('no more');
      };
      void createModel({ isFunctional: true }).fit(x, y, { ...quiet, callbacks: { onEpochEnd } });
      return undefined;
    },
  },
  'a program trains and ends': {
    spans: [],
    alone: true,
    async run({ x, y, createModel }) {
      const { history } = await createModel().fit(x, y, quiet);
      console.log(JSON.stringify(history));
      return undefined;
    },
  },
  'a program ends itself while it trains': {
    spans: [],
    alone: true,
    run({ x, y, createModel }) {
      const onEpochEnd = (): void => process.exit(3);
      void createModel().fit(x, y, { ...quiet, callbacks: { onEpochEnd } });
      return undefined;
    },
  },
};
