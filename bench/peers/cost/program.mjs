// One process of the comparison: switches one subject on, measures one thing, and prints what it found as JSON.
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { PerformanceObserver } from 'node:perf_hooks';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { answerFetch, calls } from './exchange.mjs';

const [subject, measure, warmUpCount, callCount] = process.argv.slice(2);
const isJournalOnly = subject === 'autolog-journal';
/** Calls between two deliveries: the queues of all subjects take as many. */
const PER_FLUSH = 500;

const { wrapClient = (client) => client, flush } = await start(subject);
const { OpenAI } = createRequire(import.meta.url)('openai');
const client = wrapClient(new OpenAI({ apiKey: 'key', fetch: answerFetch }));

const found =
  measure === 'start-up'
    ? { wallMs: performance.now(), cpuMs: cpuUs() / 1000, modules: globalThis.loadedFileCount?.() }
    : await measureCalls(calls[measure]);
process.stdout.write(`\nFOUND ${JSON.stringify(found)}\n`);
if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain');
// Without the work at the end of the process, which is none of the calls'.
process.reallyExit(0);

async function start(name) {
  if (name === 'native') return { flush: async () => undefined };
  if (!name.startsWith('autolog')) {
    const { start: startPeer } = await import(`../subjects/${name}.mjs`);
    return startPeer({ sinkUrl: process.env.SINK_URL, keep: false });
  }
  const { autolog, flush } = await import(process.env.AUTOLOG_DIST ?? '../../../dist/src/index.js');
  autolog();
  return { flush };
}

async function measureCalls(call) {
  await repeat(call, Number(warmUpCount));
  globalThis.gc?.();
  let collectionCount = 0;
  const observer = new PerformanceObserver((list) => {
    collectionCount += list.getEntries().length;
  });
  observer.observe({ entryTypes: ['gc'] });
  const before = { cpuUs: cpuUs(), bytes: heapBytes() };
  await repeat(call, Number(callCount));
  const after = { cpuUs: cpuUs(), bytes: heapBytes() };
  await sleep(10);
  return {
    cpuUs: (after.cpuUs - before.cpuUs) / callCount,
    bytes: (after.bytes - before.bytes) / callCount,
    collectionCount,
  };
}

/** Turns the event loop at times, as a program that waits for its replies does, and hands over what was recorded. */
async function repeat(call, count) {
  for (let i = 1; i <= count; i++) {
    await call(client);
    if (isJournalOnly) continue;
    if (i % 20 === 0) await turn();
    if (i % PER_FLUSH === 0 || i === count) await flush();
  }
}

function cpuUs() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function heapBytes() {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
