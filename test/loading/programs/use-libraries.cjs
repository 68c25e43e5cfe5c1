/**
 * Calls what it is given of the three libraries, each first in the very turn in which it is called itself, so that a
 * library must have been seen by then; and each again later.
 */
exports.useLibraries = async function useLibraries({ OpenAI, RunnableLambda, tf }) {
  const calls = [
    OpenAI && (() => chat(OpenAI)),
    RunnableLambda && (() => RunnableLambda.from((x) => x + 1).invoke(1)),
    tf && (() => train(tf)),
  ].filter(Boolean);
  await Promise.all(calls.map((call) => call()));
  for (const call of calls) await call();
};

function chat(OpenAI) {
  const message = { role: 'assistant', content: 'Hi' };
  const reply = { id: 'c', object: 'chat.completion', created: 1, model: 'm' };
  const choices = [{ index: 0, finish_reason: 'stop', message }];
  const client = new OpenAI({ apiKey: 'key', fetch: async () => Response.json({ ...reply, choices }) });
  return client.chat.completions.create({ model: 'm', messages: [{ role: 'user', content: 'Hi' }] });
}

async function train(tf) {
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  await model.fit(tf.tensor2d([[1], [2]]), tf.tensor2d([[2], [4]]), { epochs: 1, verbose: 0 });
}
