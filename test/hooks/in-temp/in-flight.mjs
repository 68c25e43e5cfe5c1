import { setImmediate } from 'node:timers/promises';

const { check, printAtExit, watch } = await import(process.env.RECORDER);
const loading = import('greeter');
watch(['greeter']);
printAtExit();
const { Greeter } = await loading;
await setImmediate();
check('imported', 'Greeter', Greeter);
