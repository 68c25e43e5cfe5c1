import type { LoadedBy, LoadedModule } from '../patching/loading/loaded-module.ts';

/** What became of one loaded copy of a library, or of several that are alike. */
export interface CopyState {
  readonly specifier: string;
  /** Null where it is not known, as of a copy that was handed over. */
  readonly version: string | null;
  readonly packageRoot: string | null;
  readonly how: LoadedBy;
  readonly outcome: 'patched' | 'refused';
  /** Why it was refused, null otherwise. */
  readonly reason: string | null;
  readonly patchedTargets: readonly string[];
  /** Targets that this version does not have, and need not have. */
  readonly missingTargets: readonly string[];
  /** So many copies of one file: test runners load a library anew for each of their files. */
  readonly count: number;
}

/** What was done to a copy. */
export type CopyOutcome = Pick<CopyState, 'outcome' | 'reason' | 'patchedTargets' | 'missingTargets'>;

/** The copies that an integration has met, and those of them that are alive. */
export interface SeenCopies {
  /** Notes the latest that was done to a copy. */
  note(module: LoadedModule, outcome: CopyOutcome): void;
  states(): CopyState[];
  /** Exports of the copies that still exist and are patched. */
  patchedExports(): { readonly state: CopyState; readonly exports: LoadedModule['exports'] }[];
  clear(): void;
}

interface Entry {
  state: CopyState;
  readonly alive: Set<WeakRef<LoadedModule['exports']>>;
}

/** More copies of one file are not looked at again. */
const MAX_ALIVE = 8;

/** Makes the list of an integration; it keeps no copy alive. */
export function createSeenCopies(): SeenCopies {
  const entries = new Map<string, Entry>();
  return {
    note({ specifier, version, packageRoot, how, exports }, outcome) {
      const key = [specifier, packageRoot, how, outcome.outcome].join('\n');
      const entry = entries.get(key) ?? { state: undefined as unknown as CopyState, alive: new Set() };
      entries.delete(key);
      entries.set(key, entry);
      const isKnown = [...entry.alive].some((each) => each.deref() === exports);
      const count = (entry.state?.count ?? 0) + (isKnown ? 0 : 1);
      entry.state = { specifier, version, packageRoot, how, ...outcome, count };
      if (isKnown) return;
      if (entry.alive.size >= MAX_ALIVE) entry.alive.delete(first(entry.alive));
      entry.alive.add(new WeakRef(exports));
    },
    states: () => [...entries.values()].map(({ state }) => state),
    patchedExports() {
      return [...entries.values()].flatMap(({ state, alive }) =>
        [...alive].flatMap((each) => {
          const exports = each.deref();
          return exports === undefined || state.outcome === 'refused' ? [] : [{ state, exports }];
        }),
      );
    },
    clear: () => entries.clear(),
  };
}

function first<T>(set: ReadonlySet<T>): T {
  return set.values().next().value as T;
}
