import '@langchain/openai';
import { printAtExit, watch } from './recorder.mjs';

watch(['openai']);
printAtExit();
