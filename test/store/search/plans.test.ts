import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Run } from '../../../src/entities/run.ts';
import { SqliteTrackingStore } from '../../../src/store/sql/sqlite-tracking-store.ts';
import { createRandom } from './random.ts';

/** So many that no plan reads them all. */
const RUNS = 9600;
const RATES = ['0.1', '0.01', '0.001'];

const FILTERS: readonly (readonly [string, (run: Run) => boolean])[] = [
  ['', () => true],
  ["params.lr = '0.01'", ({ params }) => params.lr === '0.01'],
  ['metrics.acc > 0.5', ({ metrics }) => Number(metrics.acc?.value) > 0.5],
  ['metrics.acc != 0.5', ({ metrics }) => metrics.acc !== undefined && metrics.acc.value !== 0.5],
  ['metrics.acc > 0.99', ({ metrics }) => Number(metrics.acc?.value) > 0.99],
  [
    "params.lr = '0.01' and tags.team LIKE 'b%'",
    ({ params, tags }) => params.lr === '0.01' && tags.team === 'blue',
  ],
  [
    "metrics.acc <= 0.3 and params.lr != '0.01' and tags.rare IS NULL",
    ({ metrics, params, tags }) =>
      Number(metrics.acc?.value) <= 0.3 &&
      params.lr !== undefined &&
      params.lr !== '0.01' &&
      tags.rare === undefined,
  ],
  ["tags.rare = 'yes'", ({ tags }) => tags.rare === 'yes'],
];

const ORDERS: readonly (readonly [readonly string[], (a: Run, b: Run) => number])[] = [
  [[], () => 0],
  [['start_time ASC'], (a, b) => a.info.startTime - b.info.startTime],
  [['metrics.acc DESC'], (a, b) => rank(a) - rank(b) || acc(b) - acc(a)],
  [['metrics.acc ASC'], (a, b) => rank(a) - rank(b) || acc(a) - acc(b)],
  [['params.lr DESC', 'metrics.acc ASC'], (a, b) => byRate(b, a) || rank(a) - rank(b) || acc(a) - acc(b)],
];

describe('a search of many runs', () => {
  let store: SqliteTrackingStore;
  let all: readonly Run[];

  beforeAll(async () => {
    const file = path.resolve('plans.db');
    store = new SqliteTrackingStore({
      uri: `sqlite:///${file}`,
      file,
      artifactRoot: '/mlruns',
      journalFolder: 'j',
    });
    for (const name of ['one', 'two', 'three']) await store.createExperiment(name);
    fill(file);
    all = (await store.searchRuns({ experimentIds: ['1', '2', '3'], maxResults: 50_000 })).items;
    expect(all).toHaveLength(RUNS);
  }, 120_000);

  it.each(FILTERS)('gives for the filter %j what reading all would give, in every order', async (filter, fits) => {
    for (const experimentIds of [['2'], ['1', '2', '3']]) {
      const fitting = all.filter((run) => experimentIds.includes(run.info.experimentId) && fits(run));
      for (const [orderBy, compare] of ORDERS) {
        const options = { experimentIds, filter, orderBy, maxResults: 300 };
        const first = await store.searchRuns(options);
        const { nextPageToken: pageToken } = first;
        const second = pageToken === null ? { items: [] } : await store.searchRuns({ ...options, pageToken });
        const found = [...first.items, ...second.items].map(({ info }) => info.runId);
        const wanted = fitting.toSorted((a, b) => compare(a, b) || byAge(a, b)).map(({ info }) => info.runId);
        expect(found, orderBy.join()).toEqual(wanted.slice(0, 600));
      }
    }
  });
});

function fill(file: string): void {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA synchronous = OFF; BEGIN');
  const random = createRandom(3);
  const run = database.prepare(
    `INSERT INTO runs (run_uuid, source_type, status, start_time, lifecycle_stage, artifact_uri, experiment_id)
     VALUES (?, 'UNKNOWN', 'FINISHED', ?, 'active', '', ?)`,
  );
  const param = database.prepare('INSERT INTO params ("key", value, run_uuid) VALUES (?, ?, ?)');
  const tag = database.prepare('INSERT INTO tags ("key", value, run_uuid) VALUES (?, ?, ?)');
  const metric = database.prepare(
    'INSERT INTO latest_metrics ("key", value, timestamp, step, is_nan, run_uuid) VALUES (?, ?, 0, 0, ?, ?)',
  );
  for (let index = 0; index < RUNS; index += 1) {
    const id = ((index * 7919) % RUNS).toString(16).padStart(32, '0');
    run.run(id, 1000 + random.integer(500), 1 + (index % 3));
    if (random.integer(20)) param.run('lr', random.pick(RATES), id);
    tag.run('team', random.pick(['blue', 'red']), id);
    if (index % 97 === 0) tag.run('rare', 'yes', id);
    const isNan = random.integer(30) === 0;
    if (random.integer(20)) metric.run('acc', isNan ? 0 : random.integer(1000) / 1000, isNan ? 1 : 0, id);
  }
  database.exec('COMMIT');
  database.close();
}

/** Values come first, then NaN, then nothing. */
function rank({ metrics }: Run): number {
  return metrics.acc === undefined ? 2 : Number.isNaN(metrics.acc.value) ? 1 : 0;
}

function acc({ metrics }: Run): number {
  return metrics.acc?.value || 0;
}

function byRate(a: Run, b: Run): number {
  if (a.params.lr === b.params.lr) return 0;
  // What is missing comes last in both directions; this one is falling.
  if (a.params.lr === undefined) return -1;
  return b.params.lr === undefined || a.params.lr > b.params.lr ? 1 : -1;
}

function byAge(a: Run, b: Run): number {
  return b.info.startTime - a.info.startTime || (a.info.runId < b.info.runId ? -1 : 1);
}
