import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { clientOf, runProgram, temporaryFolder } from './surroundings.ts';

const KEY = 'sk-M4RK3R-of-a-key';

const SERVER = new URL('../../examples/endpoint/server.mjs', import.meta.url).href;

test('keys in options, headers and the environment are found nowhere in what is logged or printed', async () => {
  const { folder, status, stdout, stderr } = await runProgram(
    `
import { startOpenAiServer } from '${SERVER}';
import { OpenAI } from 'openai';
import { ChatOpenAI } from '@langchain/openai';
const server = await startOpenAiServer({ apiKey: process.env.OPENAI_API_KEY, unref: true });
autolog.autolog();
const headers = { Authorization: 'Bearer ' + process.env.OPENAI_API_KEY, 'x-secret': process.env.OPENAI_API_KEY };
const options = { baseURL: server.url, apiKey: process.env.OPENAI_API_KEY, organization: process.env.OPENAI_API_KEY };
const openai = new OpenAI({ ...options, defaultHeaders: headers, maxRetries: 0 });
const request = { model: 'gpt-5-mini', messages: [{ role: 'user', content: 'Hello' }] };
await autolog.withRun({ runName: 'secretive' }, async () => {
  await openai.chat.completions.create(request, { headers });
  for await (const chunk of await openai.chat.completions.create({ ...request, stream: true }, { headers })) void chunk;
  await openai.embeddings.create({ model: 'text-embedding-3-small', input: 'x' });
  const stranger = new OpenAI({ ...options, apiKey: process.env.OPENAI_API_KEY + '-wrong', maxRetries: 0 });
  await stranger.chat.completions.create(request).catch((error) => console.log(error.status));
  const model = new ChatOpenAI({ model: 'gpt-5-mini', apiKey: process.env.OPENAI_API_KEY, maxRetries: 0,
    configuration: { baseURL: server.url, defaultHeaders: headers } });
  await model.invoke('Hello', { options: { headers } });
});
`,
    {
      folder: projectFolder(),
      env: { OPENAI_API_KEY: KEY, MLFLOW_TRACKING_TOKEN: KEY, AWS_SECRET_ACCESS_KEY: KEY },
    },
  );
  expect([status, stdout, stderr]).toEqual([0, '401\n', '']);
  expect(
    (await clientOf(folder).searchTraces({ experimentIds: ['0'] })).items.map(({ state }) => state).sort(),
  ).toEqual(['ERROR', 'OK', 'OK', 'OK', 'OK']);
  expect(filesWith('M4RK3R', folder)).toEqual([]);
});

test('keys are not in the journal either', async () => {
  const { folder } = await runProgram(
    `
import { startOpenAiServer } from '${SERVER}';
import { OpenAI } from 'openai';
const server = await startOpenAiServer({ unref: true });
autolog.autolog();
const openai = new OpenAI({ baseURL: server.url, defaultHeaders: { 'x-secret': process.env.OPENAI_API_KEY } });
await openai.chat.completions.create({ model: 'gpt-5-mini', messages: [{ role: 'user', content: 'Hello' }] });
process.kill(process.pid, 'SIGKILL');
await new Promise((done) => setTimeout(done, 5000));
`,
    { folder: projectFolder(), env: { OPENAI_API_KEY: KEY } },
  );
  expect(filesWith('Hello', folder).some((file) => file.endsWith('.jsonl'))).toBe(true);
  expect(filesWith('M4RK3R', folder)).toEqual([]);
});

/** A folder in which programs find the libraries of this project. */
function projectFolder(): string {
  const folder = temporaryFolder();
  fs.symlinkSync(
    path.resolve(import.meta.dirname, '../../node_modules'),
    path.join(folder, 'node_modules'),
    'dir',
  );
  return folder;
}

/** Files below a folder that hold a text, the program itself left out. */
function filesWith(text: string, folder: string): string[] {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'program.mjs')
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => fs.readFileSync(file).includes(text));
}
