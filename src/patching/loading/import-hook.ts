import module, { createRequire, type LoadHookSync, type ResolveHookSync } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { reportFailure } from '../../failures.ts';
import { announce, watchedFile } from './announce.ts';
import { announceExpected, expectCommonJs } from './imported-commonjs.ts';
import { isEsModuleFile } from './manifest.ts';
import { sharedState } from './shared-state.ts';

/** The part of import-in-the-middle's loader that is used here; the package declares no types for it. */
interface Wrapper {
  applyOptions(options: { shouldInclude(url: string): boolean }): void;
  resolveSync: ResolveHookSync;
  loadSync: LoadHookSync;
}

const require = createRequire(import.meta.url);

/**
 * Announces ES modules as they are imported; returns its undo.
 *
 * import-in-the-middle's own `register` would load its parsers at once (about 15 ms), cannot be undone, and warns
 * when the program has called it too. So its loader stands behind hooks of ours, which load it at the first import
 * of a watched file and leave every other module alone.
 *
 * @throws {Error} where the runtime refuses hooks, as the vm pools of test runners do
 */
export function installImportHook(): () => void {
  let wrapper: Wrapper | null = null;
  let isLoadingWrapper = false;
  let unhook = (): void => undefined;

  function begin(): Wrapper | null {
    isLoadingWrapper = true;
    try {
      const created = createWrapper();
      unhook = announceWrapped();
      wrapper = created;
    } catch (error) {
      sharedState().isImportHookBlind = true;
      reportFailure('loading import-in-the-middle', error);
    } finally {
      isLoadingWrapper = false;
    }
    return wrapper;
  }

  const hooks = module.registerHooks({
    resolve(specifier, context, next) {
      announceExpected();
      // `require` must get the module itself, and is announced by other means.
      if (isLoadingWrapper || context.conditions?.includes('require')) return next(specifier, context);
      if (wrapper !== null) return wrapper.resolveSync(specifier, context, next);
      const resolved = next(specifier, context);
      if (!isToBeWrapped(resolved.url)) return resolved;
      return begin()?.resolveSync(specifier, context, next) ?? resolved;
    },
    load(url, context, next) {
      const loaded = wrapper === null ? next(url, context) : wrapper.loadSync(url, context, next);
      expectCommonJs(url, loaded.format);
      return loaded;
    },
  });
  return () => {
    hooks.deregister();
    unhook();
  };
}

function createWrapper(): Wrapper {
  const path = require.resolve('import-in-the-middle/create-hook.mjs');
  const { createHook }: { createHook(meta: { url: string }): Wrapper } = require(path);
  const wrapper = createHook({ url: pathToFileURL(path).href });
  wrapper.applyOptions({ shouldInclude: isToBeWrapped });
  return wrapper;
}

function announceWrapped(): () => void {
  const { addHook, removeHook }: typeof import('import-in-the-middle') = require('import-in-the-middle');
  const hook = (url: string, exports: unknown): void => {
    try {
      if (url.startsWith('file:')) announce(fileURLToPath(url), exports, 'import-in-the-middle', { url });
    } catch (error) {
      reportFailure('module hook of import-in-the-middle', error);
    }
  };
  addHook(hook);
  return () => removeHook(hook);
}

function isToBeWrapped(url: string): boolean {
  try {
    const state = sharedState();
    if (!url.startsWith('file:') || state.specifiersOf.size === 0 || state.loadedUrls.has(url)) return false;
    const file = fileURLToPath(url);
    // CommonJS is announced by other means, and its exports are costly to list (100 ms for tfjs).
    if (watchedFile(file) === null || !isEsModuleFile(file)) return false;
    if (!/[?&]iitm=/.test(url)) return true;
    state.isImportHookBlind = true;
    return false;
  } catch (error) {
    reportFailure('module hook of import-in-the-middle', error);
    return false;
  }
}
