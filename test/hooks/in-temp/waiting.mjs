import { setImmediate } from 'node:timers/promises';

const { check, printAtExit, watch } = await import(process.env.RECORDER);
const loading = import('waiting');
await setImmediate();
watch(['waiting']);
printAtExit();
const { Waiter } = await loading;
await setImmediate();
check('waiting', 'Waiter', Waiter);
