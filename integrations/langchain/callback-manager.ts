import { isObject } from '../shapes/json-object.ts';

/** The library's tree of callbacks, as far as it is used here. */
export interface CallbackManager {
  readonly handlers: readonly unknown[];
  readonly tags: unknown;
  readonly metadata: unknown;
  getParentRunId(): string | undefined;
}

/** Tells a manager of callbacks by its methods, for whichever copy of langchain. */
export function isManager(value: unknown): value is CallbackManager {
  if (!isObject(value)) return false;
  return Array.isArray(value.handlers) && typeof value.getParentRunId === 'function';
}

/** Managers that the library would have none of, had the program no autologging. */
export const loneManagers = new WeakSet<object>();
