import { execFileSync, spawnSync } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import semver from 'semver';
import type { LoadedModule, LoadingState } from '../../src/patching/loading/watch-modules.ts';

/** A node binary that the programs run on. */
export interface NodeBinary {
  readonly binary: string;
  readonly version: string;
  /** False where a call in the same turn as the import can be missed (22.15 to 22.22.2, 24.0 to 24.11.0). */
  readonly hooksImports: boolean;
}

/** What a program printed at its exit. */
export interface Recording {
  readonly modules: readonly (Omit<LoadedModule, 'exports'> & { readonly keys: number })[];
  /** Whether the watch had been told of each export when the program used it. */
  readonly checks: Readonly<Record<string, boolean>>;
  readonly state: LoadingState;
  readonly stderr: string;
  readonly [extra: string]: unknown;
}

/** Where and how a program runs. */
export interface RunOptions {
  readonly node: NodeBinary;
  /** @default the folder of the programs */
  readonly cwd?: string;
  readonly execArgv?: readonly string[];
}

/** The node binaries that AUTOLOG_NODES names, separated as in PATH; else the one that runs the tests. */
export function nodeBinaries(): NodeBinary[] {
  const binaries = process.env.AUTOLOG_NODES?.split(path.delimiter).filter(Boolean) ?? [process.execPath];
  return binaries.map((binary) => {
    const version = execFileSync(binary, ['-p', 'process.versions.node'], { encoding: 'utf8' }).trim();
    return {
      binary,
      version,
      hooksImports: semver.satisfies(version, '~22.22.3 || ^22.23 || ^24.11.1 || >=25.1'),
    };
  });
}

/** Runs a program of this folder, or of `cwd`, to its end and reads what it recorded. */
export function runProgram(
  program: string,
  { node, cwd = import.meta.dirname, execArgv = [] }: RunOptions,
): Recording {
  const flags = ['--disable-warning=ExperimentalWarning'];
  if (semver.satisfies(node.version, '<22.18')) flags.push('--experimental-strip-types');
  const recorder = pathToFileURL(path.join(import.meta.dirname, 'recorder.mjs')).href;
  const { AUTOLOG_TESTING: _, NODE_OPTIONS: __, ...env } = process.env;
  const { stdout, stderr, status } = spawnSync(node.binary, [...flags, ...execArgv, path.join(cwd, program)], {
    cwd,
    env: { ...env, RECORDER: recorder },
    encoding: 'utf8',
  });
  const last = stdout.trimEnd().split('\n').at(-1) ?? '';
  if (status !== 0 || !last.startsWith('{')) throw new Error(`${program} ended with ${status}: ${stderr}`);
  return { ...JSON.parse(last), stderr };
}
