require('autolog/openai').autolog();
const { ChatOpenAI } = require('@langchain/openai');
const { chatWith } = require('./chat-with.cjs');

void chatWith(ChatOpenAI);
