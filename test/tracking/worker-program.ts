import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { logMetric } from '../../src/tracking/fluent/log.ts';
import { startRun } from '../../src/tracking/fluent/runs.ts';

startRun({ runName: isMainThread ? 'main' : workerData });
for (let step = 0; step < 50; step++) logMetric('m', step, { step });

if (isMainThread) {
  await once(new Worker(import.meta.filename, { workerData: 'ends' }), 'exit');
  const worker = new Worker(import.meta.filename, { workerData: 'terminated' });
  await once(worker, 'message');
  await worker.terminate();
} else if (workerData === 'terminated') {
  parentPort?.postMessage('logged');
  setInterval(() => undefined, 1000);
}
