import { createRequire } from 'node:module';
import { startProvider } from './otel.mjs';

export const title = 'Langfuse';
export const packages = [
  '@langfuse/openai',
  '@langfuse/langchain',
  '@langfuse/otel',
  '@opentelemetry/sdk-trace-node',
];
export const setting = '`observeOpenAI(client)` and its `CallbackHandler`, with `LangfuseSpanProcessor`';
export const libraries = ['openai', 'langchain'];
export const loading = 'require';
export const nodeArgs = [];

const require = createRequire(import.meta.url);

export async function start(options) {
  const { LangfuseSpanProcessor } = require('@langfuse/otel');
  const { observeOpenAI } = require('@langfuse/openai');
  const processor = new LangfuseSpanProcessor({
    baseUrl: options.sinkUrl,
    publicKey: 'public',
    secretKey: 'secret',
  });
  return {
    ...startProvider(options, processor),
    wrapClient: (client) => observeOpenAI(client),
    callbacks() {
      const { CallbackHandler } = require('@langfuse/langchain');
      return [new CallbackHandler()];
    },
  };
}
