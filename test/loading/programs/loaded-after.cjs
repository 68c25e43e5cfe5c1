require('autolog').autolog();

const { RunnableLambda } = require('@langchain/core/runnables');
const tf = require('@tensorflow/tfjs');
const OpenAI = require('openai');
const { useLibraries } = require('./use-libraries.cjs');

void useLibraries({ OpenAI, RunnableLambda, tf });
