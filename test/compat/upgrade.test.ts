import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { flush, MlflowClient, setTrackingUri } from '../../src/index.ts';
import type { SchemaReport } from '../../src/store/schema-store.ts';
import { resolveTrackingStore } from '../../src/store/store-uri.ts';
import { requireMlflow } from '../support/requirements.ts';
import { requireMariadb, requirePostgresql } from '../support/servers.ts';
import { python, runPython, toPythonUri, toUri } from './python.ts';
import type { PythonDatabase } from './python-entities.ts';
import { writeRun } from './write-run.ts';

const mlflow = requireMlflow();
const postgresql = requirePostgresql();
const mariadb = requireMariadb();

describe.skipIf(mlflow.isMissing)(mlflow.title('mlflow db upgrade on a database of ours'), () => {
  it('on SQLite leaves what was logged, and both log and read on', async () => {
    await upgradeWhileOpen(toUri(path.resolve('mlflow.db')));
  });

  it.skipIf(postgresql.isMissing)(
    postgresql.title('on PostgreSQL leaves what was logged, and both log and read on'),
    async () => upgradeWhileOpen(await postgresql.createDatabase()),
  );

  it.skipIf(mariadb.isMissing)(
    mariadb.title('on MariaDB leaves what was logged, and both log and read on'),
    async () => upgradeWhileOpen(await mariadb.createDatabase()),
  );
});

async function upgradeWhileOpen(uri: string): Promise<void> {
  setTrackingUri(uri);
  const client = new MlflowClient(uri);
  const before = await writeRun(1);
  await flush();
  const run = await client.getRun(before.runId);
  const trace = await client.getTrace(before.askId);
  const model = await client.getLoggedModel(before.modelId);
  const { revision } = await report(uri);

  await python('-m', 'mlflow', 'db', 'upgrade', toPythonUri(uri));

  const upgraded = await report(uri);
  expect(upgraded).toMatchObject({ missingIndexes: [], problem: null });
  expect(upgraded.revision).not.toBe(revision);
  expect(await client.getRun(before.runId)).toEqual(run);
  expect(await client.getLoggedModel(before.modelId)).toEqual(model);
  const { spans, info } = await client.getTrace(before.askId);
  expect(spans).toEqual(trace.spans);
  expect(info.tags).toEqual(trace.info.tags);

  // The client that has seen the old schema writes into the new one.
  const after = await writeRun(2);
  await flush();
  expect((await client.getRun(after.runId)).params).toEqual({ ...run.params, rank: '2' });
  expect((await client.getTrace(after.askId)).info.tags['mlflow.traceName']).toBe('ask');

  const order = JSON.stringify({ uri: toPythonUri(uri), searches: {} });
  const [database] = await runPython<[PythonDatabase]>('read_database.py', order);
  expect(database.runs.map(({ info }) => info.run_id).sort()).toEqual([before.runId, after.runId].sort());
  const traceIds = [before.askId, before.breakId, after.askId, after.breakId];
  expect(database.traces.map(({ trace_id }) => trace_id).sort()).toEqual(traceIds.sort());
  expect(database.models.map(({ model_id }) => model_id).sort()).toEqual([before.modelId, after.modelId].sort());
}

async function report(uri: string): Promise<SchemaReport> {
  const { schema } = resolveTrackingStore(uri);
  if (!schema) throw new Error(`${uri} has no tables of its own.`);
  return schema.report();
}
