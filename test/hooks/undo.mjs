import Module, { createRequire } from 'node:module';
import { printAtExit, watch } from './recorder.mjs';

const require = createRequire(import.meta.url);
const { getBuiltinModule } = process;
const originalRequire = Module.prototype.require;
const stop = watch(['openai', '@tensorflow/tfjs-layers']);
require('openai');
const wasHooked = Module.prototype.require !== originalRequire;
stop();
stop();
await import('openai');
require('@tensorflow/tfjs');
const isRestored = Module.prototype.require === originalRequire && process.getBuiltinModule === getBuiltinModule;
printAtExit(() => ({ wasHooked, isRestored }));
