import { createRequire } from 'node:module';

const { check, printAtExit, watch } = await import(process.env.RECORDER);
watch(['greeter', 'greeter/extra']);
printAtExit();
check('imported', 'Greeter', (await import('greeter')).Greeter);
check('required', 'Greeter', createRequire(import.meta.url)('greeter').Greeter);
check('subpath', 'Extra', (await import('greeter/extra')).Extra);
