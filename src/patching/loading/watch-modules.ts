import { inMicrotask } from '../../clock.ts';
import { AutologError } from '../../errors.ts';
import { reportFailure } from '../../failures.ts';
import { findLoadedCommonJs, findLoadedEsModules, findNewEsModules } from './find-loaded.ts';
import { followForeignRuntime } from './foreign-runtime.ts';
import { installImportHook } from './import-hook.ts';
import { followImports, followRequires } from './load-channels.ts';
import type { LoadedBy, LoadedModule } from './loaded-module.ts';
import { installMeans, removeAllMeans } from './means.ts';
import { addWatch, type Means, sharedState, type Watch, watchedSpecifiers } from './shared-state.ts';
import { currentTier, type Tier } from './tier.ts';

export { reasonOfBlindness } from './foreign-runtime.ts';
export type { LoadedBy, LoadedModule } from './loaded-module.ts';

/** What a process can see of its modules, for diagnosis. */
export interface LoadingState {
  readonly node: string;
  /** How far this runtime lets modules be followed. */
  readonly tier: Tier;
  /** False in a worker, which has hooks and patches of its own. */
  readonly isMainThread: boolean;
  /** True under Yarn's Plug'n'Play, where packages lie in archives. */
  readonly isPlugAndPlay: boolean;
  readonly watched: readonly string[];
  /** `installed`, `idle` until it is needed, or why it could not be installed. */
  readonly means: Readonly<Record<Means, string>>;
  /** How loaded ES modules are found: `compile`, `hook`, `inspector`, `none`, or null before the first search. */
  readonly probe: string | null;
  /** URLs of watched ES modules that are being loaded or wait at a top-level await. */
  readonly pending: readonly string[];
  /** Every copy seen since the process began. */
  readonly seen: readonly {
    readonly file: string;
    readonly specifier: string;
    readonly version: string | null;
    readonly how: LoadedBy;
  }[];
}

/**
 * Calls back for each copy of the modules, loaded already or later, CommonJS or ES module, each copy once.
 *
 * Copies that are loaded already are told before it returns, those still loading when they have settled. A callback
 * that throws is reported and hinders nothing. Nothing that the program loads is changed.
 *
 * @returns its undo, which may be called again: the hooks of the process go with the last watch
 */
export function watchModules(specifiers: readonly string[], onModule: (module: LoadedModule) => void): () => void {
  if (currentTier() === 'none') return () => undefined;
  const removeWatch = addWatch(createWatch(specifiers, onModule));
  attempt('installing module hooks', installAllMeans);
  attempt('search for loaded modules', () => {
    findLoadedCommonJs();
    findLoadedEsModules(specifiers);
    if (currentTier() === 'foreign') followForeignRuntime();
  });
  let isUndone = false;
  // An import() of this very turn is in no cache yet, and may have passed the hooks before they stood.
  inMicrotask(() => {
    if (!isUndone) attempt('search for loaded modules', () => findNewEsModules(specifiers, 'probe'));
  });
  return () => {
    isUndone = true;
    removeWatch();
    if (sharedState().watches.size === 0) removeAllMeans();
  };
}

/** Tells what this process can see of its modules: which means are installed, and what they have found. */
export function loadingState(): LoadingState {
  const { installed, refused, probe, pendingUrls, seen } = sharedState();
  const stateOf = (means: Means): string => (installed.has(means) ? 'installed' : (refused.get(means) ?? 'idle'));
  return {
    node: process.version,
    tier: currentTier(),
    // Importing it would cost every program a millisecond.
    isMainThread: process.getBuiltinModule('node:worker_threads').isMainThread,
    isPlugAndPlay: process.versions.pnp !== undefined,
    watched: watchedSpecifiers(),
    means: {
      'require-in-the-middle': stateOf('require-in-the-middle'),
      'import-in-the-middle': stateOf('import-in-the-middle'),
      'module.require': stateOf('module.require'),
      'module.import': stateOf('module.import'),
    },
    probe,
    pending: [...pendingUrls],
    seen: [...seen].map(([file, copy]) => ({ file, ...copy })),
  };
}

function createWatch(specifiers: readonly string[], onModule: (module: LoadedModule) => void): Watch {
  const toldUrls = new Set<string>();
  const toldExports = new WeakSet<object>();
  return {
    specifiers: [...specifiers],
    receive(module, url) {
      if (url === null ? toldExports.has(module.exports) : toldUrls.has(url)) return;
      if (url === null) toldExports.add(module.exports);
      else toldUrls.add(url);
      attempt(`watcher of module ${module.specifier}`, () => onModule(module));
    },
  };
}

function installAllMeans(): void {
  installMeans('import-in-the-middle', () => {
    if (currentTier() === 'full') return installImportHook();
    throw new AutologError(
      'NOT_IMPLEMENTED',
      currentTier() === 'limited'
        ? `Cannot hook imports in Node ${process.version}: its load hooks break CommonJS; use Node 22.22.3, 24.11.1 or later`
        : 'Cannot hook imports in this runtime: it is not Node.js; call autolog() after the imports',
    );
  });
  installMeans('module.require', followRequires);
  installMeans('module.import', followImports);
}

function attempt(what: string, task: () => void): void {
  try {
    task();
  } catch (error) {
    reportFailure(what, error);
  }
}
