import {
  allowedByDefault,
  describeAllowed,
  isAllowed,
  type OptionSchema,
} from '../configuration/allowed-values.ts';
import { invalidParameter } from '../errors.ts';
import { reportFailure } from '../failures.ts';
import { toTags } from '../tracking/runs/records.ts';

/**
 * Options that every integration has, as `mlflow.autolog` names them.
 *
 * Source: mlflow/tracking/fluent.py `autolog`, read at 3.17.
 */
export interface AutologOptions {
  /** Logs the trained model. @default true */
  readonly logModels?: boolean;
  /** Stores the first rows of the training data with the model; needs `logModels`. @default false */
  readonly logInputExamples?: boolean;
  /** Stores the shapes and types of the model's inputs and outputs with it; needs `logModels`. @default true */
  readonly logModelSignatures?: boolean;
  /** Logs a description of the training data. @default true */
  readonly logDatasets?: boolean;
  /** Logs traces of model calls, chains, tools and agents. @default true */
  readonly logTraces?: boolean;
  /** Turns the integration off and takes its patches back. @default false */
  readonly disable?: boolean;
  /** Logs nothing to runs that the program began itself. @default false */
  readonly exclusive?: boolean;
  /** Logs nothing for library versions outside of the tested range. @default false */
  readonly disableForUnsupportedVersions?: boolean;
  /** Keeps this package's own messages and warnings from the terminal. @default false */
  readonly silent?: boolean;
  /** Set on each run that autologging begins; its own tag `mlflow.autologging` cannot be set. @default {} */
  readonly extraTags?: Readonly<Record<string, unknown>>;
}

/** The common options with nothing left out. */
export type CommonConfig = Required<AutologOptions>;

/** What applies to an integration that was not configured otherwise. */
export const DEFAULT_CONFIG: CommonConfig = Object.freeze({
  logModels: true,
  logInputExamples: false,
  logModelSignatures: true,
  logDatasets: true,
  logTraces: true,
  disable: false,
  exclusive: false,
  disableForUnsupportedVersions: false,
  silent: false,
  extraTags: Object.freeze({}),
});

/** What `autolog()` takes beside the options that it hands on. */
export interface UniversalOptions extends AutologOptions {
  /** Integrations that this call leaves as they are, by name. @default [] */
  readonly excludeFlavors?: readonly string[];
  /**
   * Libraries that cannot be found by themselves (bundled, or in a test sandbox), by integration: a module namespace,
   * a class or a client. @default {}
   */
  readonly modules?: Readonly<Record<string, unknown>>;
}

/** Tag of the runs that autologging begins. Source: mlflow/utils/mlflow_tags.py, read at 3.17. */
export const AUTOLOGGING_TAG = 'mlflow.autologging';

/** What the options of every integration may be. */
export const COMMON_SCHEMA: OptionSchema = schemaOf(DEFAULT_CONFIG);

/** What the options of the universal call may be that are no integration's. */
export const UNIVERSAL_SCHEMA: OptionSchema = { excludeFlavors: [Array] };

/** What options may be, by their defaults and by what their integration says of some of them. */
export function schemaOf(defaults: object = {}, choices: object = {}): OptionSchema {
  return Object.fromEntries(
    Object.entries(defaults).map(([option, value]) => [
      option,
      (choices as OptionSchema)[option] ?? allowedByDefault(value),
    ]),
  );
}

/**
 * Makes the whole configuration of what a user has set in a call, over what was configured by environment and file, the
 * integration's own defaults and the common ones.
 */
export function createConfig<Options extends object>(
  options: AutologOptions & Partial<Options>,
  own: Partial<Options> = {},
  configured: Readonly<Record<string, unknown>> = {},
): Readonly<CommonConfig & Options> {
  const set = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const config = { ...DEFAULT_CONFIG, ...own, ...configured, ...set } as CommonConfig & Options;
  return Object.freeze({ ...config, extraTags: Object.freeze({ ...config.extraTags }) });
}

/**
 * Checks what a user has set; `attempt` begins the message.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for an option that does not exist, a value that it cannot have, or a bad
 * tag.
 */
export function checkOptions(attempt: string, options: AutologOptions, known: OptionSchema): void {
  if (typeof options !== 'object' || options === null)
    throw invalidParameter(
      `${attempt}: found ${String(options)}, not an object of options; pass { logModels: false }, say.`,
    );
  const unknown = Object.keys(options).find((option) => !Object.hasOwn(known, option));
  if (unknown !== undefined) {
    const names = Object.keys(known).join(', ');
    throw invalidParameter(`${attempt}: there is no option '${unknown}'; there are ${names}.`);
  }
  const { extraTags = {}, silent } = options;
  checkTags(extraTags);
  for (const [option, value] of Object.entries(options)) {
    const allowed = known[option] ?? [];
    if (value === undefined || isAllowed(value, allowed)) continue;
    throw invalidParameter(`${attempt}: ${option} is ${shown(value)}; set it to ${describeAllowed(allowed)}.`);
  }
  if (!(AUTOLOGGING_TAG in extraTags)) return;
  const reason = `autologging sets '${AUTOLOGGING_TAG}' itself; that one is left out, rename it`;
  reportFailure(`${attempt}: extraTags`, reason, { silent });
}

/** @throws {AutologError} INVALID_PARAMETER_VALUE for tags that MLflow would not take. */
export function checkTags(tags: Readonly<Record<string, unknown>>): void {
  toTags(tags);
}

function shown(value: unknown): string {
  return typeof value === 'string'
    ? `'${value.slice(0, 60)}'`
    : Array.isArray(value)
      ? 'an array'
      : primitive(value);
}

function primitive(value: unknown): string {
  return typeof value === 'object' && value !== null
    ? 'an object'
    : typeof value === 'function'
      ? 'a function'
      : String(value);
}
