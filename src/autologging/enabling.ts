import { invalidParameter } from '../errors.ts';
import { reportFailure, silenceFailures } from '../failures.ts';
import { type LoadedModule, watchModules } from '../patching/loading/watch-modules.ts';
import { requireSource } from '../require-source.ts';
import type { Config, IntegrationDefinition } from './definition.ts';
import { emitAutologCalled } from './event-logger.ts';
import { createLock } from './lock.ts';
import { type AutologOptions, createConfig } from './options.ts';

/** An integration before its file is loaded. */
export interface IntegrationEntry {
  readonly name: string;
  readonly packages: Readonly<Record<string, string>>;
  /** Modules whose loading calls for the integration. */
  readonly modules: readonly string[];
  /** Loads the file, synchronously: the library may be called right after it was seen. */
  readonly load: () => IntegrationDefinition;
}

/** By whom an integration was configured: its own function, or the universal one. */
export type ConfiguredBy = 'explicit' | 'universal';

type Exports = Readonly<Record<string, unknown>>;

/** An integration of this process, on or off. */
export interface Integration {
  entry: IntegrationEntry;
  /** Undefined until the integration's file is loaded. */
  definition: IntegrationDefinition | undefined;
  /** What the user asked for; the integration's own defaults are known only once its file is loaded. */
  options: AutologOptions;
  /** Frozen, and replaced as a whole; undefined while off or never enabled. */
  config: Config<object> | undefined;
  configuredBy: ConfiguredBy | undefined;
  undo: (() => void)[];
  /** What the program has handed over, by what it was made of: patched again whenever the integration is enabled. */
  readonly given: Map<unknown, Exports>;
}

const lock = createLock('integrations');

/** Takes back what an integration has patched, and turns it on or off as the options say. */
export function configure(integration: Integration, options: AutologOptions, by: ConfiguredBy): void {
  const { name } = integration.entry;
  const done = lock.run(() => {
    const config = createConfig(options, integration.definition?.options);
    silenceFailures(name, config.silent);
    emitAutologCalled(name, config);
    turnOff(integration);
    try {
      Object.assign(integration, { configuredBy: by, options });
      if (!config.disable) turnOn(integration, config);
    } catch (error) {
      // A universal call to come reaches what was enabled only half.
      turnOff(integration);
      throw error;
    }
  });
  if (done instanceof Promise) done.catch((error) => reportFailure(`${name}: enabling`, error));
}

/** Takes back what an integration has patched, and forgets how it was configured. */
export function turnOff(integration: Integration): void {
  Object.assign(integration, { config: undefined, configuredBy: undefined, options: {} });
  for (const undo of integration.undo.splice(0).reverse()) {
    try {
      undo();
    } catch (error) {
      reportFailure(`${integration.entry.name}: taking a patch back`, error);
    }
  }
}

/**
 * Takes a library that the program hands over because it cannot be found; it is patched while the integration is on.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for what the integration cannot be handed.
 */
export function handOver(integration: Integration, handle: unknown): void {
  const { name } = integration.entry;
  if (integration.given.has(handle)) return;
  let exports: Exports | undefined;
  try {
    const definition = definitionOf(integration);
    const found = (definition.given ?? asExports)(handle);
    exports = found !== undefined && patcher().hasTarget(definition, found) ? found : undefined;
  } catch (error) {
    reportFailure(`${name}: what was handed over`, error);
    return;
  }
  if (exports === undefined) {
    throw invalidParameter(
      `Cannot log the given ${name}: none of its functions was found in what was handed over (${typeof handle}); pass its module, class or client.`,
    );
  }
  integration.given.set(handle, exports);
  installGiven(integration, exports);
}

function turnOn(integration: Integration, config: Config<object>): void {
  integration.config = config;
  integration.undo.push(watchModules(integration.entry.modules, (module) => attemptInstall(integration, module)));
  for (const exports of integration.given.values()) installGiven(integration, exports);
}

function installGiven(integration: Integration, exports: Exports): void {
  const unknown = { packageRoot: null, version: null, how: 'given' } as const;
  for (const specifier of integration.entry.modules) {
    attemptInstall(integration, { specifier, exports, ...unknown });
  }
}

/** All or nothing: a library of which a part is not as expected is left alone. */
function attemptInstall(integration: Integration, module: LoadedModule): void {
  try {
    install(integration, module);
  } catch (error) {
    const version = module.version === null ? '' : ` ${module.version}`;
    reportFailure(`${integration.entry.name}: ${module.specifier}${version} is not logged`, error);
  }
}

function install(integration: Integration, module: LoadedModule): void {
  const { entry, config } = integration;
  if (config === undefined) return;
  const { mayPatch } = requireSource<typeof import('./version-gate.ts')>('autologging/version-gate');
  if (!mayPatch(entry.packages, module, config)) return;
  const definition = definitionOf(integration);
  integration.config = createConfig(integration.options, definition.options);
  const undo = patcher().installPatches(entry.name, definition, module, () => integration.config);
  integration.undo.push(undo);
}

function definitionOf(integration: Integration): IntegrationDefinition {
  integration.definition ??= integration.entry.load();
  return integration.definition;
}

function patcher() {
  return requireSource<typeof import('./install-patches.ts')>('autologging/install-patches');
}

function asExports(handle: unknown): Exports | undefined {
  return typeof handle === 'object' && handle !== null ? (handle as Exports) : undefined;
}
