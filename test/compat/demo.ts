import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import chat from '../../examples/endpoint/replies/chat.json' with { type: 'json' };
import { requireDemoDatabase } from '../support/requirements.ts';

const run = promisify(execFile);
const EXAMPLES = path.resolve(import.meta.dirname, '../../examples');
const PROGRAMS = ['tfjs-iris.mjs', 'tfjs-boston.cjs', 'openai-calls.ts', 'langchain-chain.mjs'];

/**
 * Returns the path of the demo's database: the one that `npm run demo` has made, as `AUTOLOG_DEMO_DATABASE` names it,
 * else one that the demo's programs make in the working folder now.
 */
export async function findOrMakeDemo(): Promise<string> {
  const { file } = requireDemoDatabase();
  if (file !== '') return path.resolve(file);
  for (const program of PROGRAMS) await runExample(program, 'mlflow.db');
  return path.resolve('mlflow.db');
}

/** Runs a program of `examples` with the built package, and returns what it prints. */
export async function runExample(program: string, database: string): Promise<string> {
  const { stdout } = await run(
    process.execPath,
    ['--import', path.join(EXAMPLES, 'endpoint/register.mjs'), path.join(EXAMPLES, program)],
    { env: { ...process.env, MLFLOW_TRACKING_URI: `sqlite:///${database}`, MLFLOW_EXPERIMENT_NAME: 'demo' } },
  );
  return stdout;
}

/** Copies a database, also one that others write to; the artifacts stay where they are. */
export function copyDatabase(file: string, copy: string): string {
  fs.rmSync(copy, { force: true });
  const database = new DatabaseSync(file, { readOnly: true });
  database.prepare('VACUUM INTO ?').run(copy);
  database.close();
  return copy;
}

/**
 * What the demo's own endpoint answers to a question: the prepared reply that asks for these words.
 *
 * @throws {Error} when there is none.
 */
export function preparedReply(says: string) {
  const body = chat.find(({ match }) => match.says === says)?.reply.body;
  const content = body?.choices[0]?.message.content;
  if (!body || !content) throw new Error(`No prepared reply to "${says}".`);
  const { prompt_tokens, completion_tokens, total_tokens, prompt_tokens_details } = body.usage;
  return {
    content,
    usage: {
      input_tokens: prompt_tokens,
      output_tokens: completion_tokens,
      total_tokens,
      cache_read_input_tokens: prompt_tokens_details.cached_tokens,
    },
  };
}
