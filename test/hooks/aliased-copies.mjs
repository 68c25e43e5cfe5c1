import { createRequire } from 'node:module';
import OpenAI5 from 'openai-5';
import { check, printAtExit, watch } from './recorder.mjs';

watch(['openai']);
printAtExit();
check('imported before', 'OpenAI', OpenAI5);
check('imported later', 'OpenAI', (await import('openai-6')).default);
check('required later', 'OpenAI', createRequire(import.meta.url)('openai-5').OpenAI);
