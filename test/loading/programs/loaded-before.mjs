import { RunnableLambda } from '@langchain/core/runnables';
import * as tf from '@tensorflow/tfjs';
import { autolog } from 'autolog';
import OpenAI from 'openai';
import { useLibraries } from './use-libraries.cjs';

autolog();
await useLibraries({ OpenAI, RunnableLambda, tf });
