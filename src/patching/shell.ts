import type { Interceptor } from './interceptor.ts';
import { findProperty, type Replacement } from './replace-property.ts';

/** What stands round one function, whatever the number of interceptors. */
export interface Shell {
  readonly target: object;
  readonly key: PropertyKey;
  /** Replaced as a whole, so that a call under way keeps the list it began with. */
  interceptors: readonly Interceptor[];
  /** In test mode hooks are checked for what they may not do. */
  isChecked: boolean;
  /** What it calls may be a wrapper of ours, too, as an inherited method may be. */
  isOverOthers: boolean;
  replacement: Replacement;
  /** What a stranger had put over the shell when its last interceptor went. */
  cover: unknown;
  /** Calls that have passed through since then. */
  passCount: number;
  /** The call that looks whether the stranger has gone; -1 for none. */
  nextLook: number;
}

/** At most so many calls pass between two looks. */
const MAX_CALLS_BETWEEN_LOOKS = 1024;

/** On the global object, so that two copies of this package share one shell for each function. */
const SHELLS = Symbol.for('autolog.shells.v1');
const registry = globalThis as { [SHELLS]?: WeakMap<object, Shell> };
registry[SHELLS] ??= new WeakMap();
const shells = registry[SHELLS];

/** Shells without interceptors that still stand below a stranger's wrapper, by their target. */
const left = new WeakMap<object, Set<Shell>>();

/** What stands in a property: its function, or the getter that gives it. */
export function installedIn(target: object, key: PropertyKey): unknown {
  const { value, get } = findProperty(target, key)?.descriptor ?? {};
  return get ?? value;
}

/** Makes a shell known by what it has installed. */
export function addShell(shell: Shell): Shell {
  shells.set(shell.replacement.installed, shell);
  return shell;
}

/**
 * Finds the shell of a function, if a call comes to it: one that is outermost, or that stands below a stranger's wrapper
 * which is known to call it. Used again, the stranger can still leave, and nothing stacks.
 */
export function findShell(target: object, key: PropertyKey): Shell | undefined {
  const installed = installedIn(target, key);
  const isHere = (shell: Shell | undefined): boolean => shell?.target === target && shell.key === key;
  const seen = new Set<unknown>();
  for (let each = installed; typeof each === 'function' && !seen.has(each); each = originalOf(each)) {
    seen.add(each);
    const shell = shells.get(each);
    if (isHere(shell)) return shell;
  }
  return [...(left.get(target) ?? [])].findLast(
    (shell) => isHere(shell) && shell.passCount > 0 && shell.cover === installed,
  );
}

/** The mark that shimmer and OpenTelemetry set on their wrappers. */
function originalOf(wrapper: object): unknown {
  return Object.getOwnPropertyDescriptor(wrapper, '__original')?.value;
}

/** Adds an interceptor. */
export function enterShell(shell: Shell, interceptor: Interceptor): void {
  shell.interceptors = [...shell.interceptors, interceptor];
  stopLooking(shell);
}

/** Takes an interceptor out; after the last one the property is restored, at once or by a later call. */
export function leaveShell(shell: Shell, interceptor: Interceptor): void {
  if (!shell.interceptors.includes(interceptor)) return;
  shell.interceptors = shell.interceptors.filter((other) => other !== interceptor);
  if (shell.interceptors.length > 0 || shell.replacement.restore() === 'restored') return;
  shell.cover = installedIn(shell.target, shell.key);
  shell.passCount = 0;
  shell.nextLook = 1;
  const others = left.get(shell.target) ?? new Set();
  left.set(shell.target, others.add(shell));
}

/** Counts a call that passes through a shell without interceptors; where the stranger has gone, restores the property. */
export function countPass(shell: Shell): void {
  shell.passCount += 1;
  if (shell.passCount !== shell.nextLook) return;
  shell.nextLook += Math.min(shell.passCount, MAX_CALLS_BETWEEN_LOOKS);
  try {
    if (shell.replacement.restore() === 'restored') stopLooking(shell);
  } catch {
    // TypeError: the object was frozen meanwhile, and keeps the shell.
    stopLooking(shell);
  }
}

function stopLooking(shell: Shell): void {
  shell.nextLook = -1;
  shell.cover = undefined;
  left.get(shell.target)?.delete(shell);
}
