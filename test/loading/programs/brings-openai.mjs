import { ChatOpenAI } from '@langchain/openai';
import { autolog } from 'autolog/openai';
import { chatWith } from './chat-with.cjs';

autolog();
await chatWith(ChatOpenAI);
