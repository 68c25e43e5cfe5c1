import { createRequire } from 'node:module';
import imported from 'openai';
import { check, printAtExit, watch } from './recorder.mjs';

const require = createRequire(import.meta.url);
const required = require('openai').OpenAI;
watch(['openai']);
printAtExit(() => ({ areDistinct: imported !== required }));
check('imported', 'OpenAI', imported);
check('required', 'OpenAI', required);
