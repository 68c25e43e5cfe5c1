// node --expose-gc bench/soak.mjs [calls]: ten million patched calls, with the heap after each part of them.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { autolog, failureCounts, flush, setTrackingUri, shutdown } from '../dist/src/index.js';
import { autologgingIntegration } from '../dist/src/integration.js';

const { positionals } = parseArgs({ allowPositionals: true });
const CALLS = Number(positionals[0] ?? 10_000_000);
const PARTS = 40;
/** Every call is watched to its end; of so many one is recorded too: ten million traces would measure the disk. */
const RECORDED_ONE_IN = 50;
/** Autologging is turned off and on again after so many calls. */
const TURN_EVERY = 5_000;
/** Growth of the heap over the second half that is still called flat, bytes: what V8 learns of the code itself. */
const FLAT_BYTES = 2 ** 19;

if (globalThis.gc === undefined) throw new Error('Run it as node --expose-gc bench/soak.mjs.');

class Machine {
  sync(value) {
    return value + 1;
  }
  async later(value) {
    return value + 1;
  }
  async *stream(value) {
    yield value;
    yield value + 1;
  }
  fail(error) {
    throw error;
  }
}

const folder = mkdtempSync(join(tmpdir(), 'autolog-soak-'));
const file = join(folder, 'mlflow.db');
setTrackingUri(`sqlite:///${file}`);
const stream = () => ({ add: () => undefined, result: () => ({}) });
const packages = { 'soak-library': '*' };
const targets = ['sync', 'later', 'stream', 'fail'].map((name) => ({ name, target: `Machine.prototype.${name}` }));
let asked = 0;
let watched = 0;
const record = autologgingIntegration('soak-record', {
  packages,
  patches: targets.map(({ name, target }) => ({
    target,
    span: { name, type: 'TOOL', stream, skip: () => asked++ % RECORDED_ONE_IN !== 0 },
  })),
});
const watch = autologgingIntegration('soak-watch', {
  packages,
  patches: targets.map(({ target }) => ({
    target,
    observe: { args: ({ args }) => args, result: () => void watched++ },
  })),
});
const library = { Machine };
const modules = { 'soak-record': library, 'soak-watch': library };
const others = ['openai', 'langchain', 'tfjs'];
autolog({ excludeFlavors: others, modules });

const machine = new Machine();
const error = new Error('of the program');
const untouched = Object.getOwnPropertyNames(Machine.prototype).join();
const samples = [];
let sum = 0;

sample(0);
for (let part = 1; part <= PARTS; part++) {
  for (let i = 0; i < CALLS / PARTS; i++) {
    if (i % TURN_EVERY === 0) {
      for (const integration of [record, watch]) integration({ disable: true });
      for (const integration of i % (2 * TURN_EVERY) === 0 ? [record, watch] : [watch, record]) integration();
    }
    await callOne(i);
  }
  await flush();
  sample((CALLS / PARTS) * part);
}
for (const integration of [record, watch]) integration({ disable: true });
report();
await shutdown();
rmSync(folder, { recursive: true, force: true });

function callOne(i) {
  if (i % 10 === 0) return useStream(i);
  if (i % 10 === 5) return useFailure();
  if (i % 2 === 0) return useLater(i);
  sum += machine.sync(i);
  return undefined;
}

async function useLater(i) {
  sum += await machine.later(i);
}

async function useStream(i) {
  for await (const item of machine.stream(i)) {
    sum += item;
    if (i % 20 === 0) break;
  }
}

function useFailure() {
  try {
    machine.fail(error);
  } catch (caught) {
    if (caught !== error) throw new Error('another error came out', { cause: caught });
  }
}

function sample(calls) {
  gc();
  gc();
  const { heapUsed, rss, external } = process.memoryUsage();
  samples.push({
    calls,
    heapUsed,
    rss,
    external,
    handles: process.getActiveResourcesInfo().length,
    listeners: listenerCount(),
  });
}

function listenerCount() {
  return process.eventNames().reduce((count, name) => count + process.listenerCount(name), 0);
}

function report() {
  const mebibytes = (bytes) => Number((bytes / 2 ** 20).toFixed(2));
  console.table(
    samples.map(({ heapUsed, rss, external, ...rest }) => ({
      ...rest,
      'heap, MiB': mebibytes(heapUsed),
      'external, MiB': mebibytes(external),
      'rss, MiB': mebibytes(rss),
    })),
  );
  const half = samples.slice(samples.length / 2);
  const growthBytes = samples.at(-1).heapUsed - half[0].heapUsed;
  const growth = slope(half.map(({ calls, heapUsed }) => [calls, heapUsed]));
  const isFlat = growthBytes <= FLAT_BYTES;
  const isClean =
    half.every(({ handles, listeners }) => handles === half[0].handles && listeners === half[0].listeners) &&
    Object.getOwnPropertyNames(Machine.prototype).join() === untouched &&
    Object.keys(failureCounts()).length === 0 &&
    Number.isFinite(sum);
  console.log(
    JSON.stringify({
      calls: CALLS,
      watched,
      recorded: Math.ceil(asked / RECORDED_ONE_IN),
      databaseMiB: mebibytes(statSync(file).size),
      growthBytes,
      growthBytesACall: Number(growth.toFixed(4)),
      allowedBytes: FLAT_BYTES,
      isFlat,
      isClean,
    }),
  );
  if (!isFlat || !isClean) process.exitCode = 1;
}

/** By least squares. */
function slope(points) {
  const mean = (values) => values.reduce((total, value) => total + value, 0) / values.length;
  const x = mean(points.map(([at]) => at));
  const y = mean(points.map(([, value]) => value));
  const over = points.reduce((total, [at, value]) => total + (at - x) * (value - y), 0);
  return over / points.reduce((total, [at]) => total + (at - x) ** 2, 0);
}
