import { CallbackManager } from '@langchain/core/callbacks/manager';
import * as tf from '@tensorflow/tfjs';
import OpenAI from 'openai';
import { check } from './recorder.mjs';

check('openai', 'OpenAI', OpenAI);
check('langchain', 'CallbackManager', CallbackManager);
check('tfjs', 'LayersModel', tf.LayersModel);
