import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { text as readText } from 'node:stream/consumers';
import { nodeExecutables, nodeVersion } from '../support/requirements.ts';

/** The Node that runs the tests and those of `AUTOLOG_NODES`, with their versions. */
export const NODES = nodeExecutables().map((binary) => ({ binary, version: nodeVersion(binary)?.slice(1) ?? '' }));

/** How a program is started. */
export interface RunOptions {
  /** @default the Node that runs the tests */
  readonly binary?: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** What a program left when it had ended. */
export interface Outcome {
  /** Where it ran. */
  readonly folder: string;
  readonly status: number | null;
  readonly stdout: string;
  /** Without tfjs's advice to install its native backend. */
  readonly stderr: string;
  /** How often each library is in the store: traces of openai and LangChain, trained runs of tfjs. */
  readonly logged: Logged;
}

/** Counts of what stands in a store. */
export interface Logged {
  readonly openai: number;
  readonly langchain: number;
  readonly tfjs: number;
}

export const NOTHING: Logged = { openai: 0, langchain: 0, tfjs: 0 };

/** Runs a program to its end in a new working folder inside the project, and reads the store that it left there. */
export async function runInProject(project: string, { binary, args, env = {} }: RunOptions): Promise<Outcome> {
  const folder = fs.mkdtempSync(path.join(project, 'run-'));
  const ended = await inTurn(async () => {
    const child = spawn(binary ?? process.execPath, args, {
      cwd: folder,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
    });
    const [stdout, stderr, [status]] = await Promise.all([
      readText(child.stdout),
      readText(child.stderr),
      once(child, 'close'),
    ]);
    return { status, stdout, stderr: withoutBanner(stderr) };
  });
  return { ...ended, folder, logged: readLogged(folder) };
}

/** A run in a store, and its metrics in the order of their names and steps. */
export interface RunRow {
  readonly name: string;
  readonly status: string;
  /** As `loss=1 loss=0.5`. */
  readonly metrics: string;
}

/** Reads the runs of the default store of a folder, by name. */
export function readRuns(folder: string): RunRow[] {
  const db = new DatabaseSync(path.join(folder, 'mlflow.db'), { readOnly: true });
  const rows = db.prepare(
    `SELECT name, status, (
       SELECT group_concat(key || '=' || CAST(value AS INTEGER), ' ')
       FROM (SELECT * FROM metrics WHERE metrics.run_uuid = runs.run_uuid ORDER BY key, step)
     ) AS metrics FROM runs ORDER BY name`,
  );
  const runs = rows.all().map((row) => ({ ...row }) as unknown as RunRow);
  db.close();
  return runs;
}

/** Counts what stands in the default store of a folder. */
export function readLogged(folder: string): Logged {
  const file = path.join(folder, 'mlflow.db');
  if (!fs.existsSync(file)) return NOTHING;
  const db = new DatabaseSync(file, { readOnly: true });
  const count = (sql: string): number => Number(db.prepare(`SELECT count(*) AS count FROM ${sql}`).get()?.count);
  const logged = {
    openai: count("spans WHERE name = 'Completions' AND status = 'OK'"),
    langchain: count("spans WHERE name = 'RunnableLambda' AND status = 'OK'"),
    tfjs: count("runs JOIN metrics USING (run_uuid) WHERE metrics.key = 'loss' AND runs.status = 'FINISHED'"),
  };
  db.close();
  return logged;
}

function withoutBanner(stderr: string): string {
  return stderr.replaceAll(/\n?=+\nHi, looks like you are running TensorFlow\.js[^\n]*\n=+\n/g, '');
}

const running = new Set<Promise<unknown>>();

/** Lets as many programs run at once as there are processors. */
async function inTurn<T>(task: () => Promise<T>): Promise<T> {
  while (running.size >= os.availableParallelism()) await Promise.race(running);
  const done = task().finally(() => running.delete(done));
  running.add(done);
  return done;
}
