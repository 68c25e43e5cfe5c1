import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { LogRecord } from '../../../src/store/log-record.ts';
import { SqlTrackingStore } from '../../../src/store/sql/sql-tracking-store.ts';
import { createRun, journalOf, metric, RUN, span, TRACE, temporaryFolder, trace } from '../records.ts';
import { RecordingDatabase } from './recording-database.ts';

// There is no SQL Server here: what it would be asked is compared with what was written down, and has not been run on one.

const MODEL = `m-${'c'.repeat(32)}`;
const dataset = { name: 'iris', digest: 'abc', sourceType: 'code', source: '{}', schema: null, profile: null };

test('what SQL Server is asked while a journal is delivered is as recorded (not run on a server)', async () => {
  const { store, database } = open();
  const records: LogRecord[] = [
    createRun(),
    { op: 'param', runId: RUN, key: 'lr', value: '0.1' },
    { op: 'tag', runId: RUN, key: 'team', value: 'blue' },
    metric(0, 0.5),
    metric(1, 'Infinity'),
    metric(1, 'Infinity'),
    metric(2, 'NaN'),
    { op: 'tag', runId: RUN, key: 'team', value: null },
    { op: 'input', runId: RUN, dataset, tags: { 'mlflow.data.context': 'train' } },
    {
      ...{ op: 'createModel', modelId: MODEL, runId: RUN, name: 'net', modelType: null, creationTime: 1000 },
      ...{ params: { depth: '3' }, tags: { kind: 'small' } },
    },
    { op: 'finalizeModel', modelId: MODEL, status: 'READY', step: 2, time: 3000 },
    span(),
    trace(),
    { op: 'updateRun', runId: RUN, status: 'FINISHED', endTime: 9000 },
  ];
  expect(await store.deliver(journalOf(records))).toEqual([]);
  await expect(text(database)).toMatchFileSnapshot('expected/delivery.sql');
});

test('what SQL Server is asked after a record was refused is as recorded (not run on a server)', async () => {
  const { database } = open();
  const records: LogRecord[] = [
    createRun(),
    metric(0, 1),
    { op: 'tag', runId: 'f'.repeat(32), key: 'a', value: 'b' },
  ];
  expect(database.deliverApart(journalOf(records))).toHaveLength(1);
  await expect(text(database)).toMatchFileSnapshot('expected/delivery-apart.sql');
});

test('what SQL Server is asked by searches and changes is as recorded (not run on a server)', async () => {
  const { store, database } = open();
  await store.deliver(journalOf([createRun(), metric(0, 0.5), span(), trace()]));
  database.log.length = 0;
  const id = await store.createExperiment('second', { tags: { team: 'blue' } });
  await store.searchExperiments({ filter: "name LIKE 'sec%' AND tags.team = 'blue'", maxResults: 10 });
  await store.setExperimentTag(id, 'team', 'red');
  await store.deleteExperiment(id);
  await store.restoreExperiment(id);
  await store.getRun(RUN);
  const filter = "metrics.loss < 1 AND params.lr = '0.1' AND attributes.status != 'FAILED'";
  await store.searchRuns({ experimentIds: ['1'], filter, orderBy: ['metrics.loss DESC'], maxResults: 5 });
  await store.getMetricHistory(RUN, 'loss');
  await store.deleteRun(RUN);
  await store.restoreRun(RUN);
  await store.getTrace(TRACE);
  await store.searchTraces({ experimentIds: ['1'], filter: "tags.team = 'blue'", maxResults: 5 });
  await store.setTraceTag(TRACE, 'team', 'red');
  await store.forget('journal');
  await expect(text(database)).toMatchFileSnapshot('expected/searches-and-changes.sql');
});

function open(): { store: SqlTrackingStore; database: RecordingDatabase } {
  const folder = temporaryFolder();
  const database = new RecordingDatabase(path.join(folder, 'mlflow.db'), '/mlruns');
  const store = new SqlTrackingStore({ uri: 'mssql://db/mlflow', journalFolder: folder, database });
  onTestFinished(() => database.close());
  return { store, database };
}

function text(database: RecordingDatabase): string {
  return `${database.log.join('\n')}\n`;
}
