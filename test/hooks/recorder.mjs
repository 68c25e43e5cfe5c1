import { loadingState, watchModules } from '../../src/patching/loading/watch-modules.ts';

export const LIBRARIES = ['openai', '@langchain/core/callbacks/manager', '@tensorflow/tfjs-layers'];

const told = [];
const checks = {};

/** Watches and records what is told. */
export function watch(specifiers = LIBRARIES) {
  return watchModules(specifiers, (module) => told.push(module));
}

/** Records whether the watch has been told of a module with this very export by now. */
export function check(name, key, value) {
  checks[name] = told.some(({ exports }) => exports[key] === value && value !== undefined);
}

/** Prints everything as JSON when the program has nothing left to do. */
export function printAtExit(extra = () => ({})) {
  process.on('exit', () => {
    const modules = told.map(({ exports, ...module }) => ({ ...module, keys: Object.keys(exports).length }));
    process.stdout.write(`\n${JSON.stringify({ modules, checks, state: loadingState(), ...extra() })}\n`);
  });
}
