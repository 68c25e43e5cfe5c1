const { printAtExit, watch } = require('./recorder.mjs');

watch();
printAtExit();
require('./cjs-imports-libraries.cjs');
