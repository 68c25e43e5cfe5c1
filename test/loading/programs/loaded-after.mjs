import { autolog } from 'autolog';
import { useLibraries } from './use-libraries.cjs';

autolog();
const { default: OpenAI } = await import('openai');
const { RunnableLambda } = await import('@langchain/core/runnables');
const tf = await import('@tensorflow/tfjs');
setTimeout(() => useLibraries({ OpenAI, RunnableLambda, tf }), 500);
