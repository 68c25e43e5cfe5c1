import { intercept } from '../patching/intercept.ts';
import type { Interceptor } from '../patching/interceptor.ts';
import type { LoadedModule } from '../patching/loading/watch-modules.ts';
import { PatchError } from '../patching/patch-error.ts';
import type { Config, IntegrationDefinition, Patch } from './definition.ts';
import { createObserveInterceptor } from './observe-patch.ts';
import { DEFAULT_CONFIG } from './options.ts';
import { createPatchContext, type PatchContext } from './patch-context.ts';
import { createRecorder, type Recorder } from './recorder.ts';
import { resolveTarget } from './resolve-target.ts';
import { createSpanInterceptor } from './span-patch.ts';
import { createTrainingInterceptor } from './training-patch.ts';

/** For whom each patch stands where: both copies of a dual package may lead to the same class. */
const standing = new WeakMap<Patch, WeakMap<object, Set<string>>>();

/** What was done to one loaded copy. */
export interface InstalledPatches {
  readonly undo: () => void;
  /** Targets that are patched now, by this copy or by another that leads to the same functions. */
  readonly patched: readonly string[];
  /** Targets that this copy does not have, and need not have. */
  readonly missing: readonly string[];
}

/**
 * Patches one loaded copy of a library, wholly or not at all. The undo does not keep the copy from being collected.
 *
 * @throws {PatchError} when a function is not where the definition says, unless the definition calls it optional.
 */
export function installPatches(
  name: string,
  definition: IntegrationDefinition,
  module: LoadedModule,
  config: () => Config<object> | undefined,
): InstalledPatches {
  const context = createPatchContext(name, config);
  const recorder = createRecorder(context, { ...DEFAULT_CONFIG, ...definition.options });
  const first = Object.keys(definition.packages)[0] as string;
  const undo: (() => void)[] = [];
  const patched: string[] = [];
  const missing: string[] = [];
  const undoAll = (): void => {
    for (const each of undo.splice(0).reverse()) each();
  };
  try {
    for (const patch of definition.patches) {
      if ((patch.module ?? first) !== module.specifier) continue;
      const restore = installPatch(context, recorder, patch, module);
      (restore === undefined ? missing : patched).push(patch.target);
      if (restore !== undefined) undo.push(restore);
    }
    const detach = module.specifier === first ? definition.attach?.(module.exports, recorder) : undefined;
    if (detach !== undefined) undo.push(whileAlive(module.exports, detach));
  } catch (error) {
    undoAll();
    throw error;
  }
  return { undo: undoAll, patched, missing };
}

/** True when exports have any of the functions that a definition patches. */
export function hasTarget(definition: IntegrationDefinition, exports: LoadedModule['exports']): boolean {
  if (definition.attach !== undefined) return true;
  return definition.patches.some(({ target }) => {
    try {
      return resolveTarget(exports, target) !== undefined;
    } catch {
      // PatchError: it is not there.
      return false;
    }
  });
}

function installPatch(
  context: PatchContext,
  recorder: Recorder,
  patch: Patch,
  module: LoadedModule,
): (() => void) | undefined {
  const { target } = patch;
  try {
    const { owner, key } = resolveTarget(module.exports, target);
    const integrations = integrationsAt(patch, owner);
    if (integrations.has(context.integration)) return () => undefined;
    const undo = intercept(owner, key, createInterceptor(context, recorder, patch));
    integrations.add(context.integration);
    return whileAlive(owner, () => {
      integrations.delete(context.integration);
      undo();
    });
  } catch (error) {
    // Versions differ in what they have, and what is handed over may be only a part of the library.
    if (error instanceof PatchError && (patch.optional || module.how === 'given')) return undefined;
    throw error;
  }
}

/** An undo that does not hold what it is the undo of: test runners load the same library again and again. */
function whileAlive(owner: object, undo: () => void): () => void {
  const undoOf = new WeakMap([[owner, undo]]);
  const reference = new WeakRef(owner);
  return () => {
    const alive = reference.deref();
    if (alive !== undefined) undoOf.get(alive)?.();
  };
}

/** Integrations that have a patch there: two of them may share one, by a constant of their author's. */
function integrationsAt(patch: Patch, owner: object): Set<string> {
  const owners = standing.get(patch) ?? new WeakMap<object, Set<string>>();
  standing.set(patch, owners);
  const integrations = owners.get(owner) ?? new Set<string>();
  owners.set(owner, integrations);
  return integrations;
}

function createInterceptor(context: PatchContext, recorder: Recorder, patch: Patch): Interceptor {
  if ('span' in patch) return createSpanInterceptor(context, patch.target, patch.span);
  if ('training' in patch) return createTrainingInterceptor(context, patch.target, patch.training);
  return createObserveInterceptor(context, patch.target, patch.observe, recorder);
}
