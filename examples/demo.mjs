// npm run demo
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { styleText } from 'node:util';
import { show } from '../dist/src/cli/show.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = resolve(here, '..');
const endpoint = ['--import', new URL('endpoint/register.mjs', import.meta.url).href];
const experiment = 'demo';

const programs = [
  { file: 'tfjs-iris.mjs', what: 'tfjs trains a classifier on the iris data (150 flowers)' },
  { file: 'tfjs-boston.cjs', what: 'tfjs trains a regression on Boston house prices (506 rows)' },
  {
    file: 'openai-calls.ts',
    what: 'openai: a chat call, a streamed one, a tool call, an embedding',
    flags: endpoint,
  },
  { file: 'langchain-chain.mjs', what: 'LangChain: a chain and a tool over the same endpoint', flags: endpoint },
];

const startedAtMs = Date.now();
console.log('Each program is plain; its one line of ours is autolog().\n');
for (const [i, program] of programs.entries()) {
  console.log(`${bold(`${i + 1}/${programs.length}`)} ${program.what}  ${dim(`examples/${program.file}`)}`);
  const began = performance.now();
  await run(program);
  console.log(dim(`    done in ${((performance.now() - began) / 1000).toFixed(1)} s\n`));
}

console.log(`${bold('What was recorded')}\n`);
for (const line of await show({ experiment, sinceMs: startedAtMs, last: 20 })) console.log(line);
console.log(`${bold('Where it lies')}
  database   ${resolve(root, 'mlflow.db')}
  artifacts  ${resolve(root, 'mlruns')}

${bold('What to type next')}
  npx autolog show --experiment ${experiment}    this view again
  npx node examples/runs-by-hand.ts      runs, params and metrics by hand
  pip install mlflow && mlflow ui        MLflow's own page over the same database

${dim(`in all ${((Date.now() - startedAtMs) / 1000).toFixed(1)} s`)}`);

/** Runs one program in the project's folder, shows its output indented, and ends the demo when it fails. */
async function run({ file, flags = [] }) {
  const child = spawn(process.execPath, [...flags, resolve(here, file)], {
    cwd: root,
    env: { ...process.env, MLFLOW_TRACKING_URI: 'sqlite:///mlflow.db', MLFLOW_EXPERIMENT_NAME: experiment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  for await (const line of createInterface({ input: child.stdout })) console.log(dim(`    ${line}`));
  const [code, signal] = await ended;
  if (code !== 0) {
    console.error(`${file} ended with ${signal ?? `code ${code}`}; what it logged until then is kept.`);
    process.exit(1);
  }
}

function bold(text) {
  return styleText('bold', text, { stream: process.stdout });
}

function dim(text) {
  return styleText('dim', text, { stream: process.stdout });
}
