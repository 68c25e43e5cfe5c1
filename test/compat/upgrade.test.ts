import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { flush, MlflowClient, setTrackingUri } from '../../src/index.ts';
import { requireMlflow } from '../support/requirements.ts';
import { python, toUri } from './python.ts';
import { writeRun } from './write-run.ts';

const mlflow = requireMlflow();

describe.skipIf(mlflow.isMissing)(mlflow.title('mlflow db upgrade on a database of ours'), () => {
  it('succeeds, and leaves what was logged as it was', async () => {
    const file = path.resolve('mlflow.db');
    const uri = toUri(file);
    setTrackingUri(uri);
    const client = new MlflowClient(uri);
    const before = await writeRun(1);
    await flush();
    const run = await client.getRun(before.runId);
    const trace = await client.getTrace(before.askId);
    const model = await client.getLoggedModel(before.modelId);
    const revision = revisionOf(file);

    await python('-m', 'mlflow', 'db', 'upgrade', uri);

    expect(revisionOf(file)).not.toBe(revision);
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
  });
});

function revisionOf(file: string): unknown {
  const database = new DatabaseSync(file, { readOnly: true });
  const row = database.prepare('SELECT version_num FROM alembic_version').get();
  database.close();
  return row?.version_num;
}
