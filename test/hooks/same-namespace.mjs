import * as before from 'openai';
import { printAtExit, watch } from './recorder.mjs';

watch(['openai', '@langchain/core/callbacks/manager']);
const after = await import('openai');
const first = await import('@langchain/core/callbacks/manager');
watch(['@langchain/core/callbacks/manager']);
const second = await import('@langchain/core/callbacks/manager');
printAtExit(() => ({ isSame: before === after, staysSame: first === second }));
