import type { ConfiguredOptions } from '../configuration/sources.ts';
import { errorMessage, invalidParameter } from '../errors.ts';
import { reportFailure, silenceFailures, tellOnce } from '../failures.ts';
import { type LoadedModule, reasonOfBlindness, watchModules } from '../patching/loading/watch-modules.ts';
import { isRefusedSource, requireSource } from '../require-source.ts';
import { configuredFor } from './configured.ts';
import type { CopyOutcome, SeenCopies } from './copies.ts';
import type { Config, IntegrationDefinition } from './definition.ts';
import { emitAutologCalled } from './event-logger.ts';
import { createLock } from './lock.ts';
import { type AutologOptions, createConfig } from './options.ts';
import { mayPatch } from './version-gate.ts';

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
  /** What environment and file said when it was turned on; undefined while it is off. */
  configured: ConfiguredOptions | undefined;
  configuredBy: ConfiguredBy | undefined;
  undo: (() => void)[];
  /** What the program has handed over: patched again whenever the integration is enabled, while the program has it. */
  readonly given: Set<WeakRef<object>>;
  /** What became of each copy that was loaded or handed over. */
  readonly copies: SeenCopies;
}

const lock = createLock('integrations');

/** Takes back what an integration has patched, and turns it on or off as the options say. */
export function configure(integration: Integration, options: AutologOptions, by: ConfiguredBy): void {
  const { name } = integration.entry;
  const done = lock.run(() => {
    const configured = configuredFor(name);
    const config = createConfig(options, integration.definition?.options, configured.values);
    silenceFailures(name, config.silent);
    emitAutologCalled(name, config);
    turnOff(integration);
    try {
      Object.assign(integration, { configured, configuredBy: by, options });
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
  Object.assign(integration, { config: undefined, configured: undefined, configuredBy: undefined, options: {} });
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
  const exports = isHolder(handle) ? exportsOf(integration, handle) : undefined;
  if (exports === null) return;
  if (exports === undefined) {
    throw invalidParameter(
      `Cannot log the given ${name}: none of its functions was found in what was handed over (${typeof handle}); pass its module, class or client.`,
    );
  }
  if (givenHandles(integration).includes(handle as object)) return;
  integration.given.add(new WeakRef(handle as object));
  installGiven(integration, exports);
}

/** What has the functions in a handle; undefined where nothing has, null where that could not be found out. */
function exportsOf(integration: Integration, handle: object): Exports | undefined | null {
  try {
    const definition = definitionOf(integration);
    const found = definition.given === undefined ? (handle as Exports) : definition.given(handle);
    return found !== undefined && patcher().hasTarget(definition, found) ? found : undefined;
  } catch (error) {
    report(integration, 'what was handed over', error);
    return null;
  }
}

/** The handles that the program still has. */
function givenHandles({ given }: Integration): object[] {
  return [...given].flatMap((reference) => {
    const handle = reference.deref();
    if (handle === undefined) given.delete(reference);
    return handle ?? [];
  });
}

function turnOn(integration: Integration, config: Config<object>): void {
  integration.config = config;
  integration.undo.push(watchModules(integration.entry.modules, (module) => attemptInstall(integration, module)));
  for (const handle of givenHandles(integration)) {
    const exports = exportsOf(integration, handle);
    if (exports) installGiven(integration, exports);
  }
  if (integration.given.size === 0) hint(integration, reasonOfBlindness(integration.entry.modules));
}

/** Says once what of a library cannot be logged, unless silence was asked for. */
function hint({ entry, config }: Integration, text: string | undefined): void {
  if (text !== undefined && !config?.silent) tellOnce(`${entry.name}: ${text}`);
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
    const outcome = install(integration, module);
    if (outcome !== undefined) integration.copies.note(module, outcome);
    if (outcome?.outcome === 'patched') hint(integration, module.missed);
  } catch (error) {
    const version = module.version === null ? '' : ` ${module.version}`;
    integration.copies.note(module, refused(errorMessage(error)));
    report(integration, `${module.specifier}${version} is not logged`, error);
  }
}

/** Where no file of this package can be loaded, one line says so for all libraries. */
function report({ entry, config }: Integration, what: string, error: unknown): void {
  const where = isRefusedSource(error) ? 'autologging' : `${entry.name}: ${what}`;
  reportFailure(where, error, { silent: config?.silent });
}

function install(integration: Integration, module: LoadedModule): CopyOutcome | undefined {
  const { entry, options, config, configured } = integration;
  if (config === undefined) return undefined;
  if (!mayPatch(entry.packages, module, config))
    return refused('its version is outside of the tested range, and disableForUnsupportedVersions is set');
  const definition = definitionOf(integration);
  integration.config = createConfig(options, definition.options, configured?.values);
  const { undo, patched, missing } = patcher().installPatches(
    entry.name,
    definition,
    module,
    () => integration.config,
  );
  integration.undo.push(undo);
  return { outcome: 'patched', reason: null, patchedTargets: patched, missingTargets: missing };
}

function refused(reason: string): CopyOutcome {
  return { outcome: 'refused', reason, patchedTargets: [], missingTargets: [] };
}

/** The definition of an integration, whose file is loaded for it. */
export function definitionOf(integration: Integration): IntegrationDefinition {
  integration.definition ??= integration.entry.load();
  return integration.definition;
}

function patcher() {
  return requireSource<typeof import('./install-patches.ts')>('autologging/install-patches');
}

function isHolder(handle: unknown): handle is object {
  return (typeof handle === 'object' && handle !== null) || typeof handle === 'function';
}
