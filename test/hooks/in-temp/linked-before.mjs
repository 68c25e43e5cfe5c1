import { createRequire } from 'node:module';
import { Greeter } from 'greeter';

const required = createRequire(import.meta.url)('greeter').Greeter;
const { check, printAtExit, watch } = await import(process.env.RECORDER);
watch(['greeter']);
printAtExit();
check('imported', 'Greeter', Greeter);
check('required', 'Greeter', required);
