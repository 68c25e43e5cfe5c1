/** Trains a functional model that nobody waits for, and tells how its run ended; the argument says how it ends. */
import { setTimeout as wait } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs';
import { autolog, flush, MlflowClient } from '../../src/index.ts';

tf.env().set('IS_TEST', true);
const unhandled: string[] = [];
process.on('unhandledRejection', (error) => unhandled.push(String(error)));
await autolog({ logModels: false });
const input = tf.input({ shape: [2] });
const output = tf.layers.dense({ units: 1 }).apply(input) as tf.SymbolicTensor;
const model = tf.model({ inputs: input, outputs: output });
model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
const onEpochEnd = (): void => {
  if (process.argv[2] === 'fails') throw new RangeError('no more');
};
void model.fit(tf.ones([4, 2]), tf.ones([4, 1]), { epochs: 2, verbose: 0, callbacks: { onEpochEnd } });
const client = new MlflowClient();
let status = 'RUNNING';
for (let round = 0; round < 50 && status === 'RUNNING'; round++) {
  await wait(100);
  await flush();
  status = (await client.searchRuns({ experimentIds: ['0'] })).items[0]?.info.status ?? 'RUNNING';
}
const [run] = (await client.searchRuns({ experimentIds: ['0'] })).items;
console.log(JSON.stringify({ status, error: run?.tags['tfjs.error'], unhandled }));
