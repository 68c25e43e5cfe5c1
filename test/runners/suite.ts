/** How the cases of a suite are written and switched on. */
export interface SuiteOptions {
  readonly format: 'ESM' | 'CommonJS';
  /** Line that brings `describe` and `it`, where they are no globals. */
  readonly prelude?: string;
  /** Whether the suite hands its libraries over; otherwise it knows nothing of autologging. */
  readonly isGiven?: boolean;
}

const REPLY = JSON.stringify({
  id: 'chat-1',
  object: 'chat.completion',
  created: 1,
  model: 'small',
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'hi' } }],
});

const CASES = `
function expectEqual(actual, expected) {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) throw new Error(JSON.stringify(actual));
}

describe('a program', () => {
  it('calls openai', async () => {
    const fetch = async () => new Response(${JSON.stringify(REPLY)}, { headers: { 'content-type': 'application/json' } });
    const client = new OpenAI({ apiKey: 'any', fetch });
    const reply = await client.chat.completions.create({ model: 'small', messages: [] });
    expectEqual(reply.choices[0].message.content, 'hi');
  });

  it('runs a chain', async () => {
    const { RunnableLambda, RunnableSequence } = runnables;
    const chain = RunnableSequence.from([RunnableLambda.from((x) => x + 1), RunnableLambda.from((x) => x * 2)]);
    expectEqual(await chain.invoke(3), 8);
  });

  it('trains a model', async () => {
    const layer = tf.layers.dense({ units: 1, inputShape: [2], kernelInitializer: 'zeros', useBias: false });
    const model = tf.sequential({ layers: [layer] });
    model.compile({ loss: 'meanSquaredError', optimizer: tf.train.sgd(0) });
    const { history } = await model.fit(tf.ones([4, 2]), tf.fill([4, 1], 4), { epochs: 2, verbose: 0 });
    expectEqual(history.loss, [16, 16]);
  });

  it('fails where it is wrong', () => {
    expectEqual(1, 2);
  });
});
`;

/** Passed and failed cases of one suite. */
export const SUITE_COUNTS = { passed: 3, failed: 1 };

/** Text of a test file that uses the three libraries, with one case that fails. */
export function suiteText({ format, prelude = '', isGiven = false }: SuiteOptions): string {
  const isEsm = format === 'ESM';
  const names = { tf: '@tensorflow/tfjs', managers: '@langchain/core/callbacks/manager', runnables: RUNNABLES };
  const imports = Object.entries(names).map(([name, module]) =>
    isEsm ? `import * as ${name} from '${module}';` : `const ${name} = require('${module}');`,
  );
  imports.push(isEsm ? "import OpenAI from 'openai';" : "const { default: OpenAI } = require('openai');");
  if (isGiven)
    imports.push(isEsm ? "import { autolog } from 'autolog';" : "const { autolog } = require('autolog');");
  const given = 'autolog({ modules: { openai: OpenAI, langchain: { ...managers, ...runnables }, tfjs: tf } });';
  return `${[prelude, ...imports, isGiven ? given : ''].join('\n')}\n${CASES}`;
}

const RUNNABLES = '@langchain/core/runnables';
