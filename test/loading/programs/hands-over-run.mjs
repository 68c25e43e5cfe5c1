import { fork } from 'node:child_process';
import { once } from 'node:events';
import { flush, logMetric, withRun } from 'autolog';

const { MLFLOW_RUN_ID: given } = process.env;
if (given === undefined) {
  await withRun({ runName: 'one run' }, async ({ runId }) => {
    logMetric('of parent', 1);
    // The child must find the run in the store.
    await flush();
    const child = fork(new URL(import.meta.url), { env: { ...process.env, MLFLOW_RUN_ID: runId } });
    await once(child, 'exit');
    logMetric('of parent', 2, { step: 1 });
  });
} else {
  withRun(() => logMetric('of child', 1));
}
