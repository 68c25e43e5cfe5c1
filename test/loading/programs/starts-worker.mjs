import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

// Takes the worker's file and its options as JSON, and `autolog` when this thread is to be logged itself.
const [file, options = '{}', here] = process.argv.slice(2);
if (here === 'autolog') (await import('autolog')).autolog();
const worker = new Worker(new URL(file, import.meta.url), {
  workerData: { tasks: [1, 2] },
  ...JSON.parse(options),
});
const [code] = await once(worker, 'exit');
process.exitCode = code;
