// npm run bench:peers [-- --rounds 5 --subjects langfuse,langsmith --write]
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { writeReport } from './compare-report.mjs';
import { startSink } from './peers/subjects/sink.mjs';

const PEERS = [
  'langfuse',
  'langsmith',
  'openinference',
  'openllmetry',
  'otel-contrib',
  'braintrust',
  'datadog',
  'sentry',
];

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    subjects: { type: 'string', default: PEERS.join() },
    json: { type: 'string', default: 'bench/results/peers.json' },
    /** Renews docs/cost.md. */
    write: { type: 'boolean', default: false },
  },
});

/** A young generation so large that nothing is collected: what the heap grows by is what was allocated. */
const NO_COLLECTION = ['--min-semi-space-size=1024', '--max-semi-space-size=1024', '--expose-gc'];

/** What is measured, by which of the program's measures, after how many calls and over how many. */
const MEASURES = {
  'CPU, plain call': { measure: 'plain', warmUp: 1500, calls: 2000, value: (found) => found.cpuUs, unit: 'µs' },
  'CPU, streamed call': {
    measure: 'streamed',
    warmUp: 1000,
    calls: 400,
    value: (found) => found.cpuUs,
    unit: 'µs',
  },
  'allocation, plain call': {
    measure: 'plain',
    warmUp: 1000,
    calls: 250,
    flags: NO_COLLECTION,
    rounds: 3,
    value: (found) => allocated(found) / 1024,
    unit: 'KiB',
  },
  'allocation, streamed call': {
    measure: 'streamed',
    warmUp: 40,
    calls: 60,
    flags: NO_COLLECTION,
    rounds: 3,
    value: (found) => allocated(found) / 1024,
    unit: 'KiB',
  },
  'start-up, time': { measure: 'start-up', value: (found) => found.wallMs, unit: 'ms' },
  'start-up, CPU': { measure: 'start-up', value: (found) => found.cpuMs, unit: 'ms' },
  'modules loaded': {
    measure: 'start-up',
    flags: ['--import', new URL('peers/cost/count-modules.mjs', import.meta.url).href],
    value: (found) => found.modules,
    unit: 'files',
    rounds: 1,
  },
};

const rounds = Number(values.rounds);
const subjects = ['native', 'autolog', 'autolog-journal', ...values.subjects.split(',')];
const details = Object.fromEntries(
  await Promise.all(values.subjects.split(',').map(async (name) => [name, await describe(name)])),
);
const sink = await startSink();
const results = {};
for (const [name, measure] of Object.entries(MEASURES)) {
  process.stderr.write(`${name} …\n`);
  results[name] = { unit: measure.unit, ...(await measureAll(measure)) };
}
await sink.close();

const report = {
  at: new Date().toISOString(),
  machine: {
    node: process.versions.node,
    cpu: os.cpus()[0]?.model,
    cores: os.availableParallelism(),
    platform: process.platform,
    load: os.loadavg()[1],
  },
  openai: versionOf('openai'),
  rounds,
  details,
  results,
};
console.table(
  Object.fromEntries(
    Object.entries(results).map(([name, { unit, costs, best, ratio }]) => [
      name,
      {
        ...Object.fromEntries(Object.entries(costs).map(([each, cost]) => [each, round(cost)])),
        unit,
        best,
        ratio: round(ratio),
      },
    ]),
  ),
);
mkdirSync('bench/results', { recursive: true });
writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
console.log(`written to ${values.json}`);
if (values.write) writeReport(report);

/** The subjects in turns, so that a change of the machine's mood meets them all; costs are paired with the native run. */
async function measureAll({ measure, warmUp = 0, calls = 0, flags = [], value, rounds: most = rounds }) {
  const all = Object.fromEntries(subjects.map((name) => [name, []]));
  for (let i = 0; i < Math.min(most, rounds); i++) {
    for (const name of subjects.slice(i % subjects.length).concat(subjects.slice(0, i % subjects.length))) {
      if (name === 'autolog-journal' && measure === 'start-up') continue;
      all[name].push(
        value(await run(name, [...flags, ...(details[name]?.nodeArgs ?? [])], [measure, warmUp, calls])),
      );
    }
  }
  const costs = Object.fromEntries(
    subjects
      .filter((name) => name !== 'native' && all[name].length > 0)
      .map((name) => [name, median(all[name].map((found, i) => found - all.native[i]))]),
  );
  const peers = values.subjects.split(',');
  const best = peers.reduce((one, other) => (costs[other] < costs[one] ? other : one));
  return { native: median(all.native), costs, best, ratio: costs.autolog / costs[best], all };
}

async function run(name, flags, args) {
  const cwd = mkdtempSync(join(os.tmpdir(), 'autolog-bench-'));
  const program = new URL('peers/cost/program.mjs', import.meta.url).pathname;
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [...flags, program, name, ...args], {
      cwd,
      env: { ...process.env, SINK_URL: sink.url },
      maxBuffer: 2 ** 26,
    });
    return JSON.parse(/^FOUND (.*)$/m.exec(stdout)[1]);
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

function allocated({ bytes, collectionCount }) {
  if (collectionCount > 0)
    throw new Error(`${collectionCount} garbage collections: the heap does not tell what was allocated`);
  return bytes;
}

async function describe(name) {
  const { title, packages, setting, nodeArgs } = await import(`./peers/subjects/${name}.mjs`);
  return { title, version: versionOf(packages[0]), package: packages[0], setting, nodeArgs };
}

function versionOf(name) {
  return JSON.parse(readFileSync(new URL(`peers/node_modules/${name}/package.json`, import.meta.url), 'utf8'))
    .version;
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

function round(value) {
  return Number(value.toPrecision(3));
}
