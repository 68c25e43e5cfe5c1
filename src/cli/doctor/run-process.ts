import { type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ProcessDiagnosis } from './diagnosis.ts';

/** What is run, and how. */
export interface RunProcessOptions {
  /** Script and its arguments, or Node's own flags. */
  readonly args: readonly string[];
  /** Turns autologging on before the script, as `node --import autolog/register` does. */
  readonly register: boolean;
  /** Folder of the autolog package that the script uses. @default this one */
  readonly packageFolder?: string | undefined;
  readonly stdio: SpawnOptions['stdio'];
}

/** How a process ended, and what it told of itself; null where it was killed before it could. */
export interface ProcessEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly diagnosis: ProcessDiagnosis | null;
  /** Why it told nothing, where it tried. */
  readonly failure: string | null;
}

const SELF = fileURLToPath(import.meta.url);
const EXTENSION = path.extname(SELF);

/** Runs a process that reports on itself at its end. */
export async function runDiagnosed({
  args,
  register,
  packageFolder,
  stdio,
}: RunProcessOptions): Promise<ProcessEnd> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'autolog-doctor-'));
  const report = path.join(folder, 'report.json');
  try {
    const source = packageFolder ?? path.resolve(SELF, '../../..');
    const imports = [`cli/doctor/diagnose-process${EXTENSION}`, ...(register ? [`register${EXTENSION}`] : [])];
    const flags = imports.flatMap((file) => ['--import', pathToFileURL(path.join(source, file)).href]);
    const child = spawn(process.execPath, [...process.execArgv, ...flags, ...args], {
      stdio,
      env: { ...process.env, AUTOLOG_DOCTOR_REPORT: report },
    });
    const stopForwarding = forwardSignals((signal) => child.kill(signal));
    const [exitCode, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    stopForwarding();
    return { exitCode, signal, ...readReport(report) };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Ctrl-C reaches the script by itself; this process waits for what it makes of it. Others are handed on. */
function forwardSignals(send: (signal: NodeJS.Signals) => void): () => void {
  const listeners = new Map<NodeJS.Signals, () => void>([['SIGINT', () => undefined]]);
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) listeners.set(signal, () => send(signal));
  for (const [signal, listener] of listeners) process.on(signal, listener);
  return () => {
    for (const [signal, listener] of listeners) process.off(signal, listener);
  };
}

function readReport(file: string): Pick<ProcessEnd, 'diagnosis' | 'failure'> {
  try {
    return { diagnosis: null, failure: null, ...JSON.parse(fs.readFileSync(file, 'utf8')) };
  } catch {
    // ENOENT: the process was killed, or ended by an abort.
    return { diagnosis: null, failure: null };
  }
}
