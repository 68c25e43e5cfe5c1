import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { MlflowClient } from '../../src/tracking/client.ts';
import { requirePostgresql } from '../support/servers.ts';

const PROGRAM = fileURLToPath(new URL('../tracking/program.ts', import.meta.url));
const COUNT = 2000;
const postgresql = requirePostgresql();

interface Outcome {
  readonly runId: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
  /** Files that were left where the journals are. */
  readonly left: readonly string[];
  readonly folder: string;
}

async function runProgram(uri: string, ending: string, env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  const folder = fs.mkdtempSync(path.join(process.cwd(), 'ending-'));
  const child = spawn(process.execPath, [PROGRAM, ending, String(COUNT)], {
    cwd: folder,
    env: { ...process.env, MLFLOW_TRACKING_URI: uri, AUTOLOG_JOURNAL_DIR: folder, ...env },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text) => (stdout += text));
  child.stderr.on('data', (text) => (stderr += text));
  const [code, signal] = await once(child, 'close');
  return { runId: stdout.trim(), code, signal, stderr, left: journals(folder), folder };
}

/** A client that finds the journals that a program has left: stores are kept by their URI, whose database is new to each. */
function openLater(uri: string, folder: string): MlflowClient {
  process.env.AUTOLOG_JOURNAL_DIR = folder;
  return new MlflowClient(`${uri}?application_name=later`);
}

/** Journals of all stores of a program. */
function journals(folder: string): readonly string[] {
  const files = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return files.filter((file) => file.endsWith('.jsonl') && !file.endsWith('ids.jsonl'));
}

/** With its tables: to make them takes longer than the end of a process may. */
async function createDatabase(): Promise<string> {
  const uri = await postgresql.createDatabase();
  await new MlflowClient(uri).searchExperiments();
  return uri;
}

describe.skipIf(postgresql.isMissing)(postgresql.title('with a store on PostgreSQL, a program that ends'), () => {
  test.each([
    ['by itself', 0, 'FINISHED'],
    ['with an exit code it has set', 3, 'FAILED'],
    ['by exit(0)', 0, 'FINISHED'],
    ['by exit(143)', 143, 'KILLED'],
    ['by an uncaught error', 1, 'FAILED'],
    ['by an unhandled rejection', 1, 'FAILED'],
  ])('%s has all of its run there, without another process', async (ending, code, status) => {
    const uri = await createDatabase();
    const outcome = await runProgram(uri, ending);
    expect(outcome, outcome.stderr).toMatchObject({ code, signal: null, left: [] });
    expect(outcome.stderr).not.toMatch(/autolog:/);
    const rows = await postgresql.ask(
      uri,
      `SELECT status, (SELECT count(*)::int FROM metrics m WHERE m.run_uuid = r.run_uuid) AS points FROM runs r WHERE run_uuid = '${outcome.runId}'`,
    );
    expect(rows).toEqual([{ status, points: COUNT }]);
    expect(await postgresql.ask(uri, 'SELECT * FROM autolog_journals')).toEqual([]);
  });

  test.each(['by SIGTERM', 'by SIGKILL'])('%s leaves everything to the next one', async (ending) => {
    const uri = await createDatabase();
    const { runId, signal, left, folder } = await runProgram(uri, ending);
    expect(signal).toBe(ending.replace('by ', ''));
    expect(left).toHaveLength(1);
    const client = openLater(uri, folder);
    expect((await client.getRun(runId)).info.status).toBe('KILLED');
    expect(await client.getMetricHistory(runId, 'm')).toHaveLength(COUNT);
    expect(journals(folder)).toEqual([]);
  });

  test('while AUTOLOG_DELIVER_AT_EXIT is false leaves the rest to the next one, and says how', async () => {
    const uri = await createDatabase();
    const outcome = await runProgram(uri, 'by exit(3)', { AUTOLOG_DELIVER_AT_EXIT: 'false' });
    expect(outcome.code).toBe(3);
    expect(outcome.stderr.match(/autolog sync --tracking-uri postgresql:/g)).toHaveLength(1);
    expect(outcome.left).toHaveLength(1);
    const client = openLater(uri, outcome.folder);
    expect((await client.getRun(outcome.runId)).info.status).toBe('FAILED');
    expect(await client.getMetricHistory(outcome.runId, 'm')).toHaveLength(COUNT);
  });
});

describe('a server that is away', () => {
  test.each([
    ['by itself', 0],
    ['by exit(3)', 3],
    ['by an uncaught error', 1],
  ])('or takes connections and says nothing lets a program end soon, %s', async (ending, code) => {
    const silent = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void silent.close());
    await once(silent, 'listening');
    const address = silent.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const outcomes = await Promise.all([
      runProgram('http://127.0.0.1:9', ending),
      runProgram(`http://127.0.0.1:${address.port}`, ending),
      runProgram(`postgresql://ada:secret@127.0.0.1:9/mlflow`, ending),
      runProgram(`postgresql://ada:secret@127.0.0.1:${address.port}/mlflow?sslmode=disable`, ending),
    ]);
    for (const outcome of outcomes) {
      expect(outcome.code, outcome.stderr).toBe(code);
      expect(outcome.stderr.match(/autolog sync --tracking-uri/g), outcome.stderr).toHaveLength(1);
      expect(outcome.stderr).not.toContain('secret');
    }
  });
});
