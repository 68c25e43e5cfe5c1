import { isSwitchedOff } from '../configuration/environment.ts';
import type { ConfiguredOptions } from '../configuration/sources.ts';
import { invalidParameter } from '../errors.ts';
import { silenceFailures, tellOnce } from '../failures.ts';
import {
  configuredFor,
  forgetConfiguration,
  inspectConfiguration,
  type OnProblem,
  readConfiguration,
} from './configured.ts';
import { type CopyState, createSeenCopies, type SeenCopies } from './copies.ts';
import type { Config, IntegrationDefinition } from './definition.ts';
import {
  type ConfiguredBy,
  configure,
  definitionOf,
  handOver,
  type Integration,
  type IntegrationEntry,
  turnOff,
} from './enabling.ts';
import { type AutologOptions, schemaOf } from './options.ts';

export type { IntegrationEntry } from './enabling.ts';

/** What is known of an integration at this moment. */
export interface IntegrationState {
  readonly name: string;
  readonly packages: Readonly<Record<string, string>>;
  /** Undefined while it is off. */
  readonly config: Config<object> | undefined;
  readonly configuredBy: ConfiguredBy | undefined;
  /** What the call that configured it has set, by name. */
  readonly setByCode: readonly string[];
  /** What environment and file set beneath the program's calls. */
  readonly configured: ConfiguredOptions;
  /** Each copy that was loaded or handed over, and what became of it. */
  readonly copies: readonly CopyState[];
}

const integrations = new Map<string, Integration>();

/** The universal call in force, for integrations that are defined after it. */
let universal: { readonly options: AutologOptions; readonly except: readonly string[] } | undefined;

/** Makes an integration known by its definition. A second one of the same name replaces the first. */
export function registerIntegration(name: string, definition: IntegrationDefinition): void {
  const { packages } = definition;
  const entry = { name, packages, modules: modulesOf(definition), load: () => definition };
  const present = integrations.get(name);
  if (present === undefined) {
    add(entry, definition);
    return;
  }
  const isOther = present.definition !== undefined && present.definition !== definition;
  Object.assign(present, { entry, definition });
  if (isOther && present.configuredBy !== undefined) configure(present, present.options, present.configuredBy);
}

/** Makes an integration known by name, packages and modules; its file is loaded when a module is seen. */
export function registerEntry(entry: IntegrationEntry): void {
  const present = integrations.get(entry.name);
  if (present === undefined) add(entry, undefined);
  else Object.assign(present, { entry, definition: undefined });
}

/** The modules that a definition patches or attaches to. */
export function modulesOf(definition: IntegrationDefinition): string[] {
  const first = Object.keys(definition.packages)[0] as string;
  return [
    ...new Set([
      ...definition.patches.map((patch) => patch.module ?? first),
      ...(definition.attach ? [first] : []),
    ]),
  ];
}

/** The state of all integrations, for diagnosis. */
export function integrationStates(): IntegrationState[] {
  return [...integrations.values()].map(({ entry, config, configured, configuredBy, options, copies }) => ({
    name: entry.name,
    packages: entry.packages,
    config,
    configuredBy,
    setByCode: Object.entries(options).flatMap(([option, value]) => (value === undefined ? [] : option)),
    configured: configured ?? configuredFor(entry.name),
    copies: copies.states(),
  }));
}

/** The copies of each integration that exist and are patched, for a look at what stands in their functions now. */
export function patchedCopies(): (ReturnType<SeenCopies['patchedExports']>[number] & { readonly name: string })[] {
  return [...integrations.values()].flatMap(({ entry, copies }) =>
    copies.patchedExports().map((copy) => ({ ...copy, name: entry.name })),
  );
}

/** Whether a call has ever turned integrations on or off in this process. */
export function wasEnabled(): boolean {
  return universal !== undefined || [...integrations.values()].some((each) => each.configuredBy !== undefined);
}

/**
 * Reads environment and configuration file for the enabling that follows.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for the first thing that is wrong, unless it is to be reported.
 */
export function prepareConfiguration(onProblem: OnProblem): void {
  readConfiguration(known, onProblem);
}

/** What environment and configuration file get wrong, for diagnosis. */
export function configurationProblems(): ReturnType<typeof inspectConfiguration>['problems'] {
  return inspectConfiguration(known).problems;
}

/** An integration's own options and their defaults, for diagnosis. */
export function defaultOptions(name: string): object {
  return definitionOf(find(name)).options ?? {};
}

const known = {
  get integrations() {
    return [...integrations.keys()];
  },
  ownOptions(name: string) {
    const { options, choices } = definitionOf(find(name));
    return schemaOf(options, choices);
  },
};

/** Enables or disables one integration for good: a universal call no longer changes it. */
export function enableIntegration(name: string, options: AutologOptions): void {
  if (isSwitchedOff()) return;
  prepareConfiguration('throw');
  configure(find(name), options, 'explicit');
}

/**
 * Enables or disables all integrations that were not configured by themselves and are not left out, also those that are
 * defined later.
 */
export function enableAll(options: AutologOptions, except: readonly string[]): void {
  universal = { options, except };
  for (const [name, integration] of integrations) {
    if (except.includes(name)) continue;
    if (integration.configuredBy === 'explicit') {
      if (options.disable && integration.config !== undefined) tellOnce(staysOn(name));
      continue;
    }
    configure(integration, options, 'universal');
  }
}

function staysOn(name: string): string {
  return `autolog({ disable: true }) leaves ${name} on, which its own function has turned on; turn it off by that one's { disable: true }, or all by resetAutolog().`;
}

/** @throws {AutologError} INVALID_PARAMETER_VALUE for an integration that does not exist. */
export function requireIntegration(name: string): void {
  find(name);
}

/**
 * Takes a library that the program hands over because it cannot be found; it is patched while the integration is on.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for what the integration cannot be handed.
 */
export function patchGiven(name: string, handle: unknown): void {
  handOver(find(name), handle);
}

/** Forgets what was configured: integrations are off, and a universal call reaches all of them again. */
export function resetIntegrations(): void {
  universal = undefined;
  forgetConfiguration();
  for (const integration of integrations.values()) {
    turnOff(integration);
    integration.given.clear();
    integration.copies.clear();
    silenceFailures(integration.entry.name, false);
  }
}

function add(entry: IntegrationEntry, definition: IntegrationDefinition | undefined): void {
  const off = { options: {}, config: undefined, configured: undefined, configuredBy: undefined };
  const copies = createSeenCopies();
  const integration: Integration = { entry, definition, ...off, undo: [], given: new Set(), copies };
  integrations.set(entry.name, integration);
  if (universal === undefined || universal.except.includes(entry.name)) return;
  // Its own variables could not be read before it was known.
  prepareConfiguration('report');
  configure(integration, universal.options, 'universal');
}

function find(name: string): Integration {
  const integration = integrations.get(name);
  if (integration !== undefined) return integration;
  throw invalidParameter(`There is no integration '${name}'; there are ${[...integrations.keys()].join(', ')}.`);
}
