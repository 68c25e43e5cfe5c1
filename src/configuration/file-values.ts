import { errorMessage } from '../errors.ts';
import { nearestName } from '../nearest-name.ts';
import { describeAllowed, isAllowed, type OptionSchema } from './allowed-values.ts';
import type { ConfigFile } from './config-file.ts';
import type { ConfigurationProblem, ConfigurationSchema, ConfiguredValue, SourceReading } from './sources.ts';

/** Keys of a file that are no options. */
const OTHER_KEYS = ['trackingUri', 'experiment', 'integrations'];

/** Checks what a configuration file gives to options. */
export function readFileValues(file: ConfigFile, schema: ConfigurationSchema): SourceReading {
  const values: ConfiguredValue[] = [];
  const problems: ConfigurationProblem[] = [];
  const take = (
    integration: string | null,
    options: object,
    known: OptionSchema,
    others: readonly string[],
  ): void => {
    for (const [option, value] of Object.entries(options)) {
      if (value === undefined) continue;
      const name = integration === null ? option : `integrations.${integration}.${option}`;
      const flaw = flawOf(option, value, known, others, schema);
      if (flaw === undefined) values.push({ integration, option, value, origin: file.path });
      else problems.push(problemIn(file, `'${name}' ${flaw}`));
    }
  };
  take(null, file.options, { ...schema.common, ...schema.universal }, OTHER_KEYS);
  for (const [integration, options] of Object.entries(file.integrations)) {
    if (schema.integrations.includes(integration)) {
      take(integration, options, { ...schema.common, ...schema.ownOptions(integration) }, []);
    } else {
      const isNear = nearestName(integration, schema.integrations) !== undefined;
      const flaw = `'integrations.${integration}' ${unknown(integration, schema.integrations)}`;
      problems.push({
        ...problemIn(file, flaw),
        severity: isNear || integration === '__proto__' ? 'wrong' : 'later',
      });
    }
  }
  return { values, problems };
}

function flawOf(
  option: string,
  value: unknown,
  known: OptionSchema,
  others: readonly string[],
  schema: ConfigurationSchema,
): string | undefined {
  const allowed = Object.hasOwn(known, option) ? known[option] : undefined;
  if (allowed === undefined) return unknown(option, [...Object.keys(known), ...others]);
  if (!isAllowed(value, allowed)) return `is ${print(value)}: set it to ${describeAllowed(allowed)}`;
  try {
    schema.check(option, value);
    return undefined;
  } catch (error) {
    return `is ${print(value)}: ${errorMessage(error)}`;
  }
}

function unknown(name: string, names: readonly string[]): string {
  const near = nearestName(name, names);
  return near === undefined
    ? `is not known; there are ${names.join(', ')}`
    : `is not known; did you mean '${near}'?`;
}

function print(value: unknown): string {
  try {
    const text = JSON.stringify(value) ?? String(value);
    return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
  } catch {
    // Circular objects and big integers have no JSON.
    return typeof value;
  }
}

function problemIn({ path }: ConfigFile, flaw: string): ConfigurationProblem {
  const end = /[.?]$/.test(flaw) ? '' : '.';
  return { origin: path, message: `Cannot use the configuration '${path}': ${flaw}${end}`, severity: 'wrong' };
}
