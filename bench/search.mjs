// npm run bench:search [-- --runs 100000 --json <file>]; AUTOLOG_MLFLOW_PYTHON names a Python that has MLflow
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { SqliteTrackingStore } from '../dist/src/store/sql/sqlite-tracking-store.js';
import { fillWithPoints, fillWithRuns, withoutOwnIndexes } from './search-data.mjs';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '100000' },
    points: { type: 'string', default: '1000000' },
    json: { type: 'string', default: 'bench/results/search.json' },
  },
});
const python = process.env.AUTOLOG_MLFLOW_PYTHON;
if (!python) throw new Error('Set AUTOLOG_MLFLOW_PYTHON to a Python interpreter that has MLflow.');

const ALL = Array.from({ length: 10 }, (_, index) => String(index + 1));
const FEW = "metrics.acc > 0.9995 and params.lr = '0.01'";
const SOME = "params.lr = '0.01' and metrics.acc > 0.9";
const FOUR = `metrics.acc > 0.5 and params.lr = '0.01' and tags.team = 'team-3' and metrics.loss < 1`;
const SHAPES = {
  'newest of one experiment': { experimentIds: ['1'] },
  'newest of ten experiments': { experimentIds: ALL },
  'param and metric, ten experiments': { experimentIds: ALL, filter: SOME },
  'param and metric, one experiment': { experimentIds: ['1'], filter: SOME },
  'param and rare metric': { experimentIds: ALL, filter: FEW },
  'four filters, by a metric': { experimentIds: ALL, filter: FOUR, orderBy: ['metrics.acc DESC'] },
  'no filter, by a metric': { experimentIds: ALL, orderBy: ['metrics.acc DESC'] },
  'param LIKE': { experimentIds: ALL, filter: "params.dropout LIKE '0.12%'" },
};
const PAGE = 100;
const SAMPLE = 1000;
const ROUNDS = 3;

const folder = mkdtempSync(path.join(os.tmpdir(), 'autolog-bench-search-'));
try {
  const file = path.join(folder, 'mlflow.db');
  await makeDatabase(file);
  // As MLflow itself has it: without the indexes that only we make.
  const plain = path.join(folder, 'plain.db');
  withoutOwnIndexes(file, plain);
  const results = await measure(file, plain);
  console.log('CPU time in ms, median');
  console.table(
    Object.fromEntries(
      results.map(({ name, ours, sameFile, plainFile, isSame }) => [
        name,
        {
          autolog: round(ours),
          'MLflow, same file': round(sameFile),
          ratio: round(sameFile / ours),
          'MLflow, its own indexes': round(plainFile),
          'ratio ': round(plainFile / ours),
          'same answer': isSame,
        },
      ]),
    ),
  );
  mkdirSync(path.dirname(values.json), { recursive: true });
  const machine = { node: process.versions.node, cpu: os.cpus()[0]?.model, cores: os.availableParallelism() };
  const text = JSON.stringify({ at: new Date().toISOString(), machine, load: os.loadavg(), results }, null, 2);
  writeFileSync(values.json, `${text}\n`);
  console.log(`written to ${values.json}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function makeDatabase(file) {
  const store = open(file);
  await store.searchExperiments();
  store.close();
  const env = { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true' };
  execFileSync(python, ['-m', 'mlflow', 'db', 'upgrade', `sqlite:///${file}`], { env, stdio: 'ignore' });
  process.stderr.write(`filling with ${values.runs} runs …\n`);
  fillWithRuns(file, Number(values.runs));
  fillWithPoints(file, Number(values.points));
}

/** We and MLflow take turns, so that what else the machine does meets both. */
async function measure(file, plain) {
  const names = [...Object.keys(SHAPES), 'sample'];
  const times = new Map(names.map((name) => [name, { ours: [], sameFile: [], plainFile: [], isSame: true }]));
  for (let round = 0; round < ROUNDS; round += 1) {
    process.stderr.write(`round ${round + 1} of ${ROUNDS} …\n`);
    const ours = await searchOurs(file);
    const sameFile = searchMlflow(file);
    const plainFile = searchMlflow(plain);
    for (const [name, at] of times) {
      at.ours.push(...ours[name].times);
      at.sameFile.push(...sameFile[name].times);
      at.plainFile.push(...plainFile[name].times);
      at.isSame &&= JSON.stringify(ours[name].ids) === JSON.stringify(sameFile[name].ids);
    }
  }
  return Array.from(times, ([name, { ours, sameFile, plainFile, isSame }]) => ({
    name: name === 'sample' ? `${values.points} points down to ${SAMPLE}` : name,
    ours: median(ours),
    sameFile: median(sameFile),
    plainFile: median(plainFile),
    isSame,
  }));
}

async function searchOurs(file) {
  const store = open(file);
  const found = {};
  for (const [name, options] of Object.entries(SHAPES)) {
    found[name] = await repeat(async () => {
      const { items } = await store.searchRuns({ ...options, maxResults: PAGE });
      return items.map(({ info }) => info.runId);
    });
  }
  found.sample = await repeat(async () => {
    const points = await store.sampleMetricHistory(['long'], 'curve', { maxResults: SAMPLE });
    return points.map(({ step }) => step);
  });
  store.close();
  return found;
}

function searchMlflow(file) {
  const order = JSON.stringify({ uri: `sqlite:///${file}`, shapes: SHAPES, page: PAGE, sample: SAMPLE });
  const env = { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true' };
  const script = path.join(import.meta.dirname, 'search-mlflow.py');
  const stdout = execFileSync(python, [script, order], {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return JSON.parse(stdout.trimEnd().split('\n').at(-1));
}

/** Once to warm up, then three times that count: CPU time, because other programs may be running. */
async function repeat(fn) {
  let ids = await fn();
  const times = [];
  for (let count = 0; count < 3; count += 1) {
    const start = process.cpuUsage();
    ids = await fn();
    const { user, system } = process.cpuUsage(start);
    times.push((user + system) / 1000);
  }
  return { ids, times };
}

function open(file) {
  const root = path.dirname(file);
  return new SqliteTrackingStore({
    uri: `sqlite:///${file}`,
    file,
    artifactRoot: path.join(root, 'mlruns'),
    journalFolder: path.join(root, 'journals'),
  });
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

function round(number) {
  return Number(number.toPrecision(3));
}
