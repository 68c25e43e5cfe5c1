import { createRequire } from 'node:module';
import { watchModules } from '../../src/patching/loading/watch-modules.ts';
import { check, printAtExit, watch } from './recorder.mjs';

watchModules(['openai'], () => {
  throw new Error('this callback throws');
});
watch(['openai']);
printAtExit();
check('imported', 'OpenAI', (await import('openai')).default);
check('required', 'OpenAI', createRequire(import.meta.url)('openai').OpenAI);
