// Preloaded before everything else: counts the files that are loaded as modules from then on, CommonJS or not.
import module from 'node:module';

const files = new Set();

globalThis.loadedFileCount = () => files.size;

module.registerHooks({
  load(url, context, next) {
    if (url.startsWith('file:')) files.add(url.replace(/[?#].*/, ''));
    return next(url, context);
  },
});
