/** Answers every request with the same chat completion. */
const REPLY = {
  id: 'chat-1',
  object: 'chat.completion',
  created: 1,
  model: 'small',
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'hi' } }],
  usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
};

const IMPORTS = `import OpenAI from 'openai';
import * as managers from '@langchain/core/callbacks/manager';
import * as runnables from '@langchain/core/runnables';
import * as tf from '@tensorflow/tfjs';
`;

const USE = `
async function use() {
  const headers = { 'content-type': 'application/json' };
  const fetch = async () => new Response(${JSON.stringify(JSON.stringify(REPLY))}, { headers });
  const client = new OpenAI({ apiKey: 'any', fetch });
  const messages = [{ role: 'user', content: 'say hi' }];
  const reply = await client.chat.completions.create({ model: 'small', messages });
  const { RunnableLambda, RunnableSequence } = runnables;
  const chain = RunnableSequence.from([RunnableLambda.from((x) => x + 1), RunnableLambda.from((x) => x * 2)]);
  const doubled = await chain.invoke(3);
  const layer = tf.layers.dense({ units: 1, inputShape: [2], kernelInitializer: 'zeros', useBias: false });
  const model = tf.sequential({ layers: [layer] });
  model.compile({ loss: 'meanSquaredError', optimizer: tf.train.sgd(0) });
  const { history } = await model.fit(tf.ones([4, 2]), tf.fill([4, 1], 4), { epochs: 2, verbose: 0 });
  return [reply.choices[0].message.content, doubled, history.loss];
}
`;

const GIVEN = '{ modules: { openai: OpenAI, langchain: { ...managers, ...runnables }, tfjs: tf } }';

/** How a program switches autologging on: not at all, as usual, or by handing its libraries over. */
export type Switch = 'off' | 'plain' | 'given';

const SWITCHES: Readonly<Record<Switch, string>> = {
  off: '',
  plain: "import { autolog } from 'autolog';\nautolog();\n",
  given: `import { autolog } from 'autolog';\nautolog(${GIVEN});\n`,
};

/** Text of a program that calls all three libraries and prints what they returned. */
export function programText(how: Switch): string {
  return `${IMPORTS}${SWITCHES[how]}${USE}
use().then((result) => console.log(JSON.stringify(result)));
`;
}

/** Text of a route of Next.js that does the same and answers with it. */
export function routeText(how: Switch): string {
  return `${IMPORTS}${SWITCHES[how]}${USE}
export const dynamic = 'force-dynamic';
export async function GET() {
  return Response.json(await use());
}
`;
}
