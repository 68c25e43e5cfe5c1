import type { IntegrationDefinition } from '../autologging/definition.ts';
import { modulesOf } from '../autologging/registry.ts';
import { resolveTarget } from '../autologging/resolve-target.ts';
import { watchModules } from '../patching/loading/watch-modules.ts';
import { findProperty } from '../patching/replace-property.ts';

type Exports = Readonly<Record<string, unknown>>;

/** A property that a definition patches, and how it stands. */
export interface FoundTarget {
  readonly target: string;
  /** Whether the property is the owner's own. */
  readonly isOwn: boolean;
  readonly descriptor: PropertyDescriptor | undefined;
  readonly keys: readonly PropertyKey[];
}

/** Finds what a definition patches in every copy of its library that is loaded, and in what is handed over. */
export function findTargets(definition: IntegrationDefinition, given: unknown): FoundTarget[] {
  const first = Object.keys(definition.packages)[0] as string;
  const copies: { readonly specifier: string; readonly exports: Exports }[] = [];
  const stop = watchModules(modulesOf(definition), (module) => copies.push(module));
  stop();
  const exports = given === undefined ? undefined : (definition.given?.(given) ?? (given as Exports));
  if (exports !== undefined) copies.push({ specifier: first, exports });
  return copies.flatMap((copy) =>
    definition.patches
      .filter((patch) => (patch.module ?? first) === copy.specifier)
      .flatMap(({ target }) => find(copy.exports, target)),
  );
}

function find(exports: Exports, target: string): FoundTarget[] {
  try {
    const { owner, key } = resolveTarget(exports, target);
    const isOwn = Object.hasOwn(owner, key);
    return [{ target, isOwn, descriptor: findProperty(owner, key)?.descriptor, keys: Reflect.ownKeys(owner) }];
  } catch {
    // PatchError: this version does not have it, and nothing is patched.
    return [];
  }
}
