import { type InspectOptions, inspect, types } from 'node:util';

/** What a native promise has come to. */
export interface PromiseState {
  readonly state: 'pending' | 'fulfilled' | 'rejected';
  /** Stands for what it rejected with, which only a subscriber gets: same name, message and stack. */
  readonly error?: Error;
}

/** True for a native promise that nothing stands before. */
export function isPlainPromise(value: unknown): value is Promise<unknown> {
  return isNativePromise(value) && !Object.hasOwn(value, 'then');
}

/** True for a native promise whose state is its own, as that of a subclass need not be. */
export function isNativePromise(value: unknown): value is Promise<unknown> {
  if (!types.isPromise(value)) return false;
  const prototype = Object.getPrototypeOf(value) as object;
  return Object.hasOwn(prototype, Symbol.toStringTag) && Object.hasOwn(prototype, 'then');
}

/** Runs no code of the program's, writes little whatever the value is, and takes no defaults that a program has set. */
const BRIEF = {
  depth: 0,
  breakLength: Number.POSITIVE_INFINITY,
  colors: false,
  compact: 3,
  customInspect: false,
  getters: false,
  maxArrayLength: 0,
  maxStringLength: 0,
  showHidden: false,
  showProxy: false,
} as const;

let isShown: boolean | undefined;

/**
 * Tells the state of a native promise without subscribing to it; 'pending' also when it cannot be told.
 *
 * Node shows it in `util.inspect` alone: `Promise { <pending> }`, `Promise { <rejected> … }`, `Promise { … }`. A value
 * that is itself such a text stands in quotes there.
 */
export function promiseState(promise: Promise<unknown>): PromiseState {
  // Node 22 shows properties of its own behind the state where an AsyncLocalStorage is in use.
  isShown ??=
    /^<pending>/.test(contentOf(new Promise(() => undefined)) ?? '') &&
    /^7\b/.test(contentOf(Promise.resolve(7)) ?? '');
  const content = isShown ? contentOf(promise) : undefined;
  if (content === undefined || content.startsWith('<pending>')) return { state: 'pending' };
  if (!content.startsWith('<rejected>')) return { state: 'fulfilled' };
  const details = contentOf(promise, { depth: 1, maxStringLength: 1_000 }) ?? content;
  return {
    state: 'rejected',
    error: toError(
      details
        .replace('<rejected>', '')
        .replace(/\s*\}$/, '')
        .trim(),
    ),
  };
}

function contentOf(promise: Promise<unknown>, more: InspectOptions = {}): string | undefined {
  try {
    return /^[^{]*Promise[^{]*\{\s*(.*)$/s.exec(inspect(promise, { ...BRIEF, ...more }))?.[1];
  } catch {
    // A value that cannot even be shown.
    return undefined;
  }
}

/** From `TypeError: text`, a stack and perhaps properties, as an error is shown; anything else is the message. */
function toError(shown: string): Error {
  // Within the braces, each line is indented.
  const text = shown.replace(/^\[(.*)\]$/s, '$1').replaceAll('\n  ', '\n');
  const stackStart = text.search(/\n\s+at /);
  const head = stackStart === -1 ? text : text.slice(0, stackStart);
  const [, name, message = ''] = /^([A-Za-z_$][\w$]*)(?: \[\w+\])?(?:: (.*))?$/s.exec(head) ?? [];
  const isError = name !== undefined && (stackStart !== -1 || name.endsWith('Error'));
  const error = new Error(isError ? message.replace(/ \{$/, '') : shown);
  error.name = isError ? name : 'Error';
  error.stack = stackStart === -1 ? '' : text;
  return error;
}
