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

/** Where each patch stands: both copies of a dual package may lead to the same class. */
const owners = new WeakMap<Patch, WeakSet<object>>();

/**
 * Patches one loaded copy of a library, wholly or not at all, and returns the undo.
 *
 * @throws {PatchError} when a function is not where the definition says, unless the definition calls it optional.
 */
export function installPatches(
  name: string,
  definition: IntegrationDefinition,
  module: LoadedModule,
  config: () => Config<object> | undefined,
): () => void {
  const context = createPatchContext(name, config);
  const recorder = createRecorder(context, { ...DEFAULT_CONFIG, ...definition.options });
  const first = Object.keys(definition.packages)[0] as string;
  const undo: (() => void)[] = [];
  const undoAll = (): void => {
    for (const each of undo.splice(0).reverse()) each();
  };
  try {
    for (const patch of definition.patches) {
      if ((patch.module ?? first) !== module.specifier) continue;
      const restore = installPatch(context, recorder, patch, module);
      if (restore !== undefined) undo.push(restore);
    }
    const detach = module.specifier === first ? definition.attach?.(module.exports, recorder) : undefined;
    if (detach !== undefined) undo.push(detach);
  } catch (error) {
    undoAll();
    throw error;
  }
  return undoAll;
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
    const patched = owners.get(patch) ?? new WeakSet();
    owners.set(patch, patched);
    if (patched.has(owner)) return undefined;
    const undo = intercept(owner, key, createInterceptor(context, recorder, patch));
    patched.add(owner);
    return () => {
      patched.delete(owner);
      undo();
    };
  } catch (error) {
    // Versions differ in what they have, and what is handed over may be only a part of the library.
    if (error instanceof PatchError && (patch.optional || module.how === 'given')) return undefined;
    throw error;
  }
}

function createInterceptor(context: PatchContext, recorder: Recorder, patch: Patch): Interceptor {
  if ('span' in patch) return createSpanInterceptor(context, patch.target, patch.span);
  if ('training' in patch) return createTrainingInterceptor(context, patch.target, patch.training);
  return createObserveInterceptor(context, patch.target, patch.observe, recorder);
}
