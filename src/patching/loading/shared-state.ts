import { packageNameOf } from './entry-files.ts';
import type { LoadedBy, LoadedModule } from './loaded-module.ts';

/** One call of `watchModules` that has not been undone. */
export interface Watch {
  readonly specifiers: readonly string[];
  /** Takes a copy; ES modules are told apart by their URL, CommonJS modules, without one, by their exports. */
  receive(module: LoadedModule, url: string | null): void;
}

/** Means that lie outside this package and can be missing or refused. */
export type Means = 'require-in-the-middle' | 'import-in-the-middle' | 'module.require' | 'module.import';

/** What this process has learned and installed, shared by all copies of this package in it. */
export interface SharedState {
  readonly watches: Set<Watch>;
  /** Specifiers that any watch names, by package; another map whenever they change. */
  specifiersOf: ReadonlyMap<string, ReadonlySet<string>>;
  /** Undo of each means that is installed now. */
  readonly installed: Map<Means, () => void>;
  /** Why a means could not be installed. */
  readonly refused: Map<Means, string>;
  /** ES modules that Node has loaded as they are: wrapping them now would make a second namespace. */
  readonly loadedUrls: Set<string>;
  /** ES modules that are being loaded or await something. */
  readonly pendingUrls: Set<string>;
  /** True once the import hook was seen to miss modules: another wraps them first, or its parsers cannot be loaded. */
  isImportHookBlind: boolean;
  /** Which probe passed its self-test. */
  probe: string | null;
  /** Copies seen, by file. */
  readonly seen: Map<string, { specifier: string; version: string | null; how: LoadedBy }>;
}

const KEY = Symbol.for('autolog.loading.v1');

/** State of the loading layer, one for each thread. */
export function sharedState(): SharedState {
  const holder = globalThis as { [KEY]?: SharedState };
  holder[KEY] ??= {
    watches: new Set(),
    specifiersOf: new Map(),
    installed: new Map(),
    refused: new Map(),
    loadedUrls: new Set(),
    pendingUrls: new Set(),
    isImportHookBlind: false,
    probe: null,
    seen: new Map(),
  };
  return holder[KEY];
}

/** Adds a watch; returns its undo. */
export function addWatch(watch: Watch): () => void {
  const { watches } = sharedState();
  watches.add(watch);
  indexSpecifiers();
  return () => {
    watches.delete(watch);
    indexSpecifiers();
  };
}

/** Every specifier that is watched now. */
export function watchedSpecifiers(): string[] {
  return [...sharedState().specifiersOf.values()].flatMap((specifiers) => [...specifiers]);
}

function indexSpecifiers(): void {
  const state = sharedState();
  const specifiersOf = new Map<string, Set<string>>();
  for (const specifier of [...state.watches].flatMap((watch) => watch.specifiers)) {
    const name = packageNameOf(specifier);
    specifiersOf.set(name, new Set([...(specifiersOf.get(name) ?? []), specifier]));
  }
  state.specifiersOf = specifiersOf;
}
