import { tracingChannel } from 'node:diagnostics_channel';
import Module, { createRequire } from 'node:module';
import { printAtExit, watch } from './recorder.mjs';

const require = createRequire(import.meta.url);
const { getBuiltinModule } = process;
const originalRequire = Module.prototype.require;
const stop = watch(['openai', '@tensorflow/tfjs-layers']);
require('openai');
const wasHooked = tracingChannel('module.require').hasSubscribers;
stop();
stop();
await import('openai');
require('@tensorflow/tfjs');
const isRestored =
  !tracingChannel('module.require').hasSubscribers &&
  Module.prototype.require === originalRequire &&
  process.getBuiltinModule === getBuiltinModule;
printAtExit(() => ({ wasHooked, isRestored }));
