import { tracingChannel } from 'node:diagnostics_channel';
import Module, { createRequire } from 'node:module';
import { watchModules } from '../copy/src/patching/loading/watch-modules.ts';

const { check, printAtExit, watch } = await import(process.env.RECORDER);
const require = createRequire(import.meta.url);
const original = Module.prototype.require;
const isHooked = () => tracingChannel('module.require').hasSubscribers;
const told = [];
const stopFirst = watch(['greeter']);
const stopSecond = watchModules(['greeter'], ({ how }) => told.push(how));
check('required', 'Greeter', require('greeter').Greeter);
check('imported', 'Greeter', (await import('greeter')).Greeter);
stopFirst();
const staysForSecond = isHooked();
stopSecond();
printAtExit(() => ({
  told: told.length,
  staysForSecond,
  isRestored: !isHooked() && Module.prototype.require === original,
}));
