import module, { createRequire, type LoadHookSync, type ResolveHookSync } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { reportFailure } from '../../failures.ts';
import { announce } from './announce.ts';
import { announceExpected, expectCommonJs } from './imported-commonjs.ts';
import { isEsModuleFile } from './manifest.ts';
import { sharedState } from './shared-state.ts';
import { watchedPath } from './watched-files.ts';

/** The part of import-in-the-middle's loader that is used here; the package declares no types for it. */
interface Wrapper {
  applyOptions(options: { shouldInclude(url: string): boolean }): void;
  resolveSync: ResolveHookSync;
  loadSync: LoadHookSync;
}

const require = createRequire(import.meta.url);

/** What is built lies all in one folder, and imports nothing that is watched. */
const OWN_FOLDER = import.meta.url.replace(/[^/]*\/[^/]*$/, '');

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
    pauseImportHook();
    try {
      const created = createWrapper();
      unhook = announceWrapped();
      wrapper = created;
    } catch (error) {
      sharedState().isImportHookBlind = true;
      reportFailure('loading import-in-the-middle', error);
    } finally {
      isLoadingWrapper = false;
      resumeImportHook();
    }
    return wrapper;
  }

  function resolve(...[specifier, context, next]: Parameters<ResolveHookSync>): ReturnType<ResolveHookSync> {
    announceExpected();
    // `require` must get the module itself, and is announced by other means.
    if (context.conditions?.includes('require')) return next(specifier, context);
    if (wrapper !== null) return wrapper.resolveSync(specifier, context, next);
    const resolved = next(specifier, context);
    if (!isToBeWrapped(resolved.url)) return resolved;
    return begin()?.resolveSync(specifier, context, next) ?? resolved;
  }

  const loading = module.registerHooks({
    load(url, context, next) {
      const loaded = wrapper === null ? next(url, context) : wrapper.loadSync(url, context, next);
      if (!isLoadingWrapper && !url.startsWith(OWN_FOLDER) && mayImport(loaded)) resumeImportHook();
      expectCommonJs(url, loaded.format);
      return loaded;
    },
  });
  const resolving = createPausable(() => module.registerHooks({ resolve }));
  current = resolving;
  return () => {
    current = null;
    resolving.pause();
    loading.deregister();
    unhook();
  };
}

/**
 * Takes the hook for what imports lead to away until an ES module is seen again, for the time of a `require`.
 *
 * Beneath such a hook Node resolves what is required in a longer way: 15 ms for the 154 files of openai.
 */
export function pauseImportHook(): void {
  current?.pause();
}

/** Puts the hook back; nothing happens where it stands. */
export function resumeImportHook(): void {
  current?.resume();
}

interface Pausable {
  pause(): void;
  resume(): void;
}

let current: Pausable | null = null;

function createPausable(register: () => { deregister(): void }): Pausable {
  let standing: { deregister(): void } | null = register();
  return {
    pause() {
      standing?.deregister();
      standing = null;
    },
    resume() {
      standing ??= register();
    },
  };
}

/** Files that nothing but their text says to be ES modules, too. */
function mayImport({ format, source }: ReturnType<LoadHookSync>): boolean {
  if (format === 'commonjs' || format === 'json' || format === 'builtin') return false;
  return format != null || /(?:^|[;}\s])(?:import|export)[\s{*'"]/.test(String(source));
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
    if (state.specifiersOf.size === 0 || state.loadedUrls.has(url)) return false;
    const file = watchedPath(url);
    // CommonJS is announced by other means, and its exports are costly to list (100 ms for tfjs).
    if (file === null || !isEsModuleFile(file)) return false;
    if (!/[?&]iitm=/.test(url)) return true;
    state.isImportHookBlind = true;
    return false;
  } catch (error) {
    reportFailure('module hook of import-in-the-middle', error);
    return false;
  }
}
