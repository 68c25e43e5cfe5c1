// Run as `npm run build && node bench/durability.mjs`; with AUTOLOG_MLFLOW_PYTHON the real MLflow is measured beside.
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { flush, logMetric, setTrackingUri, shutdown, startRun } from '../dist/src/index.js';

const POINTS = 300_000;
const MLFLOW_POINTS = 20_000;
const PROGRAM = fileURLToPath(new URL('logging-program.mjs', import.meta.url));

const folder = mkdtempSync(join(os.tmpdir(), 'autolog-bench-'));
const results = {};
for (const count of [1, 8]) Object.assign(results, await measureProcesses(count));
Object.assign(results, await measureDelivery());
console.table(results);
console.log(`${os.availableParallelism()} × ${os.cpus()[0]?.model}, Node ${process.versions.node}`);
rmSync(folder, { recursive: true, force: true });

/** Processes that log at once into one database, which they also deliver to. */
async function measureProcesses(count) {
  const uri = `sqlite:///${join(folder, `${count}.db`)}`;
  const args = [PROGRAM, uri, String(Date.now() + 2000), '4'];
  const options = { maxBuffer: 2 ** 28 };
  const all = await Promise.all(
    Array.from({ length: count }, () => promisify(execFile)(process.execPath, args, options)),
  );
  const times = Float64Array.from(all.flatMap(({ stdout }) => JSON.parse(stdout))).sort();
  const at = (share) => Number(times[Math.floor(times.length * share)]?.toFixed(2));
  return {
    [`logMetric, ${count} processes at once: median, µs`]: at(0.5),
    [`logMetric, ${count} processes at once: p99, µs`]: at(0.99),
  };
}

/** From journal to rows, against the bare statement on the same tables, and against MLflow's largest batches. */
async function measureDelivery() {
  const rates = [];
  const floors = [];
  for (let round = 0; round < 3; round++) {
    const file = join(folder, `delivery-${round}.db`);
    setTrackingUri(`sqlite:///${file}`);
    const { runId } = startRun();
    await flush();
    const timestamp = Date.now();
    for (let i = 0; i < POINTS; i++) {
      logMetric(`metric_${i % 10}`, i / 3, { step: Math.floor(i / 10), timestamp: timestamp + (i >> 4) });
    }
    rates.push(POINTS / (await seconds(flush)));
    floors.push(POINTS / (await seconds(() => insertAll(file, join(folder, `floor-${round}.db`), runId))));
    await shutdown();
  }
  const best = (values) => Math.round(Math.max(...values));
  const measured = {
    'journal to rows: points/s': best(rates),
    'INSERT alone, same table and indexes: points/s': best(floors),
  };
  const python = process.env.AUTOLOG_MLFLOW_PYTHON;
  if (!python) return measured;
  const script = fileURLToPath(new URL('log-batch.py', import.meta.url));
  const uri = `sqlite:///${join(folder, 'mlflow.db')}`;
  const stdio = ['ignore', 'pipe', 'ignore'];
  const rate = execFileSync(python, [script, uri, String(MLFLOW_POINTS)], {
    encoding: 'utf8',
    cwd: folder,
    stdio,
  });
  return { ...measured, 'MLflow, log_batch of 1000: points/s': Math.round(Number(rate)) };
}

async function seconds(work) {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

function insertAll(source, file, runId) {
  const origin = new DatabaseSync(source, { readOnly: true });
  const tables = origin
    .prepare("SELECT sql FROM sqlite_master WHERE tbl_name = 'metrics' AND sql IS NOT NULL")
    .all();
  origin.close();
  const database = new DatabaseSync(file);
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -32768; PRAGMA foreign_keys = OFF',
  );
  for (const { sql } of tables) database.exec(sql);
  const insert = database.prepare(
    'INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES (?, ?, ?, ?, ?, 0) ON CONFLICT DO NOTHING',
  );
  const timestamp = Date.now();
  for (let i = 0; i < POINTS; ) {
    database.exec('BEGIN IMMEDIATE');
    for (const end = i + 8000; i < Math.min(POINTS, end); i++) {
      insert.run(`metric_${i % 10}`, i / 3, timestamp + (i >> 4), runId, Math.floor(i / 10));
    }
    database.exec('COMMIT');
  }
  database.close();
}
