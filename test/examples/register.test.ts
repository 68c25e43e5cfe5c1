import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const project = fileURLToPath(new URL('../..', import.meta.url));
const program = `
  import OpenAI from 'openai';
  const { choices } = await new OpenAI().chat.completions.create({
    model: 'gpt-4.1-mini',
    messages: [{ role: 'user', content: 'Hi' }],
  });
  console.log(choices[0].message.content);
`;

async function runWith(env: Record<string, string>, source: string) {
  const { OPENAI_API_KEY: _, OPENAI_BASE_URL: __, ...rest } = process.env;
  const args = ['--import', './examples/endpoint/register.mjs', '--input-type=module', '--eval', source];
  return run(process.execPath, args, { cwd: project, env: { ...rest, ...env }, timeout: 20_000 });
}

test('gives a program without a key a loopback endpoint, and lets it end', async () => {
  const startedAtMs = performance.now();
  const { stdout, stderr } = await runWith({}, program);
  expect(stdout.trim()).toBe('Hello! How can I help you today?');
  expect(stderr).toMatch(/^OpenAI endpoint: http:\/\/127\.0\.0\.1:\d+\/v1 \(loopback: prepared replies/);
  // A kept-alive connection that held the process would do so for five seconds.
  expect(performance.now() - startedAtMs).toBeLessThan(4500);
});

test('leaves a program with a key alone, and does not show the key', async () => {
  const env = { OPENAI_API_KEY: 'very-secret', OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' };
  const { stdout, stderr } = await runWith(env, 'console.log(process.env.OPENAI_BASE_URL)');
  expect(stdout.trim()).toBe(env.OPENAI_BASE_URL);
  expect(stderr).toBe('OpenAI endpoint: http://127.0.0.1:9/v1 (from the environment)\n');
});
