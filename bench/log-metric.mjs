import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { logMetric, setTrackingUri, shutdown, startRun } from '../dist/src/index.js';

const CALLS = 50_000;

/** Time of one `logMetric` call, and of a bare write of 48 bytes in the same process, µs. */
export async function measureLogMetric() {
  const folder = mkdtempSync(join(tmpdir(), 'autolog-bench-'));
  setTrackingUri(`sqlite:///${join(folder, 'mlflow.db')}`);
  const file = openSync(join(folder, 'floor'), 'a');
  const record = 'x'.repeat(47).concat('\n');
  const floor = timed(() => writeSync(file, record));
  closeSync(file);
  startRun();
  let step = 0;
  const calls = timed(() => logMetric('loss', 0.5, { step: step++ }));
  const began = performance.now();
  await shutdown();
  const deliveredMs = performance.now() - began;
  rmSync(folder, { recursive: true, force: true });
  return [
    { name: 'logMetric, median', value: calls.p50, unit: 'µs', aim: '<= 5' },
    { name: 'logMetric, p99', value: calls.p99, unit: 'µs' },
    {
      name: 'logMetric / bare write of 48 bytes',
      value: calls.p50 / floor.p50,
      unit: 'ratio',
      note: `the write takes ${floor.p50.toFixed(2)} µs`,
    },
    {
      name: 'delivery into SQLite',
      value: (CALLS / deliveredMs) * 1000,
      unit: 'points/s',
      note: 'what was left at the end',
    },
  ];
}

function timed(fn) {
  for (let i = 0; i < 5_000; i++) fn();
  const times = new Float64Array(CALLS);
  for (let i = 0; i < CALLS; i++) {
    const began = process.hrtime.bigint();
    fn();
    times[i] = Number(process.hrtime.bigint() - began) / 1000;
  }
  times.sort();
  return { p50: times[CALLS / 2], p99: times[Math.floor(CALLS * 0.99)] };
}
