/**
 * How far this runtime lets modules be followed.
 *
 * `full`: load hooks stand without harm, Node 22.22.3, 24.11.1, 25.1, 26 and later. `limited`: Node without such hooks,
 * where ES modules are found once they have loaded. `foreign`: Bun and Deno. `none`: no file of this package that is
 * loaded when it is needed can be.
 */
export type Tier = 'full' | 'limited' | 'foreign' | 'none';

const { node, bun, deno } = process.versions;

/** Tells which tier this process runs in. */
export function currentTier(): Tier {
  if (bun !== undefined || deno !== undefined) return 'foreign';
  if (process.features.require_module === false) return 'none';
  return hasSoundHooks() && hasWebAssembly() ? 'full' : 'limited';
}

/** Why calls of modules that were found only after their importers had run may be missing, with the fix. */
export function reasonOfMissedCalls(): string | undefined {
  if (currentTier() === 'full' || deno !== undefined) return undefined;
  const what = 'calls made while the program was still loading may be missing, because';
  const fix = 'call autolog() after the imports';
  if (bun !== undefined) return `${what} Bun ${bun} has no hook for imports; ${fix}`;
  if (!hasWebAssembly()) return `${what} the hook for imports needs WebAssembly; leave out --jitless, or ${fix}`;
  return `${what} Node ${node} has no hook for them; use Node 22.22.3, 24.11.1 or later, or ${fix}`;
}

/**
 * Before, a load hook breaks CommonJS that ES modules load. Source: https://github.com/nodejs/node/pull/59929, and
 * import-in-the-middle's `supportsSyncHooks`, read at 3.6.0.
 */
function hasSoundHooks(): boolean {
  const [major = 0, minor = 0, patch = 0] = node.split('.').map(Number.parseFloat);
  if (major === 22) return minor > 22 || (minor === 22 && patch >= 3);
  if (major === 24) return minor > 11 || (minor === 11 && patch >= 1);
  return major === 25 ? minor >= 1 : major >= 26;
}

/** Without it, import-in-the-middle fails at each module with a warning. */
function hasWebAssembly(): boolean {
  return 'WebAssembly' in globalThis;
}
