import { createRequire } from 'node:module';
import { register, startProvider } from './otel.mjs';

export const title = 'OpenInference';
export const packages = [
  '@arizeai/openinference-instrumentation-openai',
  '@arizeai/openinference-instrumentation-langchain',
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
  const { OpenAIInstrumentation } = require('@arizeai/openinference-instrumentation-openai');
  const { LangChainInstrumentation } = require('@arizeai/openinference-instrumentation-langchain');
  const openai = new OpenAIInstrumentation();
  const langchain = new LangChainInstrumentation();
  register(provider, openai, langchain);
  return {
    ...provider,
    afterLoad(exports, name) {
      if (name === '@langchain/core/callbacks/manager') langchain.manuallyInstrument(exports);
    },
  };
}
