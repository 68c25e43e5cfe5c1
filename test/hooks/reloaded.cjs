const { check, printAtExit, watch } = require('./recorder.mjs');

watch(['openai']);
printAtExit();
check('first', 'OpenAI', require('openai').OpenAI);
for (const file of Object.keys(require.cache)) {
  if (file.includes('openai')) delete require.cache[file];
}
check('second', 'OpenAI', require('openai').OpenAI);
