import { configFilePath, readConfigFile, tolerateBrokenFile } from '../configuration/config-file.ts';
import { readEnvironment } from '../configuration/environment.ts';
import {
  type ConfigurationProblem,
  type ConfigurationSchema,
  type ConfiguredOptions,
  type ConfiguredValue,
  type SourceReading,
  valuesFor,
} from '../configuration/sources.ts';
import { errorMessage, invalidParameter } from '../errors.ts';
import { tellOnce } from '../failures.ts';
import { nearestName } from '../nearest-name.ts';
import { requireSource } from '../require-source.ts';
import { COMMON_SCHEMA, checkTags, UNIVERSAL_SCHEMA } from './options.ts';

/** What is done with a wrong variable or file: a program's own call throws, a start without one tells and goes on. */
export type OnProblem = 'throw' | 'report';

/** What is known of integrations when their configuration is read. */
export type KnownIntegrations = Pick<ConfigurationSchema, 'integrations' | 'ownOptions'>;

let values: readonly ConfiguredValue[] = [];

/**
 * Reads environment and configuration file anew, for the calls of {@link configuredFor} to come.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for the first thing that is wrong, unless it is to be reported.
 */
export function readConfiguration(known: KnownIntegrations, onProblem: OnProblem): void {
  if (onProblem === 'report') tolerateBrokenFile();
  const { values: found, problems } = inspectConfiguration(known);
  const wrong = problems.find(({ severity }) => severity === 'wrong');
  if (wrong !== undefined && onProblem === 'throw') throw invalidParameter(wrong.message);
  values = found;
  for (const { message, severity } of problems) {
    if (severity !== 'later') tellOnce(severity === 'hint' ? message : `${message} It is left out.`);
  }
}

/** Forgets what environment and file have said. */
export function forgetConfiguration(): void {
  values = [];
}

/** What was configured beneath the calls for one integration; null for the universal call. */
export function configuredFor(integration: string | null): ConfiguredOptions {
  return valuesFor(integration, integration === null ? UNIVERSAL_SCHEMA : COMMON_SCHEMA, values);
}

/** Reads environment and configuration file, and tells what is wrong with them. */
export function inspectConfiguration(known: KnownIntegrations): SourceReading {
  const schema: ConfigurationSchema = {
    common: COMMON_SCHEMA,
    universal: UNIVERSAL_SCHEMA,
    check: checkWith(known),
    ...known,
  };
  const environment = readEnvironment(schema);
  const inFile = readFile(schema);
  const found = [...inFile.values, ...environment.values];
  return {
    values: found,
    problems: [...inFile.problems, ...environment.problems, ...unknownFlavors(found, known)],
  };
}

function readFile(schema: ConfigurationSchema): SourceReading {
  try {
    const file = readConfigFile();
    if (file === null) return { values: [], problems: [] };
    const { readFileValues } =
      requireSource<typeof import('../configuration/file-values.ts')>('configuration/file-values');
    return readFileValues(file, schema);
  } catch (error) {
    const origin = configFilePath() ?? '';
    return { values: [], problems: [{ origin, message: errorMessage(error), severity: 'wrong' }] };
  }
}

function checkWith({ integrations }: KnownIntegrations): ConfigurationSchema['check'] {
  return (option, value) => {
    if (option === 'extraTags') checkTags(value as Readonly<Record<string, unknown>>);
    if (option !== 'excludeFlavors') return;
    for (const name of value as readonly string[]) {
      const meant = integrations.includes(name) ? undefined : nearestName(name, integrations);
      if (meant !== undefined)
        throw invalidParameter(`there is no integration '${name}'; did you mean '${meant}'?`);
    }
  };
}

/** Integrations of others may be defined after they were left out. */
function unknownFlavors(
  found: readonly ConfiguredValue[],
  { integrations }: KnownIntegrations,
): ConfigurationProblem[] {
  return found
    .filter(({ option, integration }) => option === 'excludeFlavors' && integration === null)
    .flatMap(({ value, origin }) => {
      const unknown = (value as readonly string[]).filter((name) => !integrations.includes(name));
      const names = integrations.join(', ');
      return unknown.map((name) => {
        const message = `${origin} leaves out '${name}', and there is no such integration; there are ${names}.`;
        return { origin, message, severity: 'later' as const };
      });
    });
}
