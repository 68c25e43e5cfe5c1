import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Metric } from '../../src/entities/metric.ts';
import type { MetricRecord } from '../../src/store/log-record.ts';
import { resolveTrackingStore } from '../../src/store/store-uri.ts';
import type { TrackingStore } from '../../src/store/tracking-store.ts';
import { journalOf } from '../store/records.ts';
import { createRandom } from '../store/search/random.ts';
import { makeCases, type SearchCase, type Searched, walk } from '../store/search/search-cases.ts';
import { fillForSearch, runId } from '../store/search/search-data.ts';
import { requireMlflow } from '../support/requirements.ts';
import { python, runPython, toUri } from './python.ts';

const mlflow = requireMlflow();
const COUNTS: Readonly<Record<Searched, number>> = { experiments: 200, runs: 600, models: 400, traces: 600 };

describe.skipIf(mlflow.isMissing)(mlflow.title("search and MLflow's own search of the same file"), () => {
  let store: TrackingStore;
  let experimentIds: readonly string[];
  let cases: readonly SearchCase[];
  let expected: {
    readonly found: readonly (readonly string[] | string)[];
    readonly history: readonly unknown[];
    readonly samples: readonly (readonly unknown[])[];
  };

  beforeAll(async () => {
    const uri = toUri(path.resolve('search.db'));
    store = resolveTrackingStore(uri);
    experimentIds = await fillForSearch(store);
    expect(await store.deliver(journalOf(makeSeries(), 'series'))).toEqual([]);
    await python('-m', 'mlflow', 'db', 'upgrade', uri);
    cases = Object.entries(COUNTS).flatMap(([of, count]) => makeCases(of as Searched, count, 7));
    fs.writeFileSync('cases.json', JSON.stringify({ uri, experimentIds, cases, series }));
    expected = await runPython('search.py', 'cases.json');
  }, 300_000);

  it.each(Object.keys(COUNTS) as Searched[])('finds the same %s in the same order, on all pages', async (of) => {
    const differences: string[] = [];
    let found = 0;
    for (const [index, each] of cases.entries()) {
      if (each.of !== of) continue;
      const ids = await walk(store, experimentIds, each).catch((error: Error) => error.message);
      const wanted = expected.found[index];
      found += ids.length;
      if (JSON.stringify(ids) === JSON.stringify(wanted)) continue;
      differences.push(`${each.filter} | ${each.orderBy}\nours:   ${ids}\nMLflow: ${wanted}`);
    }
    expect(differences).toEqual([]);
    expect(found).toBeGreaterThan(0);
  });

  it('has the same history of a metric on all pages, and the same samples', async () => {
    const history: unknown[] = [];
    let pageToken: string | null = null;
    do {
      const page = await store.getMetricHistory(runId(1), series.key, { maxResults: 100, pageToken });
      history.push(...page.items.map(toPoint));
      pageToken = page.nextPageToken;
    } while (pageToken !== null);
    expect(history).toEqual(expected.history);
    expect(history).toHaveLength(POINTS);
    for (const [index, options] of series.samples.entries()) {
      const sample = await store.sampleMetricHistory([runId(1)], series.key, options);
      expect(sample.map(toPoint)).toEqual(expected.samples[index]);
    }
  });
});

const POINTS = 1000;
const series = {
  runId: runId(1),
  key: 'series',
  samples: [
    ...[1, 2, 3, 7, 100, 333, 999, 1000, 2500].map((maxResults) => ({ maxResults })),
    { maxResults: 20, startStep: 10, endStep: 99 },
    { maxResults: 20, startStep: 5000, endStep: 6000 },
  ],
};

/** Points that share steps, times and values. */
function makeSeries(): readonly MetricRecord[] {
  const random = createRandom(5);
  return Array.from({ length: POINTS }, (_, index) => ({
    op: 'metric',
    runId: series.runId,
    key: series.key,
    value: index % 50 === 0 ? 'NaN' : random.integer(5) + index * 1e-6,
    timestamp: 1_700_000_000_000 + random.integer(40),
    step: random.integer(200),
  }));
}

function toPoint({ step, timestamp, value }: Metric): unknown {
  return [step, timestamp, Number.isNaN(value) ? 'nan' : value];
}
