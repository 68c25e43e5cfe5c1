import { createRequire } from 'node:module';
import { register, startProvider } from './otel.mjs';

export const title = 'OpenLLMetry';
export const packages = [
  '@traceloop/instrumentation-openai',
  '@traceloop/instrumentation-langchain',
  '@opentelemetry/sdk-trace-node',
];
export const setting =
  'its instrumentation registered before the library is loaded; LangChain by `manuallyInstrument`';
export const libraries = ['openai', 'langchain'];
export const loading = 'require';
export const nodeArgs = [];

const require = createRequire(import.meta.url);

export async function start(options) {
  const provider = startProvider(options);
  const { OpenAIInstrumentation } = require('@traceloop/instrumentation-openai');
  const { LangChainInstrumentation } = require('@traceloop/instrumentation-langchain');
  const openai = new OpenAIInstrumentation();
  const langchain = new LangChainInstrumentation();
  register(provider, openai, langchain);
  return {
    ...provider,
    afterLoad(exports, name) {
      if (name === '@langchain/core/callbacks/manager') {
        langchain.manuallyInstrument({ callbackManagerModule: exports });
      }
    },
  };
}
