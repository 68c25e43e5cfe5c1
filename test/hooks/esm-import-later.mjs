import { check } from './recorder.mjs';
import './watches-at-once.mjs';

check('openai', 'OpenAI', (await import('openai')).default);
check('langchain', 'CallbackManager', (await import('@langchain/core/callbacks/manager')).CallbackManager);
check('tfjs', 'LayersModel', (await import('@tensorflow/tfjs')).LayersModel);
