import { createRequire } from 'node:module';
import { RunnableLambda } from '@langchain/core/runnables';
import { autolog } from 'autolog';
import OpenAI from 'openai';
import { useLibraries } from './use-libraries.cjs';

autolog();
const require = createRequire(import.meta.url);
void useLibraries({ OpenAI, RunnableLambda });
void useLibraries({
  OpenAI: require('openai'),
  RunnableLambda: require('@langchain/core/runnables').RunnableLambda,
  tf: require('@tensorflow/tfjs'),
});
