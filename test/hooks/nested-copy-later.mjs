import { createRequire } from 'node:module';
import { printAtExit, watch } from './recorder.mjs';

watch(['openai']);
printAtExit();
await import('@langchain/openai');
createRequire(import.meta.url)('@langchain/openai');
