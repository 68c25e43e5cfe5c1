// npx node examples/system-metrics.ts

import { setTimeout as sleep } from 'node:timers/promises';
import { MlflowClient, setExperiment, setSystemMetricsSamplingInterval, withRun } from 'autolog';

setExperiment('system metrics');
setSystemMetricsSamplingInterval(0.5);

// Half a second of work, half a second of rest, three times.
const runId = await withRun({ runName: 'work and rest', logSystemMetrics: true }, async (run) => {
  for (let round = 0; round < 3; round++) {
    const until = Date.now() + 500;
    while (Date.now() < until) Math.hypot(Math.random(), Math.random());
    await sleep(500);
  }
  return run.runId;
});

const client = new MlflowClient();
const { metrics } = await client.getRun(runId);
for (const key of Object.keys(metrics).sort()) {
  const points = await client.getMetricHistory(runId, key);
  console.log(`${key.padEnd(46)} ${points.map(({ value }) => value.toFixed(1).padStart(9)).join('')}`);
}
