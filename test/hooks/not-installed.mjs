import { createRequire } from 'node:module';
import { printAtExit, watch } from './recorder.mjs';

watch(['no-such-library', '@no-such/library/part']);
const missing = 'no-such-library';
const importCode = await import(missing).catch((error) => error.code);
let requireCode = null;
try {
  createRequire(import.meta.url)(missing);
} catch (error) {
  requireCode = error.code;
}
printAtExit(() => ({ importCode, requireCode }));
