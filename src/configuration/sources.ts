import type { OptionSchema } from './allowed-values.ts';

/** What can be configured. */
export interface ConfigurationSchema {
  /** Options of all integrations. */
  readonly common: OptionSchema;
  /** Options of the universal call alone. */
  readonly universal: OptionSchema;
  /** Names of the integrations. */
  readonly integrations: readonly string[];
  /** Options that an integration has beyond the common ones; asked only for those that are configured by themselves. */
  ownOptions(integration: string): OptionSchema;
  /** Looks at a value more closely than its type. @throws {AutologError} for a bad one. */
  check(option: string, value: unknown): void;
}

/** A value that a variable or a file gives to an option. */
export interface ConfiguredValue {
  /** Null for all integrations. */
  readonly integration: string | null;
  readonly option: string;
  readonly value: unknown;
  /** Name of the variable, or path of the file. */
  readonly origin: string;
}

/** Something that a variable or a file gets wrong. */
export interface ConfigurationProblem {
  /** What has it: `AUTOLOG_SILENT`, or the path of the file. */
  readonly origin: string;
  /** One sentence with the fix. */
  readonly message: string;
  /**
   * `wrong` for what must not be; `hint` for a name that nothing has and that may be meant for someone else; `later` for
   * the name of an integration that may yet be defined.
   */
  readonly severity: 'wrong' | 'hint' | 'later';
}

/** What one source says. */
export interface SourceReading {
  /** Values for all integrations first, then those for one. */
  readonly values: readonly ConfiguredValue[];
  readonly problems: readonly ConfigurationProblem[];
}

/** The values that apply to an integration (null for the universal call), with the origin of each; later ones win. */
export function valuesFor(
  integration: string | null,
  schema: OptionSchema,
  values: readonly ConfiguredValue[],
): ConfiguredOptions {
  const applying = values.filter(
    (each) => (each.integration === null && each.option in schema) || each.integration === integration,
  );
  return Object.freeze({
    values: Object.fromEntries(applying.map(({ option, value }) => [option, value])),
    origins: Object.fromEntries(applying.map(({ option, origin }) => [option, origin])),
  });
}

/** Options that were set beneath those of the program's own calls. */
export interface ConfiguredOptions {
  readonly values: Readonly<Record<string, unknown>>;
  /** Where each was set: name of the variable, or path of the file. */
  readonly origins: Readonly<Record<string, string>>;
}
