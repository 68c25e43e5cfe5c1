import Module, { createRequire } from 'node:module';
import { watchModules } from '../copy/src/patching/loading/watch-modules.ts';

const { check, printAtExit, watch } = await import(process.env.RECORDER);
const require = createRequire(import.meta.url);
const original = Module.prototype.require;
const told = [];
const stopFirst = watch(['greeter']);
const stopSecond = watchModules(['greeter'], ({ how }) => told.push(how));
check('required', 'Greeter', require('greeter').Greeter);
const hooked = Module.prototype.require;
check('imported', 'Greeter', (await import('greeter')).Greeter);
stopFirst();
const staysForSecond = Module.prototype.require === hooked && hooked !== original;
stopSecond();
printAtExit(() => ({ told: told.length, staysForSecond, isRestored: Module.prototype.require === original }));
