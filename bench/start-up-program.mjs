import module from 'node:module';

const mode = process.argv[2];
let files = 0;
const before = process.moduleLoadList.length;
if (mode === 'count') {
  module.registerHooks({
    load(url, context, next) {
      if (url.startsWith('file:')) files += 1;
      return next(url, context);
    },
  });
}
const began = performance.now();
const times = { importMs: 0, callMs: 0 };
if (mode !== 'empty') {
  const { autolog } = await import('../dist/src/index.js');
  times.importMs = performance.now() - began;
  const called = performance.now();
  autolog();
  times.callMs = performance.now() - called;
}
console.log(JSON.stringify({ ...times, files, builtins: process.moduleLoadList.length - before }));
