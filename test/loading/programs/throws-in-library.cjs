const tf = require('@tensorflow/tfjs');

// Prints what a user would see of an error that the library throws, with its stack.
const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });

setImmediate(async () => {
  const error = await model.fit(tf.tensor2d([[1]]), tf.tensor2d([[1]])).catch((reason) => reason);
  const { name, message, stack } = error;
  const ours = stack.split('\n').filter((line) => line.includes('/autolog/')).length;
  console.log(JSON.stringify({ name, message, head: stack.split('\n')[0], ours }));
});
