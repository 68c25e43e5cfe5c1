const { OpenAI } = require('openai');
const { CallbackManager } = require('@langchain/core/callbacks/manager');
const tf = require('@tensorflow/tfjs');
const { check, printAtExit, watch } = require('./recorder.mjs');

watch();
printAtExit();
check('openai', 'OpenAI', OpenAI);
check('langchain', 'CallbackManager', CallbackManager);
check('tfjs', 'LayersModel', tf.LayersModel);
