const { check } = require('./recorder.mjs');
require('./watches-at-once.mjs');

// The watched path is never named: the package requires it by a relative one.
require('@langchain/core/runnables');
const manager = require.cache[require.resolve('@langchain/core/callbacks/manager')];
check('langchain', 'CallbackManager', manager.exports.CallbackManager);
