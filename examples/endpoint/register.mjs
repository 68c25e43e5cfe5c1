// Loaded by `node --import` before an example: gives it an endpoint to call.
import { isMainThread } from 'node:worker_threads';

import { startOpenAiServer } from './server.mjs';

// A worker inherits the endpoint that the main thread has chosen.
if (isMainThread) await chooseEndpoint();

async function chooseEndpoint() {
  const { env } = process;
  if (env.OPENAI_API_KEY) {
    const url = env.OPENAI_BASE_URL || 'https://api.openai.com/v1';
    console.error(`OpenAI endpoint: ${url} (from the environment)`);
    return;
  }
  const server = await startOpenAiServer({ unref: true, pace: { delayMs: 40, eventDelayMs: 8 } });
  env.OPENAI_BASE_URL = server.url;
  env.OPENAI_API_KEY = 'no-key-needed';
  console.error(
    `OpenAI endpoint: ${server.url} (loopback: prepared replies, no model is called). ` +
      'Set OPENAI_API_KEY to call a real one.',
  );
}
