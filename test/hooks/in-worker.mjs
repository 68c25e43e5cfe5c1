import { once } from 'node:events';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { printAtExit, watch } from './recorder.mjs';

if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url));
  const [seenInWorker] = await once(worker, 'message');
  printAtExit(() => ({ seenInWorker }));
} else {
  watch(['openai']);
  const { loadingState } = await import('../../src/patching/loading/watch-modules.ts');
  await import('openai');
  parentPort.postMessage(loadingState().seen.map(({ specifier, how }) => ({ specifier, how })));
}
