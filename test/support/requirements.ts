import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

/**
 * Something that a machine may lack. Tests that need it stand in `describe.skipIf(it.isMissing)(it.title('…'))`:
 * they are skipped by name, and the name says why.
 */
export interface Requirement {
  readonly isMissing: boolean;
  /** Adds the reason to the title when it is missing. */
  title(text: string): string;
}

/**
 * States a requirement.
 *
 * @throws {Error} when it is missing in CI (`CI=true`) although it is required there.
 */
export function createRequirement(isMissing: boolean, reason: string, isRequiredInCi: boolean): Requirement {
  if (isMissing && isRequiredInCi && process.env.CI === 'true') {
    throw new Error(`Cannot run these tests in CI: ${reason}.`);
  }
  return { isMissing, title: (text) => (isMissing ? `${text} [skipped: ${reason}]` : text) };
}

/** Requires the Python interpreter of `AUTOLOG_MLFLOW_PYTHON`, which has the real MLflow; missing in CI is a failure. */
export function requireMlflow(): Requirement & { readonly python: string } {
  const python = process.env.AUTOLOG_MLFLOW_PYTHON ?? '';
  const reason = python
    ? `${python} (AUTOLOG_MLFLOW_PYTHON) has no mlflow`
    : 'AUTOLOG_MLFLOW_PYTHON names no Python that has mlflow';
  return { ...createRequirement(!hasMlflow(python), reason, true), python };
}

/** Requires the database that `npm run demo` made, as `AUTOLOG_DEMO_DATABASE` names it; missing in CI is a failure. */
export function requireDemoDatabase(): Requirement & { readonly file: string } {
  const file = process.env.AUTOLOG_DEMO_DATABASE ?? '';
  const reason = 'AUTOLOG_DEMO_DATABASE names no database of the demo';
  return { ...createRequirement(file === '', reason, true), file };
}

const TEST = path.resolve(import.meta.dirname, '..');

/**
 * Requires what npm installs in a folder of `test/` that has a package.json of its own (bundlers, runtimes and test
 * runners in `tools`); missing in CI is a failure.
 */
export function requireInstalled(folder: string): Requirement & { readonly modules: string } {
  const modules = path.join(TEST, folder, 'node_modules');
  const reason = `test/${folder} is not installed; run \`npm install --no-save --prefix test/${folder}\``;
  return { ...createRequirement(!fs.existsSync(modules), reason, true), modules };
}

/** Node executables that loader tests run on: this one, and those of `AUTOLOG_NODES` (separated by colons). */
export function nodeExecutables(): string[] {
  const others = (process.env.AUTOLOG_NODES ?? '').split(':').filter((it) => it !== '');
  return [process.execPath, ...others];
}

/** Version that a Node executable states, such as "v22.15.0"; undefined when it is none. */
export function nodeVersion(executable: string): string | undefined {
  const { stdout } = spawnSync(executable, ['--version'], { encoding: 'utf8' });
  return /^v\d+\.\d+\.\d+/.exec(stdout ?? '')?.[0];
}

function hasMlflow(python: string): boolean {
  if (python === '') return false;
  const program = 'import importlib.util, sys; sys.exit(importlib.util.find_spec("mlflow") is None)';
  return spawnSync(python, ['-c', program]).status === 0;
}
