import { printAtExit, watch } from './recorder.mjs';

watch();
printAtExit();
