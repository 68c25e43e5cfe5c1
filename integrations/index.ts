import type { Autolog, IntegrationEntry } from '../src/integration.ts';
import { requireSource } from '../src/require-source.ts';

/**
 * The integrations of this package; each file is loaded when one of its modules is seen.
 *
 * Loaded by `require`, because a program may call the library in the very moment in which it was loaded.
 */
export const integrations: readonly IntegrationEntry[] = [
  {
    name: 'openai',
    packages: { openai: '>=5 <8' },
    modules: ['openai'],
    load: load('openai'),
  },
  {
    name: 'langchain',
    packages: { '@langchain/core': '>=0.3.20 <2', '@langchain/langgraph': '>=0.2 <2' },
    modules: [
      '@langchain/core/callbacks/manager',
      '@langchain/core/language_models/chat_models',
      '@langchain/core/language_models/llms',
      '@langchain/core/tools',
      '@langchain/core/retrievers',
      '@langchain/core/runnables',
      '@langchain/core/utils/async_caller',
      '@langchain/langgraph/pregel',
    ],
    load: load('langchain'),
  },
  {
    name: 'tfjs',
    packages: { '@tensorflow/tfjs-layers': '>=4 <5', '@tensorflow/tfjs-core': '>=4 <5' },
    modules: ['@tensorflow/tfjs-layers', '@tensorflow/tfjs-core'],
    load: load('tfjs'),
  },
];

function load(file: string): IntegrationEntry['load'] {
  return () => requireSource<{ autolog: Autolog }>(`../integrations/${file}`).autolog.definition;
}
