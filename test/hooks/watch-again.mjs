import { createRequire } from 'node:module';
import { check, printAtExit, watch } from './recorder.mjs';

const require = createRequire(import.meta.url);
watch(['openai'])();
watch(['@langchain/core/callbacks/manager']);
require('@langchain/core/callbacks/manager');
watch(['openai']);
printAtExit();
check('imported', 'OpenAI', (await import('openai')).default);
check('required', 'OpenAI', require('openai').OpenAI);
