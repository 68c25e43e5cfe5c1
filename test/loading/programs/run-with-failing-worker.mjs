import { once } from 'node:events';
import { isMainThread, Worker } from 'node:worker_threads';
import { autolog, logMetric, withRun } from 'autolog';

autolog();
if (isMainThread) {
  await withRun({ runName: 'parent' }, async () => {
    const worker = new Worker(new URL(import.meta.url));
    const [error] = await once(worker, 'error');
    logMetric('after', error.message === 'the worker fails' ? 1 : 0);
  });
} else {
  await withRun({ runName: 'worker' }, () => {
    logMetric('during', 1);
    throw new Error('the worker fails');
  });
}
