import { CallbackManager } from '@langchain/core/callbacks/manager';
import * as tf from '@tensorflow/tfjs';
import OpenAI from 'openai';
import { check, printAtExit, watch } from './recorder.mjs';

watch();
printAtExit();
check('openai', 'OpenAI', OpenAI);
check('langchain', 'CallbackManager', CallbackManager);
check('tfjs', 'LayersModel', tf.LayersModel);
