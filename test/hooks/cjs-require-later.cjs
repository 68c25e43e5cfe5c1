const { check } = require('./recorder.mjs');
require('./watches-at-once.mjs');

check('openai', 'OpenAI', require('openai').OpenAI);
check('langchain', 'CallbackManager', require('@langchain/core/callbacks/manager').CallbackManager);
check('tfjs', 'LayersModel', require('@tensorflow/tfjs').LayersModel);
