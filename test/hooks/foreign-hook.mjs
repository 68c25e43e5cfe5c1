import { Hook } from 'import-in-the-middle';
import { register } from 'import-in-the-middle/register-hooks.mjs';
import { check, printAtExit, watch } from './recorder.mjs';

const foreign = [];
register({ include: ['openai'] });
Hook(['openai'], (_exports, name) => {
  foreign.push(name);
});
watch(['openai', '@langchain/core/callbacks/manager']);
printAtExit(() => ({ foreign }));
check('openai', 'OpenAI', (await import('openai')).default);
const { CallbackManager } = await import('@langchain/core/callbacks/manager');
check('langchain', 'CallbackManager', CallbackManager);
