import { invalidParameter } from '../errors.ts';
import { silenceFailures } from '../failures.ts';
import type { Config, IntegrationDefinition } from './definition.ts';
import {
  type ConfiguredBy,
  configure,
  handOver,
  type Integration,
  type IntegrationEntry,
  turnOff,
} from './enabling.ts';
import type { AutologOptions } from './options.ts';

export type { IntegrationEntry } from './enabling.ts';

/** What is known of an integration at this moment. */
export interface IntegrationState {
  readonly name: string;
  readonly packages: Readonly<Record<string, string>>;
  /** Undefined while it is off. */
  readonly config: Config<object> | undefined;
  readonly configuredBy: ConfiguredBy | undefined;
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
  return [...integrations.values()].map(({ entry, config, configuredBy }) => ({
    name: entry.name,
    packages: entry.packages,
    config,
    configuredBy,
  }));
}

/** Enables or disables one integration for good: a universal call no longer changes it. */
export function enableIntegration(name: string, options: AutologOptions): void {
  configure(find(name), options, 'explicit');
}

/**
 * Enables or disables all integrations that were not configured by themselves and are not left out, also those that are
 * defined later.
 */
export function enableAll(options: AutologOptions, except: readonly string[]): void {
  universal = { options, except };
  for (const [name, integration] of integrations) {
    if (integration.configuredBy === 'explicit' || except.includes(name)) continue;
    configure(integration, options, 'universal');
  }
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
  for (const integration of integrations.values()) {
    turnOff(integration);
    integration.given.clear();
    silenceFailures(integration.entry.name, false);
  }
}

function add(entry: IntegrationEntry, definition: IntegrationDefinition | undefined): void {
  const off = { options: {}, config: undefined, configuredBy: undefined };
  const integration: Integration = { entry, definition, ...off, undo: [], given: new Map() };
  integrations.set(entry.name, integration);
  if (universal === undefined || universal.except.includes(entry.name)) return;
  configure(integration, universal.options, 'universal');
}

function find(name: string): Integration {
  const integration = integrations.get(name);
  if (integration !== undefined) return integration;
  throw invalidParameter(`There is no integration '${name}'; there are ${[...integrations.keys()].join(', ')}.`);
}
