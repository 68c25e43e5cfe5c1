import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { flush, MlflowClient, setTrackingUri } from '../../src/index.ts';
import { RELEASES } from '../../src/store/sql/schema/revisions.ts';
import { resolveTrackingStore } from '../../src/store/store-uri.ts';
import { requireMlflow } from '../support/requirements.ts';
import { python, runPython, toUri } from './python.ts';
import type { PythonDatabase } from './python-entities.ts';
import { type RunLog, writeRun } from './write-run.ts';

const mlflow = requireMlflow();

const REVISIONS = Object.entries(RELEASES);
const FIRST_USABLE = REVISIONS.findIndex(([, releases]) => releases === '3.3');
const TOO_OLD = REVISIONS.slice(0, FIRST_USABLE);
const USABLE = REVISIONS.slice(FIRST_USABLE);

describe.skipIf(mlflow.isMissing)(mlflow.title('A database as an older MLflow left it'), () => {
  const folder = process.cwd();
  const uriOf = (revision: string) => toUri(path.join(folder, `${revision}.db`));
  const script = (name: string) => path.join(import.meta.dirname, 'python', name);

  beforeAll(async () => {
    await python(script('make_releases.py'), folder, ...Object.keys(RELEASES));
  });

  it.each(TOO_OLD)('at %s (MLflow %s) is refused with the command that upgrades it', async (revision) => {
    const uri = uriOf(revision);
    const report = await resolveTrackingStore(uri).schema?.report();
    expect(report).toMatchObject({ revision, ownVersion: null });
    expect(report?.problem).toMatch(/^Detected out-of-date database schema .* \(found version \w+, but expected/);
    expect(report?.problem).toContain(`run \`mlflow db upgrade ${uri}\``);
    await expect(new MlflowClient(uri).searchExperiments()).rejects.toThrow(report?.problem ?? '');
  });

  it('is used since MLflow 3.3, and upgraded by MLflow with what was logged', async () => {
    const logs = new Map<string, RunLog>();
    for (const [revision] of USABLE) {
      const uri = uriOf(revision);
      setTrackingUri(uri);
      logs.set(uri, await writeRun(1));
      await flush();
    }
    await python(script('upgrade_databases.py'), ...logs.keys());
    const orders = [...logs.keys()].map((uri) => JSON.stringify({ uri, searches: {} }));
    const databases = await runPython<PythonDatabase[]>('read_database.py', ...orders);
    for (const [at, [uri, log]] of [...logs].entries()) {
      const client = new MlflowClient(uri);
      const read = databases[at];
      const { params, info } = await client.getRun(log.runId);
      expect(params).toEqual({ x: 'y', rank: '1', note: 'größer 📈' });
      expect(read?.runs).toMatchObject([{ info: { run_id: info.runId, status: 'FINISHED' } }]);
      expect(read?.models.map(({ model_id }) => model_id)).toEqual([log.modelId]);
      const traces = read?.traces.map(({ trace_id }) => trace_id);
      expect(traces?.sort()).toEqual([log.askId, log.breakId].sort());
      const asked = read?.traces.find(({ trace_id }) => trace_id === log.askId);
      expect(asked?.token_usage).toMatchObject({ input_tokens: 10, output_tokens: 5, total_tokens: 15 });
      const { spans } = await client.getTrace(log.askId);
      expect(spans.map(({ name }) => name)).toEqual(['ask', 'chat']);
    }
  });
});
