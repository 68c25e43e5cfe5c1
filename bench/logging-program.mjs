import { logMetric, setTrackingUri, startRun } from '../dist/src/index.js';

// Run as `node logging-program.mjs <tracking URI> <start, ms since 1970> <seconds>`: ten calls each millisecond, timed.
const [uri = '', startAt = '0', seconds = '3'] = process.argv.slice(2);
setTrackingUri(uri);
startRun();
const times = [];
for (let step = 0; step < 2000; step++) logMetric('warm-up', 0, { step });
await new Promise((resolve) => setTimeout(resolve, Number(startAt) - Date.now()));
const endAt = Date.now() + Number(seconds) * 1000;
for (let step = 0; Date.now() < endAt; ) {
  for (let count = 0; count < 10; count++) {
    const began = process.hrtime.bigint();
    logMetric('loss', 0.5, { step: step++ });
    times.push(Number(process.hrtime.bigint() - began) / 1000);
  }
  await new Promise((resolve) => setTimeout(resolve, 1));
}
process.stdout.write(JSON.stringify(times));
