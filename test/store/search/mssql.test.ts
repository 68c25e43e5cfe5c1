import path from 'node:path';
import { expect, test } from 'vitest';
import { sampleMetricHistory } from '../../../src/store/sql/search/sample-metric.ts';
import { SqlTrackingStore } from '../../../src/store/sql/sql-tracking-store.ts';
import { RecordingDatabase } from '../mssql/recording-database.ts';
import { temporaryFolder } from '../records.ts';

// There is no SQL Server here: what it would be asked is compared with what was written down, and has not been run on one.

const RUN_FILTERS = [
  "params.lr LIKE 'a_[b]%' and tags.team ILIKE 'X%' and run_name != 'x'",
  'metrics.loss != 0.5 and start_time > 1.5 and tags.`a b` IS NULL and params.c IS NOT NULL',
  "dataset.context IN ('train', 'eval') and dataset.name = 'iris' and run_id NOT IN ('a')",
];
const TRACE_FILTERS = [
  "name LIKE 'a%' and metadata.`mlflow.trace.session` = 's' and end_time_ms >= 5 and run_id = 'r'",
  "span.name = 'chat' and span.attributes.model = 'gpt' and timestamp_ms > 1700000000000 and prompt = 'greet/1'",
  "feedback.good = 'yes' and expectation.score > 0.5 and feedback.bad IS NULL and issue.id = 'i'",
];

test('what SQL Server is asked by searches is as recorded (not run on a server)', async () => {
  const folder = temporaryFolder();
  const database = new RecordingDatabase(path.join(folder, 'mlflow.db'), '/mlruns');
  const store = new SqlTrackingStore({ uri: 'mssql://db/mlflow', journalFolder: folder, database });
  const experimentIds = ['1', '2'];
  for (const filter of RUN_FILTERS) {
    await store.searchRuns({
      experimentIds,
      filter,
      orderBy: ['metrics.loss DESC', 'params.lr ASC'],
      viewType: 'ALL',
    });
  }
  for (const filter of TRACE_FILTERS) {
    await store.searchTraces({ experimentIds, filter, orderBy: ['tags.team DESC', 'execution_time_ms ASC'] });
  }
  await store.searchExperiments({
    filter: "experiment_id IN ('1') and tags.a ILIKE 'x%'",
    orderBy: ['name DESC'],
  });
  await store.searchLoggedModels({
    experimentIds,
    filter: "metrics.acc > 0.5 and status = 'READY' and params.a = 'b'",
    datasets: [{ datasetName: 'iris' }],
    orderBy: [{ fieldName: 'metrics.acc', ascending: false, datasetName: 'iris' }],
  });
  await store.searchDatasets(experimentIds);
  database.log.push(...samplingOf(10));
  await expect(`${database.log.join('\n')}\n`).toMatchFileSnapshot('expected/mssql.sql');
  await expect(store.searchTraces({ experimentIds, filter: "name RLIKE 'a'" })).rejects.toMatchObject({
    code: 'INVALID_PARAMETER_VALUE',
  });
  database.close();
});

/** What a series of so many points is asked for. */
function samplingOf(points: number): readonly string[] {
  const operation = sampleMetricHistory(['a'], 'loss', { maxResults: 3, startStep: 0, endStep: 9 }, 'mssql');
  return [operation.next(), operation.next([{ points }])].map(({ value }) => JSON.stringify(value));
}
