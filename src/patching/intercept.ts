import { isTesting } from '../failures.ts';
import { createWrapper } from './create-wrapper.ts';
import type { Interceptor } from './interceptor.ts';
import { findProperty, replaceProperty } from './replace-property.ts';
import { addShell, enterShell, findShell, leaveShell, type Shell } from './shell.ts';

/**
 * Puts an interceptor round the function or class at `target[key]` and returns its undo.
 *
 * A function has one shell, whatever the number of interceptors. When the last one goes, the property is restored
 * exactly; where a stranger has wrapped the shell meanwhile, the shell stays below, passes calls through, and goes once
 * the stranger has gone.
 *
 * @throws {PatchError} when the property holds no function or cannot be changed.
 */
export function intercept(target: object, key: PropertyKey, interceptor: Interceptor): () => void {
  const shell = findShell(target, key) ?? createShell(target, key);
  shell.isChecked = isTesting();
  enterShell(shell, interceptor);
  return () => leaveShell(shell, interceptor);
}

function createShell(target: object, key: PropertyKey): Shell {
  const isInherited = !Object.hasOwn(target, key) && findProperty(target, key)?.descriptor.get === undefined;
  const shell = {
    target,
    key,
    interceptors: [],
    isChecked: false,
    isOverOthers: false,
    cover: undefined,
    passCount: 0,
    nextLook: -1,
  } as Omit<Shell, 'replacement'> as Shell;
  shell.replacement = replaceProperty(target, key, (original) => createWrapper(shell, original, isInherited));
  return addShell(shell);
}
