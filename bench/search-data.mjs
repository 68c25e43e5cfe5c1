import { DatabaseSync } from 'node:sqlite';

const START = 1_700_000_000_000;
const RATES = ['0.1', '0.03', '0.01', '0.003', '0.001', '0.0003', '0.0001', '0.3', '0.02', '0.05'];

/** Fills a database with runs of ten experiments: 10 params, 10 metrics and 3 tags each; one in fifty is deleted. */
export function fillWithRuns(file, count) {
  const database = open(file);
  const insert = (table, columns) =>
    database.prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`);
  const experiment = insert('experiments', ['experiment_id', 'name', 'artifact_location', 'lifecycle_stage']);
  const run = insert('runs', [
    ...['run_uuid', 'name', 'source_type', 'source_name', 'entry_point_name', 'user_id', 'status', 'start_time'],
    ...['end_time', 'source_version', 'lifecycle_stage', 'artifact_uri', 'experiment_id'],
  ]);
  const param = insert('params', ['"key"', 'value', 'run_uuid']);
  const tag = insert('tags', ['"key"', 'value', 'run_uuid']);
  const metric = insert('latest_metrics', ['"key"', 'value', 'timestamp', 'step', 'is_nan', 'run_uuid']);
  for (let id = 1; id <= 10; id += 1) experiment.run(id, `experiment ${id}`, `/nowhere/${id}`, 'active');
  const random = createRandom(42);
  const below = (limit) => Math.floor(random() * limit);
  for (let index = 0; index < count; index += 1) {
    const id = Array.from({ length: 4 }, () =>
      below(2 ** 32)
        .toString(16)
        .padStart(8, '0'),
    ).join('');
    const start = START + below(1e10);
    const status = random() < 0.9 ? 'FINISHED' : 'FAILED';
    const stage = random() < 0.98 ? 'active' : 'deleted';
    const source = ['UNKNOWN', '', '', 'ada', status, start, start + 1000, ''];
    run.run(id, `run-${index}`, ...source, stage, `/nowhere/${id}`, 1 + (index % 10));
    param.run('lr', RATES[below(10)], id);
    param.run('dropout', random().toFixed(6), id);
    for (let at = 0; at < 8; at += 1) param.run(`param_${at}`, String(below(50)), id);
    metric.run('acc', random(), start, 10, 0, id);
    metric.run('loss', random() * 3, start, 10, 0, id);
    for (let at = 0; at < 8; at += 1) metric.run(`metric_${at}`, random() * 100, start, 10, 0, id);
    tag.run('mlflow.runName', `run-${index}`, id);
    tag.run('mlflow.user', 'ada', id);
    tag.run('team', `team-${index % 7}`, id);
  }
  database.exec('COMMIT');
  // Without statistics, MLflow's search by a metric takes hours here: SQLite then compares each run with each value.
  database.exec('ANALYZE');
  database.close();
}

/** Adds one run with a long curve. */
export function fillWithPoints(file, count) {
  const database = open(file);
  database.exec(
    `INSERT INTO runs (run_uuid, source_type, status, start_time, lifecycle_stage, artifact_uri, experiment_id)
     VALUES ('long', 'UNKNOWN', 'FINISHED', ${START}, 'active', '/nowhere/long', 0)`,
  );
  const metric = database.prepare(
    'INSERT INTO metrics ("key", value, timestamp, run_uuid, step, is_nan) VALUES (?, ?, ?, ?, ?, 0)',
  );
  for (let step = 0; step < count; step += 1)
    metric.run('curve', Math.sin(step / 1e4), START + step, 'long', step);
  database.exec('COMMIT');
  database.close();
}

/** Copies a database without the indexes that only we make. */
export function withoutOwnIndexes(file, copy) {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  database.exec(`VACUUM INTO '${copy}'`);
  database.close();
  const plain = new DatabaseSync(copy);
  const select = "SELECT name FROM sqlite_master WHERE type = 'index' AND name LIKE 'autolog_%'";
  for (const { name } of plain.prepare(select).all()) plain.exec(`DROP INDEX ${name}`);
  plain.exec('ANALYZE');
  plain.close();
}

function open(file) {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -200000; BEGIN');
  return database;
}

function createRandom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
