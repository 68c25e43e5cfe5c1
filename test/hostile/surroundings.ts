import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { expect, onTestFinished, vi } from 'vitest';
import { type ErrorCode, MlflowClient, setTrackingUri } from '../../src/index.ts';

const SOURCE = new URL('../../src/', import.meta.url).href;

export function temporaryFolder(): string {
  return fs.mkdtempSync(path.join(process.cwd(), 'hostile-'));
}

export function databaseIn(folder: string): string {
  return path.join(folder, 'mlflow.db');
}

export function clientOf(folder: string): MlflowClient {
  return new MlflowClient(`sqlite:///${databaseIn(folder)}`);
}

/** Makes a new folder's database the one in force. */
export function useNewStore(): { folder: string; client: MlflowClient } {
  const folder = temporaryFolder();
  setTrackingUri(`sqlite:///${databaseIn(folder)}`);
  return { folder, client: new MlflowClient() };
}

/** An error with MLflow's code, whose message is about something and says what to do. */
export function refusal(code: ErrorCode, about: RegExp = /./): Error {
  const advice = expect.stringMatching(/(; .+|: give .+|take .+)\.$/s);
  return expect.toSatisfy(
    (error: Error & { code?: string }) =>
      error.name === 'AutologError' &&
      error.code === code &&
      about.test(error.message) &&
      advice.asymmetricMatch(error.message),
    `${code} ${about}`,
  );
}

/** Collects what is written to stderr until the test ends. */
export function watchStderr(): { readonly text: string } {
  const lines: string[] = [];
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
  onTestFinished(() => spy.mockRestore());
  return {
    get text() {
      return lines.join('');
    },
  };
}

/** How a program is started. */
export interface ProgramOptions {
  readonly folder?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Name of the file, whose ending says how Node reads it. @default 'program.mjs' */
  readonly name?: string;
}

/** A program that has ended. */
export interface Ended {
  readonly folder: string;
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Writes a program and runs it to its end; `autolog` in its text stands for the package's public names. */
export async function runProgram(text: string, options: ProgramOptions = {}): Promise<Ended> {
  const { folder, file, env } = writeProgram(text, options);
  const child = spawn(process.execPath, [file], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, [status, signal]] = await Promise.all([
    readText(child.stdout),
    readText(child.stderr),
    once(child, 'exit'),
  ]);
  return { folder, stdout, stderr, status, signal };
}

/** Starts a program and resolves when it has said "ready". */
export async function startProgram(text: string, options: ProgramOptions = {}) {
  const { folder, file, env } = writeProgram(text, options);
  const child = spawn(process.execPath, [file], { cwd: folder, env, stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  await once(child.stdout, 'data');
  return { folder, child };
}

function writeProgram(text: string, { folder = temporaryFolder(), env = {}, name }: ProgramOptions) {
  const file = path.join(folder, name ?? 'program.mjs');
  fs.writeFileSync(file, `${PRELUDE}${text}`);
  // This process has set its own store for its children.
  return { folder, file, env: { ...process.env, MLFLOW_TRACKING_URI: '', ...env } };
}

const PRELUDE = `import * as autolog from '${SOURCE}index.ts';
import { autologgingIntegration } from '${SOURCE}integration.ts';
`;
