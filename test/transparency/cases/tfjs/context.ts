import { createHash } from 'node:crypto';
import type * as tfjs from '@tensorflow/tfjs';
import type { Program } from '../../case.ts';

export type Tf = typeof tfjs;

/** What each case gets: the library, on the CPU, and small things to train. */
export interface TfjsContext {
  readonly tf: Tf;
  readonly program: Program;
  /** Forty rows of four features, with a class of three for each; the same each time. */
  readonly x: tfjs.Tensor2D;
  readonly y: tfjs.Tensor2D;
  /** A classifier whose weights come from seeds. */
  createModel(options?: { readonly isFunctional?: boolean; readonly metrics?: string[] }): tfjs.LayersModel;
  /** A dataset in batches of ten, which counts how often it is begun and read. */
  createDataset(counts: { begun: number; read: number }): tfjs.data.Dataset<tfjs.TensorContainer>;
  /** All weights of a model, in few letters. */
  weightsOf(model: tfjs.LayersModel): string;
}

const ROWS = 40;

/** Loads the library and makes what cases need. */
export async function createContext(program: Program): Promise<TfjsContext> {
  const tf = (await program.load('@tensorflow/tfjs')) as Tf;
  tf.env().set('IS_TEST', true);
  await tf.setBackend('cpu');
  const numbers = Array.from({ length: ROWS * 4 }, (_, index) => ((index * 7919) % 100) / 100);
  const classes = Array.from({ length: ROWS }, (_, row) => (row * 31) % 3);
  const x = tf.tensor2d(numbers, [ROWS, 4]);
  const y = tf.tidy(() => tf.oneHot(tf.tensor1d(classes, 'int32'), 3).toFloat() as tfjs.Tensor2D);
  return {
    tf,
    program,
    x,
    y,
    createModel: (options) => createModel(tf, options),
    createDataset: (counts) => createDataset(tf, x, y, counts),
    weightsOf: (model) => digestOf(model.getWeights()),
  };
}

/** Values of tensors, in few letters. */
export function digestOf(tensors: readonly tfjs.Tensor[]): string {
  const hash = createHash('sha256');
  for (const tensor of tensors) hash.update(Buffer.from(Float32Array.from(tensor.dataSync()).buffer));
  return hash.digest('hex').slice(0, 16);
}

/** Replaces `Math.random` by numbers from a seed meanwhile, and counts how often it is asked. */
export async function seeded<T>(fn: () => T): Promise<{ result: Awaited<T>; asked: number }> {
  const { random } = Math;
  let state = 42;
  let asked = 0;
  Math.random = () => {
    asked += 1;
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  try {
    return { result: await fn(), asked };
  } finally {
    Math.random = random;
  }
}

function createModel(
  tf: Tf,
  {
    isFunctional = false,
    metrics = ['accuracy'],
  }: { readonly isFunctional?: boolean; readonly metrics?: string[] } = {},
): tfjs.LayersModel {
  const kernelInitializer = (seed: number) => tf.initializers.glorotUniform({ seed });
  const hidden = {
    units: 5,
    activation: 'relu' as const,
    name: 'hidden',
    kernelInitializer: kernelInitializer(1),
  };
  const output = {
    units: 3,
    activation: 'softmax' as const,
    name: 'output',
    kernelInitializer: kernelInitializer(2),
  };
  let model: tfjs.LayersModel;
  if (isFunctional) {
    const input = tf.input({ shape: [4], name: 'input' });
    const last = tf.layers.dense(output).apply(tf.layers.dense(hidden).apply(input)) as tfjs.SymbolicTensor;
    model = tf.model({ inputs: input, outputs: last, name: 'classifier' });
  } else {
    const layers = [tf.layers.dense({ ...hidden, inputShape: [4] }), tf.layers.dense(output)];
    model = tf.sequential({ name: 'classifier', layers });
  }
  model.compile({ optimizer: tf.train.adam(0.01), loss: 'categoricalCrossentropy', metrics });
  return model;
}

function createDataset(tf: Tf, x: tfjs.Tensor2D, y: tfjs.Tensor2D, counts: { begun: number; read: number }) {
  const [xs, ys] = [x.arraySync(), y.arraySync()];
  return tf.data
    .generator(function* () {
      counts.begun += 1;
      for (const [index, row] of xs.entries()) {
        counts.read += 1;
        yield { xs: row, ys: ys[index] ?? [] };
      }
    })
    .batch(10);
}
