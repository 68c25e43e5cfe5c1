import { setImmediate } from 'node:timers/promises';

const { printAtExit, watch } = await import(process.env.RECORDER);
const loading = import('waiting');
await setImmediate();
watch(['waiting'])();
printAtExit();
await loading;
await setImmediate();
