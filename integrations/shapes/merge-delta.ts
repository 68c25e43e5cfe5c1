import { addItems, joinText, MAX_ITEMS } from './bounds.ts';
import { isObject, type JsonObject } from './json-object.ts';

/** An object under construction. */
export type MutableObject = Record<string, unknown>;

/** Strings that a stream gives whole; some servers repeat them in every chunk. */
const LABELS = new Set(['id', 'type', 'role', 'name', 'finish_reason', 'format']);

/**
 * Adds a piece of a streamed object to what has come of it: texts are joined, lists extended, objects merged, and
 * everything else replaced, unless the piece has null. The piece itself is only read, without the keys left out.
 */
export function mergeDelta(into: MutableObject, delta: JsonObject, leftOut: ReadonlySet<string> = NONE): void {
  for (const key in delta) {
    if (leftOut.has(key)) continue;
    const piece = delta[key];
    if (piece === undefined || piece === null) into[key] ??= null;
    else if (key in into || Object.keys(into).length < MAX_ITEMS) into[key] = merged(key, into[key], piece);
  }
}

const NONE: ReadonlySet<string> = new Set();

function merged(key: string, before: unknown, piece: unknown): unknown {
  if (typeof piece === 'string') {
    if (LABELS.has(key)) return piece === '' ? (before ?? piece) : piece;
    return joinText(typeof before === 'string' ? before : '', piece);
  }
  if (Array.isArray(piece)) {
    const list: unknown[] = Array.isArray(before) ? before : [];
    addItems(list, piece);
    return list;
  }
  if (!isObject(piece)) return piece;
  const target: MutableObject = isObject(before) ? (before as MutableObject) : {};
  mergeDelta(target, piece);
  return target;
}
