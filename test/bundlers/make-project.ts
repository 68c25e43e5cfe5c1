import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Requirement, requireInstalled } from '../support/requirements.ts';

/** Root of the repository. */
export const ROOT = path.resolve(import.meta.dirname, '../..');

/** Folder in which the bundlers and test runners are installed. */
export const TOOLS = path.join(ROOT, 'test/tools/node_modules');

/** Requires the tools of `test/tools`; missing in CI is a failure. */
export function requireTools(): Requirement {
  return requireInstalled('tools');
}

/**
 * Makes a project folder in which this package is installed as it was built, beside the libraries of this repository
 * and the given tools.
 *
 * @throws {Error} when the package has not been built.
 */
export function makeProject(folder: string, tools: readonly string[] = []): string {
  const modules = path.join(folder, 'node_modules');
  fs.mkdirSync(modules, { recursive: true });
  for (const name of installedNames(path.join(ROOT, 'node_modules'))) {
    link(path.join(ROOT, 'node_modules', name), path.join(modules, name));
  }
  for (const name of tools) link(path.join(TOOLS, name), path.join(modules, name));
  const own = path.join(modules, 'autolog');
  fs.cpSync(path.join(ROOT, 'dist'), path.join(own, 'dist'), { recursive: true });
  fs.copyFileSync(path.join(ROOT, 'package.json'), path.join(own, 'package.json'));
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "name": "program", "private": true }\n');
  return folder;
}

function installedNames(folder: string): string[] {
  const names = fs.readdirSync(folder).filter((name) => !name.startsWith('.') && name !== 'autolog');
  return names.flatMap((name) =>
    name.startsWith('@') ? fs.readdirSync(path.join(folder, name)).map((inner) => `${name}/${inner}`) : [name],
  );
}

function link(target: string, place: string): void {
  fs.mkdirSync(path.dirname(place), { recursive: true });
  fs.rmSync(place, { force: true });
  fs.symlinkSync(target, place, 'dir');
}

/** How a program ended. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  /** Without the greeting of tfjs and the lines of Node's own warnings. */
  readonly stderr: string;
}

/** Where a program runs, and with what. */
export interface RunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program of Node to its end. */
export async function runNode(args: readonly string[], { cwd, env = {} }: RunOptions): Promise<Ended> {
  const { AUTOLOG_TESTING: _, NODE_OPTIONS: __, VITEST: ___, NODE_ENV: ____, ...inherited } = process.env;
  const child = spawn(process.execPath, args, { cwd, env: { ...inherited, ...env } });
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      output[stream] += text;
    });
  }
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  return { status, stdout: withoutGreeting(output.stdout), stderr: withoutGreeting(output.stderr) };
}

function withoutGreeting(text: string): string {
  return text.replace(/^=+\nHi, looks like you are running TensorFlow\.js[^\n]*\n=+\n/gm, '').trim();
}

/** What a program has recorded in the default store of its folder: names of its spans in order, states of its runs. */
export function recorded(folder: string): { spans: string[]; runs: string[] } {
  const file = path.join(folder, 'mlflow.db');
  if (!fs.existsSync(file)) return { spans: [], runs: [] };
  const db = new DatabaseSync(file, { readOnly: true });
  const spans = db.prepare('SELECT name FROM spans ORDER BY start_time_unix_nano, name').all();
  const runs = db.prepare('SELECT status FROM runs').all();
  db.close();
  return { spans: spans.map(({ name }) => String(name)), runs: runs.map(({ status }) => String(status)) };
}

/** What the sample program records when all three libraries are reached. */
export const EVERYTHING = {
  spans: ['Completions', 'RunnableSequence', 'RunnableLambda', 'RunnableLambda'],
  runs: ['FINISHED'],
};

/** What it records when none is. */
export const NOTHING = { spans: [], runs: [] };

/** What the sample program prints. */
export const RESULT = '["hi",8,[16,16]]';
