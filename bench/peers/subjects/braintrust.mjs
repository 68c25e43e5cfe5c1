import { createRequire } from 'node:module';
import { startLogger } from './braintrust-rows.mjs';

export const title = 'Braintrust';
export const packages = ['braintrust'];
export const setting = '`wrapOpenAI(client)` and its LangChain callback handler';
export const libraries = ['openai', 'langchain'];
export const loading = 'require';
export const nodeArgs = [];

const require = createRequire(import.meta.url);

export async function start(options) {
  const braintrust = require('braintrust');
  return {
    ...startLogger(braintrust, options),
    wrapClient: (client) => braintrust.wrapOpenAI(client),
    callbacks: () => [new braintrust.BraintrustLangChainCallbackHandler()],
  };
}
