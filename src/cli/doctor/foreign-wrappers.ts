import { patchedCopies } from '../../autologging/registry.ts';
import { resolveTarget } from '../../autologging/resolve-target.ts';
import { packageNameOf } from '../../patching/loading/entry-files.ts';
import { findProperty } from '../../patching/replace-property.ts';
import { findShell, installedIn } from '../../patching/shell.ts';

/** A patched function that someone else has wrapped too. */
export interface ForeignWrapper {
  readonly integration: string;
  readonly packageName: string;
  readonly packageRoot: string | null;
  readonly target: string;
  /** Over ours: wrapped later; under it: wrapped before. Both see each call. */
  readonly place: 'over' | 'under';
}

/** Looks at what stands in each patched function now. */
export function findForeignWrappers(): ForeignWrapper[] {
  return patchedCopies().flatMap(({ name, state, exports }) =>
    state.patchedTargets.flatMap((target) =>
      placesIn(exports, target).map((place) => ({
        integration: name,
        packageName: packageNameOf(state.specifier),
        packageRoot: state.packageRoot,
        target,
        place,
      })),
    ),
  );
}

function placesIn(exports: Readonly<Record<string, unknown>>, target: string): ForeignWrapper['place'][] {
  try {
    const { owner, key } = resolveTarget(exports, target);
    const installed = installedIn(owner, key);
    const shell = findShell(owner, key);
    const isOver = shell === undefined || shell.replacement.installed !== installed;
    return [...(isOver ? (['over'] as const) : []), ...(isWrapped(owner, key) ? (['under'] as const) : [])];
  } catch {
    // PatchError: the program has removed the function since.
    return [];
  }
}

/** By the marks of shimmer and OpenTelemetry; our own wrapper names its original in the same way. */
function isWrapped(owner: object, key: string): boolean {
  const ours: unknown = findShell(owner, key)?.replacement.installed ?? findProperty(owner, key)?.descriptor.value;
  const original: unknown = Reflect.get(Object(ours), '__original');
  return typeof original === 'function' && Object.hasOwn(original, '__wrapped');
}
