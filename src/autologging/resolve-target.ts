import { PatchError } from '../patching/patch-error.ts';
import { findProperty } from '../patching/replace-property.ts';

/** A property of an object or class. */
export interface ResolvedTarget {
  readonly owner: object;
  readonly key: string;
}

/**
 * Follows a path such as `OpenAI.Chat.Completions.prototype.create` from a module's exports.
 *
 * @throws {PatchError} when a part of the path is missing or the last one is no function.
 */
export function resolveTarget(exports: Readonly<Record<string, unknown>>, path: string): ResolvedTarget {
  const parts = path.split('.');
  const key = parts.pop() as string;
  let owner: unknown = exports;
  for (const part of parts) {
    owner = isHolder(owner) ? (owner as Record<string, unknown>)[part] : undefined;
    if (!isHolder(owner)) throw new PatchError(`Cannot patch '${path}': '${part}' is not there`);
  }
  const { get, value } = findProperty(owner as object, key)?.descriptor ?? {};
  // What a getter gives may depend on the instance; it is asked when the program asks.
  if (get === undefined && typeof value !== 'function') {
    throw new PatchError(`Cannot patch '${path}': found ${typeof value}, not a function`);
  }
  return { owner: owner as object, key };
}

function isHolder(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
