import { RunnableLambda } from '@langchain/core/runnables';
import * as tf from '@tensorflow/tfjs';
import OpenAI from 'openai';
import { useLibraries } from './use-libraries.cjs';

void useLibraries({ OpenAI, RunnableLambda, tf });
