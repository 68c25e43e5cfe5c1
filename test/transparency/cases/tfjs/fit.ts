import type * as tfjs from '@tensorflow/tfjs';
import type { TransparencyCase } from '../../case.ts';
import { seeded, type TfjsContext } from './context.ts';

type Cases = Readonly<Record<string, TransparencyCase<TfjsContext>>>;

const quiet = { epochs: 3, batchSize: 16, verbose: 0 } as const;

/** Callbacks of a program that write down what they are told. */
function listeners(events: unknown[]): tfjs.CustomCallbackArgs {
  const told = (name: string) => (at?: unknown, logs?: unknown) => void events.push([name, at, logs]);
  return {
    onTrainBegin: told('train begins'),
    onTrainEnd: told('train ends'),
    onEpochBegin: told('epoch begins'),
    onEpochEnd: told('epoch ends'),
    onBatchBegin: told('batch begins'),
    onBatchEnd: told('batch ends'),
  };
}

/** `fit` and `fitDataset`: what they give, and what callbacks are told. */
export const fitCases: Cases = {
  'fit gives its history and its weights': {
    spans: [],
    async run({ x, y, createModel, weightsOf }) {
      const model = createModel();
      const { history, epoch } = await model.fit(x, y, { ...quiet, shuffle: false });
      return [history, epoch, weightsOf(model)];
    },
  },
  'fit of a functional model gives its history and its weights': {
    spans: [],
    async run({ x, y, createModel, weightsOf }) {
      const model = createModel({ isFunctional: true });
      const { history } = await model.fit(x, y, { ...quiet, shuffle: false });
      return [history, weightsOf(model)];
    },
  },
  'fit shuffles with the numbers of the program, and takes no others': {
    spans: [],
    async run({ x, y, createModel, weightsOf }) {
      const model = createModel();
      const { result, asked } = await seeded(() => model.fit(x, y, quiet));
      return [result.history, asked, weightsOf(model)];
    },
  },
  'fit splits off rows for validation': {
    spans: [],
    async run({ x, y, createModel, weightsOf }) {
      const model = createModel();
      const { history } = await model.fit(x, y, { ...quiet, shuffle: false, validationSplit: 0.2 });
      return [history, weightsOf(model)];
    },
  },
  'fit validates with data': {
    spans: [],
    async run({ x, y, createModel }) {
      const { history } = await createModel().fit(x, y, { ...quiet, shuffle: false, validationData: [x, y] });
      return [history, x.isDisposed, y.isDisposed];
    },
  },
  'fit weighs classes and goes on from an epoch': {
    spans: [],
    async run({ x, y, createModel, weightsOf }) {
      const model = createModel();
      const classWeight = { 0: 1, 1: 2, 2: 3 };
      const { history, epoch } = await model.fit(x, y, { ...quiet, shuffle: false, initialEpoch: 1, classWeight });
      return [history, epoch, weightsOf(model), classWeight];
    },
  },
  'the history is the one that the model keeps': {
    spans: [],
    async run({ tf, x, y, createModel }) {
      const model = createModel();
      const history = await model.fit(x, y, quiet);
      const { params, validationData } = history as unknown as { params: object; validationData: unknown };
      const kept = (model as unknown as { history: unknown }).history;
      return [history instanceof tf.History, history === kept, Object.keys(history), params, validationData];
    },
  },
  'a second fit goes on where the first ended': {
    spans: [],
    async run({ x, y, createModel, weightsOf }) {
      const model = createModel();
      const one = await model.fit(x, y, { ...quiet, shuffle: false });
      const two = await model.fit(x, y, { ...quiet, shuffle: false });
      return [one === two, one.history, two.history, weightsOf(model)];
    },
  },
  'callbacks that are an object are told in order': {
    spans: [],
    async run({ x, y, createModel }) {
      const events: unknown[] = [];
      await createModel().fit(x, y, { ...quiet, shuffle: false, callbacks: listeners(events) });
      return events;
    },
  },
  'callbacks in a list stay as they are, and may be frozen': {
    spans: [],
    async run({ x, y, createModel }) {
      const events: unknown[] = [];
      const callbacks = Object.freeze([Object.freeze(listeners(events)), Object.freeze(listeners(events))]);
      const args = Object.freeze({ ...quiet, shuffle: false, callbacks: callbacks as tfjs.CustomCallbackArgs[] });
      await createModel().fit(x, y, args);
      return [events.length, callbacks.length, Object.keys(args)];
    },
  },
  'callbacks of a class are told in order': {
    spans: [],
    async run({ tf, x, y, createModel }) {
      const events: unknown[] = [];
      class Listener extends tf.Callback {
        override async onEpochEnd(epoch: number, logs?: tfjs.Logs) {
          events.push([
            epoch,
            logs,
            Object.keys(this),
            this.params,
            (this as { model?: unknown }).model !== undefined,
          ]);
        }
        override async onBatchEnd(batch: number, logs?: tfjs.Logs) {
          events.push([batch, Object.keys(logs ?? {})]);
        }
      }
      await createModel().fit(x, y, { ...quiet, shuffle: false, callbacks: new Listener() });
      return events;
    },
  },
  'callbacks take their time and are waited for': {
    spans: [],
    async run({ x, y, createModel }) {
      const order: string[] = [];
      const slowly = async (what: string) => {
        order.push(`${what} begins`);
        await new Promise((resolve) => setTimeout(resolve, 2));
        order.push(`${what} ends`);
      };
      await createModel().fit(x, y, {
        ...quiet,
        callbacks: [{ onEpochEnd: () => slowly('first') }, { onEpochEnd: () => slowly('second') }],
      });
      return order;
    },
  },
  'a callback stops the training': {
    spans: [],
    async run({ x, y, createModel, weightsOf }) {
      const model = createModel();
      const onEpochEnd = async (epoch: number) => {
        if (epoch === 1) (model as tfjs.Sequential).stopTraining = true;
      };
      const { epoch } = await model.fit(x, y, { ...quiet, epochs: 9, shuffle: false, callbacks: { onEpochEnd } });
      return [epoch, weightsOf(model), (model as tfjs.Sequential).stopTraining];
    },
  },
  'training stops early': {
    spans: [],
    async run({ tf, x, y, createModel }) {
      const stopping = tf.callbacks.earlyStopping({ monitor: 'loss', patience: 1, minDelta: 1 });
      const { epoch } = await createModel().fit(x, y, {
        ...quiet,
        epochs: 9,
        shuffle: false,
        callbacks: stopping,
      });
      return [epoch, Object.keys(stopping), (stopping as unknown as { stoppedEpoch: number }).stoppedEpoch];
    },
  },
  'a callback fails, and the model can be trained again': {
    spans: [],
    async run({ x, y, createModel, weightsOf }) {
      const model = createModel();
      const failure = new RangeError('no more');
      const onEpochEnd = () => {
        throw failure;
      };
      const caught = await model
        .fit(x, y, { ...quiet, shuffle: false, callbacks: { onEpochEnd } })
        .catch((e) => e);
      const { history } = await model.fit(x, y, { ...quiet, shuffle: false });
      return [caught === failure, Object.keys(caught as object), history, weightsOf(model)];
    },
  },
  'a callback trains and evaluates another model': {
    spans: [],
    async run({ tf, x, y, createModel, weightsOf }) {
      const [model, other] = [createModel(), createModel({ isFunctional: true })];
      const onEpochEnd = async () => {
        await other.fit(x, y, { ...quiet, epochs: 1, shuffle: false });
        tf.dispose(other.evaluate(x, y));
      };
      await model.fit(x, y, { ...quiet, shuffle: false, callbacks: { onEpochEnd } });
      return [weightsOf(model), weightsOf(other)];
    },
  },
  'the program is called at each yield': {
    spans: [],
    async run({ x, y, createModel }) {
      const yields: unknown[] = [];
      const onYield = (epoch: number, batch: number, logs: tfjs.Logs) => void yields.push([epoch, batch, logs]);
      await createModel().fit(x, y, { ...quiet, shuffle: false, yieldEvery: 'batch', callbacks: { onYield } });
      return yields;
    },
  },
  'fit is refused while another goes on': {
    spans: [],
    async run({ x, y, createModel, weightsOf }) {
      const model = createModel();
      const both = await Promise.allSettled([1, 2].map(() => model.fit(x, y, { ...quiet, shuffle: false })));
      return [
        both.map(({ status }) => status),
        String((both[1] as PromiseRejectedResult).reason),
        weightsOf(model),
      ];
    },
  },
  'two models are trained at once': {
    spans: [],
    async run({ x, y, createModel, weightsOf }) {
      const models = [createModel(), createModel({ isFunctional: true })];
      await Promise.all(models.map((model) => model.fit(x, y, { ...quiet, shuffle: false })));
      return models.map(weightsOf);
    },
  },
  'fit refuses data of another shape': {
    spans: [],
    run: ({ tf, y, createModel }) => createModel().fit(tf.zeros([40, 5]), y, quiet),
  },
  'fit refuses a model that is not compiled': {
    spans: [],
    run: ({ tf, x, y }) =>
      tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [4] })] }).fit(x, y, quiet),
  },
  'fit refuses what it does not know yet': {
    spans: [],
    run: ({ x, y, createModel }) => createModel().fit(x, y, { ...quiet, sampleWeight: x } as tfjs.ModelFitArgs),
  },
  'losses run out of numbers': {
    spans: [],
    async run({ tf, x, y, createModel }) {
      const model = createModel();
      model.compile({ optimizer: tf.train.sgd(1e30), loss: 'meanSquaredError' });
      return (await model.fit(x, y, { ...quiet, shuffle: false })).history;
    },
  },
  'a model with two outputs is trained and validated': {
    spans: [],
    async run({ tf, x, y, weightsOf }) {
      const input = tf.input({ shape: [4] });
      const outputs = ['a', 'b'].map((name, index) => {
        const kernelInitializer = tf.initializers.glorotUniform({ seed: index + 1 });
        return tf.layers.dense({ units: 3, name, kernelInitializer }).apply(input) as tfjs.SymbolicTensor;
      });
      const model = tf.model({ inputs: input, outputs });
      model.compile({ optimizer: 'sgd', loss: 'meanSquaredError', metrics: ['mse'] });
      const args = { ...quiet, shuffle: false, validationData: [x, [y, y]] as [tfjs.Tensor, tfjs.Tensor[]] };
      const { history } = await model.fit(x, [y, y], args);
      return [history, weightsOf(model)];
    },
  },
  'fitDataset reads its data as often as ever': {
    spans: [],
    async run({ createModel, createDataset, weightsOf }) {
      const counts = { begun: 0, read: 0 };
      const model = createModel();
      const { history } = await model.fitDataset(createDataset(counts), { epochs: 2, verbose: 0 });
      return [history, counts, weightsOf(model)];
    },
  },
  'fitDataset validates with another dataset': {
    spans: [],
    async run({ createModel, createDataset }) {
      const [train, validation] = [
        { begun: 0, read: 0 },
        { begun: 0, read: 0 },
      ];
      const args = Object.freeze({ epochs: 2, verbose: 0 as const, validationData: createDataset(validation) });
      const { history } = await createModel().fitDataset(createDataset(train), args as never);
      return [history, train, validation];
    },
  },
  'fitDataset takes some batches of each epoch': {
    spans: [],
    async run({ createModel, createDataset }) {
      const counts = { begun: 0, read: 0 };
      const args = { epochs: 2, batchesPerEpoch: 2, verbose: 0 as const };
      const { history } = await createModel().fitDataset(createDataset(counts).repeat(), args);
      return [history, counts];
    },
  },
  'fitDataset shuffles with its own seed': {
    spans: [],
    async run({ tf, x, y, createModel, weightsOf }) {
      const model = createModel();
      const data = tf.data.zip({ xs: tf.data.array(x.arraySync()), ys: tf.data.array(y.arraySync()) });
      const { asked } = await seeded(() =>
        model.fitDataset(data.shuffle(20, 'seed').batch(10), { epochs: 2, verbose: 0 }),
      );
      return [asked, weightsOf(model)];
    },
  },
  'fitDataset fails in its data': {
    spans: [],
    async run({ tf, createModel }) {
      const failure = new RangeError('no such row');
      const data = tf.data.generator(function* () {
        yield { xs: tf.zeros([2, 4]), ys: tf.zeros([2, 3]) };
        throw failure;
      });
      const caught = await createModel()
        .fitDataset(data as never, { epochs: 1, verbose: 0 })
        .catch((error: unknown) => error);
      return [caught === failure, String(caught)];
    },
  },
};
