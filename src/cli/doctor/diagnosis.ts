import type { CopyState } from '../../autologging/copies.ts';
import type { VersionState } from '../../autologging/versions.ts';
import type { ConfigurationProblem } from '../../configuration/sources.ts';
import type { LoadingState } from '../../patching/loading/watch-modules.ts';

/** What a process with autologging in it tells of itself at its end; plain JSON data. */
export interface ProcessDiagnosis {
  readonly autolog: { readonly version: string; readonly folder: string };
  readonly node: {
    readonly version: string;
    readonly platform: string;
    readonly options: string | null;
    readonly execArgv: readonly string[];
  };
  readonly cwd: string;
  readonly loading: LoadingState;
  /** Set by `AUTOLOG_DISABLED`. */
  readonly isSwitchedOff: boolean;
  /** Whether any call has turned autologging on or off. */
  readonly wasEnabled: boolean;
  readonly integrations: readonly IntegrationDiagnosis[];
  readonly otherTracers: readonly OtherTracer[];
  readonly store: StoreDiagnosis;
  readonly configuration: {
    readonly file: string | null;
    /** `AUTOLOG_` and `MLFLOW_` variables that are set; of secrets only the name. */
    readonly variables: Readonly<Record<string, string>>;
    readonly problems: readonly ConfigurationProblem[];
  };
  /** Stores that something was logged to. */
  readonly written: readonly WrittenStore[];
  /** Failures of autologging itself, by target. */
  readonly failures: Readonly<Record<string, number>>;
}

/** One integration. */
export interface IntegrationDiagnosis {
  readonly name: string;
  readonly isOn: boolean;
  readonly configuredBy: 'explicit' | 'universal' | null;
  readonly packages: readonly PackageDiagnosis[];
  /** Options in force, or that would be: value and where it comes from (`code`, a variable, a file, `default`). */
  readonly options: Readonly<Record<string, { readonly value: unknown; readonly origin: string }>>;
}

/** One package of an integration, with the copies that are installed, loaded or handed over. */
export interface PackageDiagnosis {
  readonly name: string;
  /** Tested range. */
  readonly range: string;
  readonly copies: readonly CopyDiagnosis[];
}

/** One copy of a package. */
export interface CopyDiagnosis {
  readonly version: string | null;
  /** Null for what was handed over. */
  readonly folder: string | null;
  readonly support: VersionState;
  /** How it was seen to be loaded; empty while it is not. */
  readonly loaded: readonly CopyState['how'][];
  readonly patchedTargets: readonly string[];
  readonly missingTargets: readonly string[];
  /** Why it, or a part of it, is not patched. */
  readonly reasons: readonly string[];
  /** Patched functions that others have wrapped too: over ours, or under it. */
  readonly foreign: readonly { readonly target: string; readonly place: 'over' | 'under' }[];
}

/** Another tracer that is installed or active. */
export interface OtherTracer {
  readonly name: string;
  readonly version: string | null;
  readonly state: 'installed' | 'loaded';
}

/** Where data goes. */
export interface StoreDiagnosis {
  readonly trackingUri: string | null;
  readonly trackingUriOrigin: string;
  readonly file: string | null;
  readonly exists: boolean;
  /** Why nothing can be recorded there, null if it can. */
  readonly problem: string | null;
  readonly experiment: string | null;
  readonly experimentOrigin: string;
  readonly journals: { readonly folder: string | null; readonly waiting: number; readonly sizeBytes: number };
  /** File of records that the store refused. */
  readonly rejected: string | null;
}

/** A store that a process has logged to. */
export interface WrittenStore {
  readonly uri: string;
  readonly recordCount: number;
  /** Records that would be lost, or are. */
  readonly unkeptCount: number;
}

/** Something to put right, with the command or line that does it. */
export interface Problem {
  readonly what: string;
  readonly fix: string;
}

/** The whole report. */
export interface Diagnosis {
  readonly isHealthy: boolean;
  readonly problems: readonly Problem[];
  readonly notes: readonly string[];
  readonly script: ScriptDiagnosis | null;
  /** Null where the process could not tell of itself any more. */
  readonly process: ProcessDiagnosis | null;
}

/** How the script went. */
export interface ScriptDiagnosis {
  readonly path: string;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Who turns autologging on: the program, or the command as `--import autolog/register` does. */
  readonly enabledBy: 'program' | 'register';
  readonly recorded: { readonly runs: number; readonly traces: number; readonly spans: number };
}
