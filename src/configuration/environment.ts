import { errorMessage } from '../errors.ts';
import { nearestName } from '../nearest-name.ts';
import { type AllowedValues, describeAllowed, parseText } from './allowed-values.ts';
import type { ConfigurationProblem, ConfigurationSchema, ConfiguredValue, SourceReading } from './sources.ts';

const PREFIX = 'AUTOLOG_';

/** Variables that are read elsewhere. */
const OTHERS = [
  'AUTOLOG_CONFIG_FILE',
  'AUTOLOG_DELIVER_AT_EXIT',
  'AUTOLOG_DISABLED',
  'AUTOLOG_MAX_JOURNAL_BYTES',
  'AUTOLOG_MAX_OPEN_TRACES',
  'AUTOLOG_OPEN_TRACE_TTL',
  'AUTOLOG_TESTING',
  'MLFLOW_EXPERIMENT_ID',
  'MLFLOW_EXPERIMENT_NAME',
  'MLFLOW_RUN_ID',
  'MLFLOW_TRACKING_URI',
];

/** Name of the variable for an option, of all integrations or of one: `AUTOLOG_TFJS_LOG_EVERY_N_STEPS`. */
export function variableName(option: string, integration?: string): string {
  const snake = option.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
  return integration === undefined ? PREFIX + snake : prefixOf(integration) + snake;
}

/** Whether the operator has turned autologging off for the whole process, by `AUTOLOG_DISABLED`. */
export function isSwitchedOff(): boolean {
  const text = process.env.AUTOLOG_DISABLED;
  return text !== undefined && text !== '' && parseText(text, [Boolean])?.value === true;
}

/** Reads what the environment says; a variable that is empty counts as unset. */
export function readEnvironment(schema: ConfigurationSchema): SourceReading {
  const common: ConfiguredValue[] = [];
  const single: ConfiguredValue[] = [];
  const problems: ConfigurationProblem[] = [];
  for (const name of Object.keys(process.env)) {
    const text = name.startsWith(PREFIX) ? process.env[name] : undefined;
    if (!text) continue;
    const target = targetOf(name, schema);
    if (target === undefined) {
      problems.push(...hintFor(name, schema));
      continue;
    }
    const { integration, option, allowed } = target;
    const value = read(name, text, option, allowed, schema, problems);
    if (value === undefined || option === null) continue;
    (integration === null ? common : single).push({ integration, option, value, origin: name });
  }
  return { values: [...common, ...single], problems };
}

interface Target {
  readonly integration: string | null;
  /** Null for the switch, which is no option. */
  readonly option: string | null;
  readonly allowed: AllowedValues;
}

function targetOf(name: string, schema: ConfigurationSchema): Target | undefined {
  if (name === 'AUTOLOG_DISABLED') return { integration: null, option: null, allowed: [Boolean] };
  const forAll = { ...schema.common, ...schema.universal };
  const option = Object.keys(forAll).find((each) => variableName(each) === name);
  if (option !== undefined) return { integration: null, option, allowed: forAll[option] ?? [] };
  const integration = integrationOf(name, schema);
  if (integration === undefined) return undefined;
  const isCommon = Object.keys(schema.common).some((each) => variableName(each, integration) === name);
  const options = isCommon ? schema.common : schema.ownOptions(integration);
  const own = Object.keys(options).find((each) => variableName(each, integration) === name);
  return own === undefined ? undefined : { integration, option: own, allowed: options[own] ?? [] };
}

function read(
  name: string,
  text: string,
  option: string | null,
  allowed: AllowedValues,
  schema: ConfigurationSchema,
  problems: ConfigurationProblem[],
): unknown {
  const parsed = parseText(text, allowed);
  try {
    if (parsed !== undefined) {
      if (option !== null) schema.check(option, parsed.value);
      return parsed.value;
    }
    const form = allowed.includes(Object) ? "JSON, or pairs as 'name=value,name=value'" : describeAllowed(allowed);
    problems.push(wrong(name, `${name} is '${shown(text)}': set it to ${form}, or unset it.`));
  } catch (error) {
    problems.push(wrong(name, `${name} is '${shown(text)}': ${errorMessage(error)}`));
  }
  return undefined;
}

function wrong(origin: string, message: string): ConfigurationProblem {
  return { origin, message, severity: 'wrong' };
}

/** A name that is nearly one of ours was probably meant so; others may belong to other programs. */
function hintFor(name: string, schema: ConfigurationSchema): ConfigurationProblem[] {
  if (OTHERS.includes(name)) return [];
  const integration = integrationOf(name, schema);
  const options = Object.keys({ ...schema.common, ...(integration ? schema.ownOptions(integration) : {}) });
  const universal = Object.keys({ ...schema.common, ...schema.universal });
  const names = [
    ...options.map((option) => variableName(option, integration)),
    ...universal.map((option) => variableName(option)),
    ...schema.integrations.flatMap((each) =>
      Object.keys(schema.common).map((option) => variableName(option, each)),
    ),
    ...OTHERS,
  ];
  const bare = new Map(names.map((each) => [each.replace(/^[A-Z]+_/, ''), each]));
  const near = bare.get(nearestName(name.slice(PREFIX.length), bare.keys()) ?? '');
  if (near === undefined && integration === undefined) return [];
  const advice =
    near === undefined
      ? `there are ${options.map((option) => variableName(option, integration)).join(', ')}`
      : `did you mean ${near}?`;
  return [{ origin: name, message: `${name} is no variable of autolog; ${advice}`, severity: 'hint' }];
}

/** The integration whose name a variable begins with; the longest such name. */
function integrationOf(name: string, { integrations }: ConfigurationSchema): string | undefined {
  const found = integrations.filter((each) => name.startsWith(prefixOf(each)));
  return found.sort((a, b) => b.length - a.length)[0];
}

function prefixOf(integration: string): string {
  return `${PREFIX}${integration.replaceAll('-', '_').toUpperCase()}_`;
}

function shown(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}
