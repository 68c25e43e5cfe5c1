import { createRequire } from 'node:module';
import { check, printAtExit, watch } from './recorder.mjs';

const require = createRequire(import.meta.url);
watch(['openai']);
const imported = (await import('openai')).default;
check('imported', 'OpenAI', imported);
const required = require('openai').OpenAI;
check('required', 'OpenAI', required);
printAtExit(() => ({ areDistinct: imported !== required }));
