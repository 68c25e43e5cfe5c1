import { isObject, type JsonObject } from './json-object.ts';

/** An object under construction. */
export type MutableObject = Record<string, unknown>;

/** Strings that a stream gives whole; some servers repeat them in every chunk. */
const LABELS = new Set(['id', 'type', 'role', 'name', 'finish_reason', 'format']);

/**
 * Adds a piece of a streamed object to what has come of it: texts are joined, lists extended, objects merged, and
 * everything else replaced, unless the piece has null. The piece itself is only read.
 */
export function mergeDelta(into: MutableObject, delta: JsonObject): void {
  for (const [key, piece] of Object.entries(delta)) {
    if (piece === undefined || piece === null) into[key] ??= null;
    else into[key] = merged(key, into[key], piece);
  }
}

function merged(key: string, before: unknown, piece: unknown): unknown {
  if (typeof piece === 'string') {
    if (LABELS.has(key)) return piece === '' ? (before ?? piece) : piece;
    return typeof before === 'string' ? before + piece : piece;
  }
  if (Array.isArray(piece)) {
    if (!Array.isArray(before)) return [...piece];
    for (const item of piece) before.push(item);
    return before;
  }
  if (!isObject(piece)) return piece;
  const target: MutableObject = isObject(before) ? (before as MutableObject) : {};
  mergeDelta(target, piece);
  return target;
}
