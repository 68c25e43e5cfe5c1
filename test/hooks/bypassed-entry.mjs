import { createRequire } from 'node:module';
import { printAtExit, watch } from './recorder.mjs';

// The package's own files import what stands behind the watched entry, and never the entry.
watch(['@langchain/core/callbacks/manager']);
printAtExit();
await import('@langchain/core-03/runnables');
createRequire(import.meta.url)('@langchain/core-03/runnables');
