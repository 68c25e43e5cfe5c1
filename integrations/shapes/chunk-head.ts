import type { JsonObject } from './json-object.ts';
import type { MutableObject } from './merge-delta.ts';

/** Notes what a chunk says of the whole stream; the first one may have empty fields, and padding tells nothing. */
export function addToHead(head: MutableObject, chunk: JsonObject): void {
  for (const key in chunk) {
    const value = chunk[key];
    if (value === head[key] || value === null || value === '' || value === 0 || NO_HEAD.has(key)) continue;
    head[key] = value;
  }
}

const NO_HEAD = new Set(['choices', 'obfuscation', '__proto__']);
