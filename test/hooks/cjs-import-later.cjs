const { check } = require('./recorder.mjs');
require('./watches-at-once.mjs');

async function main() {
  check('openai', 'OpenAI', (await import('openai')).default);
  check('langchain', 'CallbackManager', (await import('@langchain/core/callbacks/manager')).CallbackManager);
  check('tfjs', 'LayersModel', (await import('@tensorflow/tfjs')).LayersModel);
}

void main();
