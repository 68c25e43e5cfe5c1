import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { requireMlflow } from '../support/requirements.ts';

const run = promisify(execFile);
const LARGEST_OUTPUT_BYTES = 256 * 1024 * 1024;

/** Environment for MLflow's processes: they report to nobody and leave no compiled files in this folder. */
export function pythonEnvironment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    MLFLOW_DISABLE_TELEMETRY: 'true',
    GIT_PYTHON_REFRESH: 'quiet',
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONUTF8: '1',
  };
}

/**
 * Runs a script of `test/compat/python` in the working folder, and returns the JSON of its last line.
 *
 * @throws {Error} with what the script wrote to stderr, when it fails.
 */
export async function runPython<T>(script: string, ...args: readonly string[]): Promise<T> {
  const stdout = await python(path.join(import.meta.dirname, 'python', script), ...args);
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as T;
}

/** Runs Python with MLflow in the working folder, and returns what it wrote to stdout. */
export async function python(...args: readonly string[]): Promise<string> {
  const options = { env: pythonEnvironment(), maxBuffer: LARGEST_OUTPUT_BYTES };
  const { stdout } = await run(requireMlflow().python, args, options);
  return stdout;
}

/** Tracking URI of a database file. */
export function toUri(file: string): string {
  return `sqlite:///${file}`;
}

/** The same URI with the driver that the tests' Python has: without one, SQLAlchemy means psycopg 3 since 2.1. */
export function toPythonUri(uri: string): string {
  return uri.replace(/^postgresql:/, 'postgresql+psycopg2:').replace(/^mysql:/, 'mysql+pymysql:');
}
