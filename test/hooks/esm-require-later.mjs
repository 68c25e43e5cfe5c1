import { createRequire } from 'node:module';
import { check } from './recorder.mjs';
import './watches-at-once.mjs';

const require = createRequire(import.meta.url);
check('openai', 'OpenAI', require('openai').OpenAI);
check('langchain', 'CallbackManager', require('@langchain/core/callbacks/manager').CallbackManager);
check('tfjs', 'LayersModel', require('@tensorflow/tfjs').LayersModel);
