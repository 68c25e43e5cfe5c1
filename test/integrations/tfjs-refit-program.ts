import tf from '@tensorflow/tfjs';
import { autolog } from '../../src/index.ts';

// Fits one compiled model three times, tells its last weights, and ends by itself, or with the argument "exit" at once.
autolog();
await tf.setBackend('cpu');
const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
for (let round = 0; round < 3; round++) {
  await model.fit(tf.ones([8, 2]), tf.zeros([8, 1]), { verbose: 0 });
}
process.stdout.write(JSON.stringify(model.getWeights().map((weight) => [...weight.dataSync()])));
if (process.argv[2] === 'exit') process.exit(0);
